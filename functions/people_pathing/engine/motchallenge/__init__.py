"""Reads detections and writes paths in the text format of the MOTChallenge.

One line describes one box: frame, person, left, top, width, height, score and three unused numbers (Dendorfer
et al., "MOTChallenge", IJCV 2021).
"""
