"""Finds the path of every person in a video file. No cloud, no state: a video in, tracks out.

    from tracking_engine import track_video

    for track in track_video("street.mp4").tracks:
        print(track.index, track.timestamps_ms[0], track.boxes[0])

Importing this package is cheap: what a name needs is loaded when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tracking_engine.detect import detect_segment as detect_segment
    from tracking_engine.detection import Detections as Detections
    from tracking_engine.detection import concatenate as concatenate
    from tracking_engine.detector import Detector as Detector
    from tracking_engine.detector import DetectorError as DetectorError
    from tracking_engine.detector import load_detector as load_detector
    from tracking_engine.faces import FaceDetector as FaceDetector
    from tracking_engine.faces import load_face_detector as load_face_detector
    from tracking_engine.frames import plan_segments as plan_segments
    from tracking_engine.frames import read_metadata as read_metadata
    from tracking_engine.models import ModelError as ModelError
    from tracking_engine.track import Track as Track
    from tracking_engine.track import TrackingResult as TrackingResult
    from tracking_engine.track import mot_rows as mot_rows
    from tracking_engine.tracker import Steps as Steps
    from tracking_engine.tracker import around as around
    from tracking_engine.tracker import link_detections as link_detections
    from tracking_engine.tracker import plan_spans as plan_spans
    from tracking_engine.tracker import track_span as track_span
    from tracking_engine.tracking import track_video as track_video
    from tracking_engine.video import Segment as Segment
    from tracking_engine.video import VideoError as VideoError
    from tracking_engine.video import VideoMetadata as VideoMetadata
    from tracking_engine.video import VideoSource as VideoSource

_MODULES = {
    "Detections": "detection",
    "Detector": "detector",
    "DetectorError": "detector",
    "FaceDetector": "faces",
    "ModelError": "models",
    "Segment": "video",
    "Steps": "tracker",
    "Track": "track",
    "TrackingResult": "track",
    "VideoError": "video",
    "VideoMetadata": "video",
    "VideoSource": "video",
    "around": "tracker",
    "concatenate": "detection",
    "detect_segment": "detect",
    "link_detections": "tracker",
    "load_detector": "detector",
    "load_face_detector": "faces",
    "mot_rows": "track",
    "plan_segments": "frames",
    "plan_spans": "tracker",
    "read_metadata": "frames",
    "track_span": "tracker",
    "track_video": "tracking",
}

__all__ = sorted(_MODULES)


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)


def __dir__() -> list[str]:
    return list(__all__)
