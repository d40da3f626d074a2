"""Turns the detections of a video into one path per person.

`association` finds, for each detection, the next one of the same person. `linking` joins the resulting
tracklets across gaps, and `paths` drops doubtful ones, fills the gaps and smooths the rest.
"""
