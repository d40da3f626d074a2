"""Tables of one video: observations, people and events, row by row."""
