"""Counts the people in stored results, with the zones file that applies to the video."""
