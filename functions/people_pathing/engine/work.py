"""Estimates how long decoding and detection take, and plans segments by it.

All rates are processor seconds of one thread. They were measured with `python -m benchmarks.work` on one core
of an Intel Xeon (Sapphire Rapids) and doubled, because the slowest processors of AWS Lambda are about half as
fast. A segment has nearly two processors, so it usually takes a quarter of its estimate.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

from people_pathing.engine.faces.search import MAX_FACES
from people_pathing.engine.interfaces import Detector
from people_pathing.engine.sampling import sampling_step
from people_pathing.engine.video import Segment, VideoError, VideoSummary, cut

PACKET_S = 0.2e-3
"""What Python and FFmpeg do for a packet of any size."""
DECODED_PIXEL_S = 8e-9
"""Measured on pictures that compress well: 2.0 (H.264), 1.8 (HEVC, 10 bits), 3.3 (VP9) and 1.5 ns (AV1)."""
DECODED_BYTE_S = 170e-9
"""Measured on noise, which is the worst case: 66 (H.264), 85 (HEVC), 77 (VP9) and 53 ns (AV1)."""
SCALED_PIXEL_S = 5e-9
"""Measured: up to 2.3 ns for each pixel of the larger of frame and scaled image."""
FACE_S = 6e-3
"""Measured: 1.7 ms for the network, and 1.0 ms to cut out and scale the region of a head."""
UNKNOWN_PIXEL_S = 180e-9
"""For each pixel of the input of a detector that states no rate: that of YOLOX-nano."""

USUAL_FACES = 20
"""Faces per frame for which segments are planned. Even MAX_FACES do not exceed LONGEST_S."""
USUAL_S = 60.0
"""Work in a segment, unless that would be too many segments."""
LONGEST_S = 300.0
"""Most work for which a segment is planned: a third of the 900 seconds that a function may run."""
STOP_S = 750.0
"""Work after which a segment is given up. Only a file with wrong times or rates gets that far."""

HIGHEST_RATE = 240.0
"""Frames per second above which a stated rate is not believed."""


@dataclass(frozen=True, slots=True)
class FrameWork:
    """How long the frames of a video take with certain settings, in seconds of one thread.

    Attributes:
        packet_s: decoding one frame.
        usual_sample_s: searching one sampled frame.
        longest_sample_s: searching one sampled frame that is full of people.
        sample_fps: sampled frames per second; see `sampling.sampling_step`.
    """

    packet_s: float
    usual_sample_s: float
    longest_sample_s: float
    sample_fps: float | None


class WorkMeter:
    """Adds up the work of one segment, and stops a segment whose file is not what the plan was made for."""

    def __init__(self, work: FrameWork, name: str) -> None:
        """Starts at zero. `name` is that of the video, for the error message."""
        self._work = work
        self._name = name
        self._spent_s = 0.0

    def add_packet(self, size_bytes: int) -> None:
        """Counts a packet. Raises VideoError if the segment takes too long."""
        self._add(self._work.packet_s + size_bytes * DECODED_BYTE_S)

    def add_sample(self) -> None:
        """Counts a sampled frame. Raises VideoError if the segment takes too long."""
        self._add(self._work.longest_sample_s)

    def _add(self, seconds: float) -> None:
        self._spent_s += seconds
        if self._spent_s > STOP_S:
            raise VideoError(
                f"{self._name}: a part of it takes far longer than its stated duration and frame rate "
                "suggest; rewrite it with correct times and more key frames: "
                "ffmpeg -i IN -r 30 -g 60 OUT.mp4"
            )


def frame_work(
    detector: Detector, width_px: int, height_px: int, *, with_faces: bool, sample_fps: float | None
) -> FrameWork:
    """Estimates the work for each frame of the given displayed size."""
    pixels = width_px * height_px
    input_width_px, input_height_px = detector.input_size(width_px, height_px)
    pixel_s: float = getattr(detector, "pixel_s", UNKNOWN_PIXEL_S)
    input_pixels = input_width_px * input_height_px
    detection_s = max(pixels, input_pixels) * SCALED_PIXEL_S + input_pixels * pixel_s
    picture_s = pixels * SCALED_PIXEL_S if with_faces else 0.0
    usual_faces, most_faces = (USUAL_FACES, MAX_FACES) if with_faces else (0, 0)
    return FrameWork(
        packet_s=PACKET_S + pixels * DECODED_PIXEL_S,
        usual_sample_s=detection_s + picture_s + usual_faces * FACE_S,
        longest_sample_s=detection_s + picture_s + most_faces * FACE_S,
        sample_fps=sample_fps,
    )


def plan_by_work(
    video: VideoSummary, work: FrameWork, *, segment_s: float, max_segments: int
) -> tuple[Segment, ...]:
    """Cuts a video into segments, none of which takes longer than LONGEST_S.

    Args:
        video: the video.
        work: the work for each frame.
        segment_s: longest duration of a segment in seconds, if there are not too many.
        max_segments: most segments.

    Raises:
        VideoError: No plan keeps within the limits. The message says why, and what would be possible.
    """
    name, duration_s = video.name, video.metadata.duration_ms / 1000
    rate = min(video.metadata.frame_rate, HIGHEST_RATE)
    sampled_rate = rate / sampling_step(rate, work.sample_fps)
    decoding_s = duration_s * rate * work.packet_s + video.size_bytes * DECODED_BYTE_S
    usual_s = decoding_s + duration_s * sampled_rate * work.usual_sample_s
    longest_s = decoding_s + duration_s * sampled_rate * work.longest_sample_s
    if not video.is_seekable:
        if longest_s > LONGEST_S:
            raise VideoError(
                f"{name}: FFmpeg cannot start in the middle of such a file ({video.metadata.format}), and at "
                f"{duration_s:.0f} s it is too long to be read in one go; rewrite it: ffmpeg -i IN OUT.mp4"
            )
        return cut(video.metadata.duration_ms, 1)
    # A segment is decoded from the key frame before it on.
    lead_s = (video.key_interval_s or 0.0) * rate * work.packet_s
    if lead_s > LONGEST_S / 2:
        raise VideoError(
            f"{name}: its key frames are up to {video.key_interval_s:.0f} s apart, too far to start decoding "
            "in the middle; rewrite it with more of them: ffmpeg -i IN -g 60 OUT.mp4"
        )
    count = max(
        ceil(duration_s / segment_s), ceil(usual_s / USUAL_S), ceil(longest_s / (LONGEST_S - lead_s)), 1
    )
    count = min(count, max_segments)
    if longest_s / count + lead_s > LONGEST_S:
        possible_s = duration_s * max_segments * (LONGEST_S - lead_s) / longest_s
        raise VideoError(
            f"{name}: {_clock(duration_s)} of {video.metadata.frame_width}x"
            f"{video.metadata.frame_height} pixels is too much work; with these settings of the service, "
            f"{_clock(possible_s)} is possible; cut the video into parts, or make it smaller"
        )
    return cut(video.metadata.duration_ms, count)


def _clock(seconds: float) -> str:
    """Returns a duration as hours, minutes and seconds, for example "1:02:30"."""
    minutes, rest_s = divmod(int(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{rest_s:02}"
