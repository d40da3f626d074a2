"""Finds the path of every person in a video file. No cloud, no state: a video in, tracks out.

    from people_pathing.engine import track_video

    for track in track_video("street.mp4").tracks:
        print(track.index, track.timestamps_ms[0], track.boxes[0])

Importing this package is cheap: what a name needs is loaded when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from people_pathing.engine.decoding import plan_segments as plan_segments
    from people_pathing.engine.decoding import read_metadata as read_metadata
    from people_pathing.engine.detections import Detections as Detections
    from people_pathing.engine.detections import concatenate as concatenate
    from people_pathing.engine.detector import Detector as Detector
    from people_pathing.engine.detector import DetectorError as DetectorError
    from people_pathing.engine.detector import load_detector as load_detector
    from people_pathing.engine.faces.search import FaceDetector as FaceDetector
    from people_pathing.engine.faces.search import load_face_detector as load_face_detector
    from people_pathing.engine.models import ModelError as ModelError
    from people_pathing.engine.segments import detect_segment as detect_segment
    from people_pathing.engine.tracking.association import Successors as Successors
    from people_pathing.engine.tracking.association import around as around
    from people_pathing.engine.tracking.association import associate_window as associate_window
    from people_pathing.engine.tracking.association import link_detections as link_detections
    from people_pathing.engine.tracking.association import plan_windows as plan_windows
    from people_pathing.engine.tracks import Track as Track
    from people_pathing.engine.tracks import TrackingResult as TrackingResult
    from people_pathing.engine.tracks import mot_rows as mot_rows
    from people_pathing.engine.video import Segment as Segment
    from people_pathing.engine.video import VideoError as VideoError
    from people_pathing.engine.video import VideoMetadata as VideoMetadata
    from people_pathing.engine.video import VideoSource as VideoSource
    from people_pathing.engine.whole_video import track_video as track_video

_MODULES = {
    "Detections": "detections",
    "Detector": "detector",
    "DetectorError": "detector",
    "FaceDetector": "faces.search",
    "ModelError": "models",
    "Segment": "video",
    "Successors": "tracking.association",
    "Track": "tracks",
    "TrackingResult": "tracks",
    "VideoError": "video",
    "VideoMetadata": "video",
    "VideoSource": "video",
    "around": "tracking.association",
    "concatenate": "detections",
    "detect_segment": "segments",
    "link_detections": "tracking.association",
    "load_detector": "detector",
    "load_face_detector": "faces.search",
    "mot_rows": "tracks",
    "plan_segments": "decoding",
    "plan_windows": "tracking.association",
    "read_metadata": "decoding",
    "associate_window": "tracking.association",
    "track_video": "whole_video",
}

__all__ = sorted(_MODULES)


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)


def __dir__() -> list[str]:
    return list(__all__)
