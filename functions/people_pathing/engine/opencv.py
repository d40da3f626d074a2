"""Imports OpenCV and explains how to repair an installation that cannot load it."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

from people_pathing.engine.errors import DetectorError

INSTALL_HEADLESS = "pip uninstall -y opencv-python && pip install 'opencv-python-headless<5'"
"""OpenCV 5 moved the HOG detector to another module, so the requirement stays below 5."""


def cv2_module() -> ModuleType:
    """Returns the `cv2` module.

    Raises:
        DetectorError: OpenCV is not installed, or a shared library is missing, usually libGL, which only
            `opencv-python` needs. The message gives the command that installs the headless wheel.
    """
    try:
        return import_module("cv2")
    except ImportError as error:
        if error.name != "cv2" and ".so" not in str(error):
            raise
        raise DetectorError(
            f"OpenCV cannot be loaded ({error}). Install the headless wheel, which needs no display library: "
            f"{INSTALL_HEADLESS}"
        ) from error
