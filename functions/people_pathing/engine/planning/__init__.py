"""How much work a video is, and how it is divided into segments that a function can do in time."""
