"""Imports OpenCV and explains how to repair an installation that lacks the system's display libraries."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

from people_pathing.engine.errors import DetectorError

INSTALL_HEADLESS = "pip uninstall -y opencv-python && pip install 'opencv-python-headless<5'"
"""OpenCV 5 moved the HOG detector to another module, so the requirement stays below 5."""


def cv2_module() -> ModuleType:
    """Returns the `cv2` module.

    Raises:
        DetectorError: A shared library is missing, usually libGL, which only `opencv-python` needs. The
            message gives the command that installs the headless wheel.
    """
    try:
        return import_module("cv2")
    except ImportError as error:
        if ".so" not in str(error):
            raise
        raise DetectorError(
            f"OpenCV cannot be loaded ({error}). The headless wheel does not need this library: "
            f"{INSTALL_HEADLESS}"
        ) from error
