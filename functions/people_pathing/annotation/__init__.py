"""Draws the results of a video into a copy of it: boxes, trails, zones, counts and blur."""
