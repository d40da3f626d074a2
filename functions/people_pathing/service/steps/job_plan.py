"""The plan of a job: what the video is, and which parts of it are worked on in parallel."""

from __future__ import annotations

from dataclasses import dataclass

from people_pathing.engine.video import Segment, VideoMetadata
from people_pathing.results.provenance import Provenance


@dataclass(frozen=True, slots=True)
class JobPlan:
    """The result of planning, which every later worker step of the job reads.

    Attributes:
        metadata: the video's metadata.
        segments: one detect step runs for each.
        windows: one associate step runs for each. Empty if the video is short: the link step then associates.
        provenance: how the result is made, as far as it is known before people are detected.
        masks: areas that are never analysed, each a polygon of (x, y) in ratios of the frame.
    """

    metadata: VideoMetadata
    segments: tuple[Segment, ...]
    windows: tuple[Segment, ...]
    provenance: Provenance
    masks: tuple[tuple[tuple[float, ...], ...], ...] = ()
