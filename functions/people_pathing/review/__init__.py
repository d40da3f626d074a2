"""Tracks that were reviewed in CVAT: which frames it numbers, and how its tracks become result files."""
