"""Person detectors: one module or package each, listed and loaded by `registries.DETECTORS`.

A module offers what `registries.DetectorModule` describes.
"""
