"""Finds the path of every person in a video file. It needs no cloud service and keeps no state.

    from people_pathing.engine import track_video

    for track in track_video("street.mp4"):
        print(track.index, track.timestamps_ms[0], track.boxes[0])

Importing this package is cheap: the module of a name is loaded when the name is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from people_pathing.engine.decoding import read_metadata as read_metadata
    from people_pathing.engine.decoding import summarize as summarize
    from people_pathing.engine.detections import Detections as Detections
    from people_pathing.engine.detections import concatenate as concatenate
    from people_pathing.engine.errors import DetectorError as DetectorError
    from people_pathing.engine.errors import ModelError as ModelError
    from people_pathing.engine.interfaces import Detector as Detector
    from people_pathing.engine.interfaces import FaceDetector as FaceDetector
    from people_pathing.engine.interfaces import FrameDetections as FrameDetections
    from people_pathing.engine.interfaces import FrameFaces as FrameFaces
    from people_pathing.engine.interfaces import Reidentifier as Reidentifier
    from people_pathing.engine.planning.plan import plan_by_work as plan_by_work
    from people_pathing.engine.planning.work import FrameWork as FrameWork
    from people_pathing.engine.planning.work import WorkMeter as WorkMeter
    from people_pathing.engine.planning.work import frame_work as frame_work
    from people_pathing.engine.segments import detect_segment as detect_segment
    from people_pathing.engine.segments import plan_segments as plan_segments
    from people_pathing.engine.selection import load_detector as load_detector
    from people_pathing.engine.selection import load_face_detector as load_face_detector
    from people_pathing.engine.selection import load_reidentifier as load_reidentifier
    from people_pathing.engine.tracking.association import Successors as Successors
    from people_pathing.engine.tracking.association import associate_window as associate_window
    from people_pathing.engine.tracking.association import needed_interval_us as needed_interval_us
    from people_pathing.engine.tracking.association import plan_windows as plan_windows
    from people_pathing.engine.tracking.paths import link_detections as link_detections
    from people_pathing.engine.tracking.settings import CameraSettings as CameraSettings
    from people_pathing.engine.tracking.settings import LinkSettings as LinkSettings
    from people_pathing.engine.tracking.settings import TrackerSettings as TrackerSettings
    from people_pathing.engine.tracks import Track as Track
    from people_pathing.engine.tracks import TrackDetection as TrackDetection
    from people_pathing.engine.tracks import TrackingResult as TrackingResult
    from people_pathing.engine.video import Segment as Segment
    from people_pathing.engine.video import VideoError as VideoError
    from people_pathing.engine.video import VideoMetadata as VideoMetadata
    from people_pathing.engine.video import VideoSource as VideoSource
    from people_pathing.engine.video import VideoSummary as VideoSummary
    from people_pathing.engine.whole_video import track_detections as track_detections
    from people_pathing.engine.whole_video import track_video as track_video

_MODULES = {
    "CameraSettings": "tracking.settings",
    "Detections": "detections",
    "Detector": "interfaces",
    "DetectorError": "errors",
    "FaceDetector": "interfaces",
    "FrameFaces": "interfaces",
    "FrameDetections": "interfaces",
    "FrameWork": "planning.work",
    "LinkSettings": "tracking.settings",
    "ModelError": "errors",
    "Reidentifier": "interfaces",
    "Segment": "video",
    "Successors": "tracking.association",
    "Track": "tracks",
    "TrackDetection": "tracks",
    "TrackerSettings": "tracking.settings",
    "TrackingResult": "tracks",
    "VideoError": "video",
    "VideoMetadata": "video",
    "VideoSource": "video",
    "VideoSummary": "video",
    "WorkMeter": "planning.work",
    "associate_window": "tracking.association",
    "concatenate": "detections",
    "detect_segment": "segments",
    "frame_work": "planning.work",
    "link_detections": "tracking.paths",
    "load_detector": "selection",
    "load_face_detector": "selection",
    "load_reidentifier": "selection",
    "needed_interval_us": "tracking.association",
    "plan_by_work": "planning.plan",
    "plan_segments": "segments",
    "plan_windows": "tracking.association",
    "read_metadata": "decoding",
    "summarize": "decoding",
    "track_detections": "whole_video",
    "track_video": "whole_video",
}
"""The module of each public name. The imports above give type checkers the same names."""

__all__ = sorted(_MODULES)


def __getattr__(name: str) -> Any:
    """Loads a public name on first use."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)


def __dir__() -> list[str]:
    """Returns the public names."""
    return list(__all__)
