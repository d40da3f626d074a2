"""Estimates how long decoding and detection take, and counts the work while it is done.

All rates are processor seconds of one thread. They were measured with `python -m benchmarks.work` on one core
of an Intel Xeon (Sapphire Rapids) and doubled, because the slowest processors of AWS Lambda are about half as
fast. A segment has nearly two processors, so it usually takes a quarter of its estimate.
"""

from __future__ import annotations

from dataclasses import dataclass

from people_pathing.engine.detect_step.people import MAX_EMBEDDED
from people_pathing.engine.detect_step.schedule import EMBEDDING_US
from people_pathing.engine.faces.search import MAX_FACES
from people_pathing.engine.interfaces import Detector, Reidentifier
from people_pathing.engine.sampling import search_interval
from people_pathing.engine.video import VideoError

PACKET_S = 0.2e-3
"""What Python and FFmpeg do for a packet of any size."""
DECODED_PIXEL_S = 8e-9
"""Measured on pictures that compress well: at most 3.3 ns (VP9; H.264 and HEVC take 2)."""
DECODED_BYTE_S = 170e-9
"""Measured on noise, which is the worst case: at most 86 ns (HEVC; H.264 takes 70)."""
SCALED_PIXEL_S = 5e-9
"""Measured: up to 2.3 ns for each pixel of the larger of frame and scaled image."""
GREY_PIXEL_S = 1e-9
"""Measured: up to 0.5 ns for each pixel of a frame whose small grey image is made."""
USUAL_COMPARISON_S = 6e-3
LONGEST_COMPARISON_S = 16e-3
"""Measured: 1 to 3 ms to compare a small image with the one before, and up to 8 ms if the camera moves and a
scene cut is suspected."""
FACE_S = 6e-3
"""Measured: 1.7 ms for the network, and 1.0 ms to cut out and scale the region of a head."""
UNKNOWN_PIXEL_S = 180e-9
"""For each pixel of the input of a detector that states no rate: that of YOLOX-nano."""
UNKNOWN_CROP_S = 22e-3
"""For each person that a reidentifier of an unstated rate describes: that of OmniScaleNet."""

USUAL_EMBEDDED = 15
"""People in a frame whose embeddings a plan expects. It allows for MAX_EMBEDDED."""
USUAL_FACES = 20
"""Faces per frame that a plan expects. It allows for MAX_FACES."""
STOP_S = 750.0
"""Work after which a segment is given up. Only a file with wrong times or rates gets that far."""


@dataclass(frozen=True, slots=True)
class FrameWork:
    """How long the frames of a video take with certain settings, in seconds of one thread.

    Attributes:
        packet_s: decoding one frame.
        usual_search_s: searching one frame.
        longest_search_s: searching one frame that is full of people.
        sample_fps: sampled frames per second; see `sampling.sampling_step`.
        usual_comparison_s: comparing one sampled frame with those before it.
        longest_comparison_s: the same if the camera moves and the scene may change.
        usual_embedding_s: embeddings in one frame; one frame in each EMBEDDING_US gets them.
        longest_embedding_s: the same in a frame that is full of people.
        with_faces: whether faces are detected, for which every sampled frame is searched.
    """

    packet_s: float
    usual_search_s: float
    longest_search_s: float
    sample_fps: float | None
    usual_comparison_s: float = 0.0
    longest_comparison_s: float = 0.0
    usual_embedding_s: float = 0.0
    longest_embedding_s: float = 0.0
    with_faces: bool = False

    def usual_second_s(self, sampled_fps: float) -> float:
        """Returns the usual work for each second of video, without decoding."""
        interval = search_interval(sampled_fps, sample_fps=self.sample_fps, with_faces=self.with_faces)
        embedded_fps = min(sampled_fps, 1_000_000 / EMBEDDING_US)
        return (
            sampled_fps * (self.usual_comparison_s + self.usual_search_s / interval)
            + embedded_fps * self.usual_embedding_s
        )

    def longest_second_s(self, sampled_fps: float) -> float:
        """Returns the most work for a second of video, without decoding: every sampled frame is searched."""
        embedded_fps = min(sampled_fps, 1_000_000 / EMBEDDING_US)
        return (
            sampled_fps * (self.longest_comparison_s + self.longest_search_s)
            + embedded_fps * self.longest_embedding_s
        )


UNKNOWN_FRAMES = FrameWork(PACKET_S, 0.0, 0.0, None)
"""Frames of a video that is not described yet: only their packets count."""


class WorkMeter:
    """Adds up the work of one segment, and stops a segment whose file is not as the plan expects."""

    def __init__(self, work: FrameWork, name: str) -> None:
        """Starts at zero. `name` is that of the video, for the error message."""
        self._work = work
        self._name = name
        self._spent_s = 0.0
        self._embedding_interval: int | None = None

    def add_packet(self, size_bytes: int) -> None:
        """Counts a packet. Raises VideoError if the segment takes too long."""
        self._add(self._work.packet_s + size_bytes * DECODED_BYTE_S)

    def add_sample(self, timestamp_us: int) -> None:
        """Counts a sampled frame of the given time. Raises VideoError if the segment takes too long."""
        self._add(self._work.longest_comparison_s + self._work.longest_search_s)
        interval = timestamp_us // EMBEDDING_US
        if interval != self._embedding_interval:
            self._embedding_interval = interval
            self._add(self._work.longest_embedding_s)

    def _add(self, seconds: float) -> None:
        self._spent_s += seconds
        if self._spent_s > STOP_S:
            raise VideoError(
                f"{self._name}: a part of it takes far longer than its stated duration and frame rate "
                "suggest; rewrite it with correct times and more key frames: "
                "ffmpeg -i IN -r 30 -g 60 OUT.mp4"
            )


def frame_work(
    detector: Detector,
    width_px: int,
    height_px: int,
    *,
    with_faces: bool,
    sample_fps: float | None,
    reidentifier: Reidentifier | None = None,
) -> FrameWork:
    """Estimates the work for each frame of the given displayed size."""
    pixels = width_px * height_px
    input_width_px, input_height_px = detector.input_size(width_px, height_px)
    pixel_s: float = getattr(detector, "pixel_s", UNKNOWN_PIXEL_S)
    input_pixels = input_width_px * input_height_px
    detection_s = max(pixels, input_pixels) * SCALED_PIXEL_S + input_pixels * pixel_s
    picture_s = pixels * SCALED_PIXEL_S if with_faces else 0.0
    crop_s: float = getattr(reidentifier, "crop_s", UNKNOWN_CROP_S)
    # A frame with embeddings is also scaled to its full size.
    embedded_picture_s = pixels * SCALED_PIXEL_S
    usual_faces, most_faces = (USUAL_FACES, MAX_FACES) if with_faces else (0, 0)
    return FrameWork(
        packet_s=PACKET_S + pixels * DECODED_PIXEL_S,
        usual_search_s=detection_s + picture_s + usual_faces * FACE_S,
        longest_search_s=detection_s + picture_s + most_faces * FACE_S,
        sample_fps=sample_fps,
        usual_comparison_s=pixels * GREY_PIXEL_S + USUAL_COMPARISON_S,
        longest_comparison_s=pixels * GREY_PIXEL_S + LONGEST_COMPARISON_S,
        usual_embedding_s=embedded_picture_s + USUAL_EMBEDDED * crop_s if reidentifier else 0.0,
        longest_embedding_s=embedded_picture_s + MAX_EMBEDDED * crop_s if reidentifier else 0.0,
        with_faces=with_faces,
    )
