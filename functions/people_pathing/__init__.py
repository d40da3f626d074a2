"""Finds the path of every person in a video.

    from people_pathing import track_video

    for track in track_video("street.mp4"):
        print(track.index, track.timestamps_ms[0], track.boxes[0])

This module is part of every Lambda function, and most of them never track anything. It therefore loads a
name's module when the name is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from people_pathing.annotation.choices import AllBut as AllBut
    from people_pathing.annotation.choices import Layers as Layers
    from people_pathing.annotation.errors import AnnotationError as AnnotationError
    from people_pathing.annotation.whole_video import AnnotatedVideo as AnnotatedVideo
    from people_pathing.annotation.whole_video import annotate_video as annotate_video
    from people_pathing.engine import CameraSettings as CameraSettings
    from people_pathing.engine import DetectorError as DetectorError
    from people_pathing.engine import LinkSettings as LinkSettings
    from people_pathing.engine import ModelError as ModelError
    from people_pathing.engine import Track as Track
    from people_pathing.engine import TrackDetection as TrackDetection
    from people_pathing.engine import TrackerSettings as TrackerSettings
    from people_pathing.engine import TrackingResult as TrackingResult
    from people_pathing.engine import VideoError as VideoError
    from people_pathing.engine import VideoMetadata as VideoMetadata
    from people_pathing.engine import load_detector as load_detector
    from people_pathing.engine import load_face_detector as load_face_detector
    from people_pathing.engine import load_reidentifier as load_reidentifier
    from people_pathing.engine import read_metadata as read_metadata
    from people_pathing.engine import track_detections as track_detections
    from people_pathing.engine import track_video as track_video

__version__ = "0.1.0"

_ENGINE_NAMES = (
    "CameraSettings",
    "DetectorError",
    "LinkSettings",
    "ModelError",
    "Track",
    "TrackDetection",
    "TrackerSettings",
    "TrackingResult",
    "VideoError",
    "VideoMetadata",
    "load_detector",
    "load_face_detector",
    "load_reidentifier",
    "read_metadata",
    "track_detections",
    "track_video",
)

_ANNOTATION_MODULES = {
    "AllBut": "choices",
    "AnnotatedVideo": "whole_video",
    "AnnotationError": "errors",
    "Layers": "choices",
    "annotate_video": "whole_video",
}

__all__ = [*_ANNOTATION_MODULES, *_ENGINE_NAMES, "__version__"]


def __getattr__(name: str) -> object:
    """Loads a public name when it is first used."""
    if name in _ENGINE_NAMES:
        from people_pathing import engine

        return getattr(engine, name)
    if name in _ANNOTATION_MODULES:
        return getattr(import_module(f"people_pathing.annotation.{_ANNOTATION_MODULES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    """Lists the public names."""
    return sorted(__all__)
