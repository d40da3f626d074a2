"""Cuts a video into segments by the work that its frames take."""

from __future__ import annotations

from math import ceil

from people_pathing.engine.detect_step.schedule import widening_us
from people_pathing.engine.planning.work import DECODED_BYTE_S, FrameWork
from people_pathing.engine.sampling import sampling_step
from people_pathing.engine.video import Segment, VideoError, VideoSummary, cut

USUAL_S = 60.0
"""Work in a segment, unless that would be too many segments."""
LONGEST_S = 300.0
"""Most work in a usual segment: a third of the 900 seconds that a function may run."""
MOST_S = 725.0
"""Most work in a segment whose frames are full of faces, or in a video that cannot be divided. With two
processors, that takes about 400 seconds."""


def plan_by_work(
    video: VideoSummary, work: FrameWork, *, segment_s: float, max_segments: int
) -> tuple[Segment, ...]:
    """Cuts a video into segments that a function can search in time.

    Args:
        video: the video.
        work: the work for each frame.
        segment_s: longest duration of a segment in seconds, if there are not too many.
        max_segments: most segments.

    Raises:
        VideoError: No plan keeps within the limits. The message says why, and what would be possible.
    """
    name, duration_s = video.name, video.metadata.duration_ms / 1000
    rate = video.metadata.frame_rate
    sampled_rate = rate / sampling_step(rate, work.sample_fps)
    decoding_s = duration_s * rate * work.packet_s + video.size_bytes * DECODED_BYTE_S
    usual_s = decoding_s + duration_s * work.usual_second_s(sampled_rate)
    longest_s = decoding_s + duration_s * work.longest_second_s(sampled_rate)
    if not video.is_seekable:
        if longest_s > MOST_S:
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
    # Frames around a segment are decoded and compared, too.
    wider_s = min(widening_us(sampled_rate) / 1_000_000, duration_s)
    lead_s += wider_s * (rate * work.packet_s + sampled_rate * work.usual_comparison_s)
    if lead_s > LONGEST_S / 2:
        raise VideoError(
            f"{name}: with {sampled_rate:.2g} sampled frames per second, {wider_s:.0f} s around each part of "
            "the video are decoded, which takes too long; sample more frames, or make the video smaller"
        )
    needed = max(usual_s / (LONGEST_S - lead_s), longest_s / (MOST_S - lead_s))
    count = min(max(ceil(duration_s / segment_s), ceil(usual_s / USUAL_S), ceil(needed), 1), max_segments)
    if needed > max_segments:
        possible_s = duration_s * max_segments / needed
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
