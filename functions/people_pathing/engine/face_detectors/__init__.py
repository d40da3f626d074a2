"""Face detectors: one module each, listed and loaded by `selection.FACE_DETECTORS`.

A module offers what `selection.FaceDetectorModule` describes.
"""
