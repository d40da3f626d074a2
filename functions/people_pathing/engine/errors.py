"""The errors that detectors and model files raise. They are separate because reading them needs no NumPy."""

from __future__ import annotations


class DetectorError(Exception):
    """A detector cannot be created. The message names the file or setting and says what would be right."""


class ModelError(DetectorError):
    """A model file is unknown, missing or not the pinned one. The message names it and gives the reason."""
