"""Person detectors: one module or package each, listed and loaded by `selection.DETECTORS`.

A module offers what `selection.DetectorModule` describes.
"""
