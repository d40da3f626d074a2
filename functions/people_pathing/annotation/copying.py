"""Copies the frames of a video, one at a time, and draws into each."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from people_pathing.annotation.drawing.frame import FrameDrawing
from people_pathing.annotation.encoding.sound import SoundTrack
from people_pathing.annotation.encoding.webm import WebmFile
from people_pathing.engine.decoding import VideoDecoder
from people_pathing.engine.video import Segment

if TYPE_CHECKING:
    from people_pathing.engine.models import Progress

WHOLE = Segment(index=0, start_us=0, end_us=None)


def copy_frames(
    decoder: VideoDecoder, drawing: FrameDrawing, file: WebmFile, on_progress: Progress | None
) -> int:
    """Copies all frames of a video.

    Args:
        decoder: the video.
        drawing: draws into the frames.
        file: where they go.
        on_progress: receives the share of the work that is done, 0..1.

    Returns:
        How many frames were written.
    """
    duration_us = max(1, decoder.metadata.duration_ms * 1000)
    count = 0
    for frame in decoder.frames(WHOLE, math.inf):
        if not frame.is_sampled:
            # A frame with the same time as the one before is never visible.
            continue
        image = decoder.image(frame, decoder.width_px, decoder.height_px)
        if not image.flags.writeable:
            image = image.copy()
        # Results round times down to milliseconds, too.
        at_ms = frame.timestamp_us // 1000
        drawing.draw(image, at_ms)
        count += file.write(image, at_ms)
        if on_progress:
            on_progress(min(1.0, frame.timestamp_us / duration_us))
    if on_progress:
        on_progress(1.0)
    return count


@contextmanager
def copied_sound(source: Path, decoder: VideoDecoder) -> Iterator[SoundTrack | None]:
    """Opens the sound of a video, and closes it at the end of the `with` block. Yields None for none."""
    with source.open("rb") as file:
        sound = SoundTrack(file, str(source), decoder.start_s)
        try:
            yield sound if sound.is_there else None
        finally:
            sound.close()


def missing_parts(decoder: VideoDecoder, sound: SoundTrack | None) -> tuple[str, ...]:
    """Returns sentences about what the copy does not have. Call it after `copy_frames`."""
    found = []
    if lost := decoder.lost_frame_count(WHOLE):
        found.append(f"{lost} frames of the video are damaged and missing in the copy")
    if sound is not None and sound.track_count > 1:
        found.append(f"the video has {sound.track_count} sound tracks; only one of them was copied")
    return tuple(found)
