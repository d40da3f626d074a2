"""MOTChallenge: one line per person and frame; see `engine.motchallenge`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from people_pathing.engine.motchallenge.writing import MotRow, write_rows
from people_pathing.exports import ExportError, ExportSource

if TYPE_CHECKING:
    from people_pathing.results.stored_result import StoredResult

SUMMARY = "MOTChallenge rows: of every frame if the video is tracked now, of the reported frames otherwise"
FILE_NAME = "mot.txt"

UNKNOWN_SCORE = 1
"""Result files have no scores. Readers of MOTChallenge files take 1 as "this box counts"."""


def write(source: ExportSource, path: Path) -> None:
    """Writes a MOTChallenge result file. The file is complete or it is not there.

    Result files have times instead of frame numbers. The numbers that are computed from them are right for
    videos with a constant frame rate.

    Raises:
        ExportError: the frame rate or the frame size of the video is unknown.
    """
    if source.tracking is not None:
        source.tracking.save_mot(path)
    else:
        write_rows(_rows(source.stored), path)


def _rows(stored: StoredResult) -> Iterator[MotRow]:
    """Yields a row for each observation that has a box, by person and then by frame."""
    if not (stored.frame_rate > 0 and stored.frame_width_px and stored.frame_height_px):
        raise ExportError(
            f"the frame rate or the frame size of {stored.video} is unknown: MOTChallenge rows need both"
        )
    width_px, height_px = stored.frame_width_px, stored.frame_height_px
    for observation in stored.observations():
        if observation.box is not None:
            box = observation.box
            yield MotRow(
                # Times are rounded down. Half a millisecond more is closest to the same frame again.
                frame=round((observation.timestamp_ms + 0.5) * stored.frame_rate / 1000) + 1,
                person=observation.person_index + 1,
                left=box.left * width_px,
                top=box.top * height_px,
                width=box.width * width_px,
                height=box.height * height_px,
                score=UNKNOWN_SCORE,
            )
