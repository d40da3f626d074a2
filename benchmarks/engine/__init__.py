"""Accuracy and cost of the engine: on labelled videos, part by part, and beside other trackers."""
