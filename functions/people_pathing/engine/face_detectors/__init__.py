"""Face detectors: one module each, listed and loaded by `registries.FACE_DETECTORS`.

A module offers what `registries.NetworkModule` describes.
"""
