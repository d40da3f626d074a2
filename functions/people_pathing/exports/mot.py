"""MOTChallenge: one line per person and frame; see `engine.motchallenge`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from people_pathing.engine.motchallenge.writing import MotRow, write_rows
from people_pathing.exports import NOTHING, ExportSource, require_frames

if TYPE_CHECKING:
    from people_pathing.results.stored_result import StoredResult

SUMMARY = "MOTChallenge rows: of every frame if the video is tracked now, of the reported frames otherwise"
FILE_NAME = "mot.txt"
NEEDS = NOTHING

UNKNOWN_SCORE = 1
"""Result files have no scores. Readers of MOTChallenge files take 1 as "this box counts"."""


def write(source: ExportSource, path: Path) -> None:
    """Writes a MOTChallenge result file. The file is complete or it is not there.

    Raises:
        ExportError: the frame rate or the frame size of the video is unknown.
    """
    if source.tracking is not None:
        source.tracking.save_mot(path)
    else:
        write_rows(_rows(source.stored), path)


def _rows(stored: StoredResult) -> Iterator[MotRow]:
    """Yields a row for each observation that has a box, by person and then by frame."""
    require_frames(stored)
    for observation in stored.observations():
        if observation.box is not None:
            box, frame = observation.box, stored.frame_number(observation.timestamp_ms)
            assert frame is not None
            yield MotRow(
                frame=frame + 1,
                person=observation.person_index + 1,
                left=box.left * stored.frame_width_px,
                top=box.top * stored.frame_height_px,
                width=box.width * stored.frame_width_px,
                height=box.height * stored.frame_height_px,
                score=UNKNOWN_SCORE,
            )
