"""MOTChallenge ground truth: a zip file with a row for every frame, for CVAT and TrackEval.

The files are those of one sequence of the MOTChallenge: `gt/gt.txt`, `gt/labels.txt` (CVAT's addition) and
`seqinfo.ini`. A row is frame, person, left, top, width, height, 1 (the row counts), class and visibility
(Dendorfer et al., "MOTChallenge", IJCV 2021; CVAT's documentation of the format "MOT 1.1").
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from people_pathing.common.complete_file import complete_file
from people_pathing.exports import NOTHING, ExportSource, as_export_errors, require_frames

if TYPE_CHECKING:
    from people_pathing.results.stored_result import StoredResult
    from people_pathing.review.boxes import PersonBox
    from people_pathing.review.sampled_frames import SampledFrames

SUMMARY = "MOTChallenge ground truth of every frame in a zip file, as CVAT and TrackEval read it"
FILE_NAME = "mot_gt.zip"
NEEDS = NOTHING

LABEL = "person"
_REST = "1,1,1.0"
"""The row counts, its class is the first of labels.txt (in the MOTChallenge: pedestrian), fully visible."""


def write(source: ExportSource, path: Path) -> None:
    """Writes the zip file. Between two successive sampled frames, boxes are interpolated.

    Raises:
        ExportError: the frame rate or the frame size of the video is unknown or not constant.
    """
    from people_pathing.review.sampled_frames import FrameNumberError, sampled_frames

    stored = source.stored
    require_frames(stored)
    with (
        as_export_errors(stored.folder, FrameNumberError),
        complete_file(path) as written,
        zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        sampled = sampled_frames(stored)
        archive.writestr("seqinfo.ini", _sequence_info(stored, sampled.frame_count))
        archive.writestr("gt/labels.txt", f"{LABEL}\n")
        with archive.open("gt/gt.txt", "w", force_zip64=True) as rows:
            for row in _rows(stored, sampled):
                rows.write(row.encode())


def _sequence_info(stored: StoredResult, frame_count: int) -> str:
    facts = {
        # A name in an INI file ends with the line.
        "name": " ".join(PurePosixPath(stored.key).stem.split()) or "video",
        "imDir": "img1",
        "frameRate": f"{stored.frame_rate:g}",
        "seqLength": frame_count,
        "imWidth": stored.frame_width_px,
        "imHeight": stored.frame_height_px,
        "imExt": ".jpg",
    }
    return "[Sequence]\n" + "".join(f"{name}={value}\n" for name, value in facts.items())


def _rows(stored: StoredResult, sampled: SampledFrames) -> Iterator[str]:
    """Yields the lines by person, then by frame."""
    from people_pathing.review.boxes import person_boxes

    for _, person in groupby(person_boxes(stored), lambda one: one.person_index):
        yield from _person_rows(person, sampled)


def _person_rows(person: Iterator[PersonBox], sampled: SampledFrames) -> Iterator[str]:
    before = next(person)
    yield _row(before.person_index, before.frame, before.edges_px)
    for box in person:
        if sampled.after(before.frame) == box.frame:
            for frame in range(before.frame + 1, box.frame):
                yield _row(box.person_index, frame, before.towards(box, frame))
        yield _row(box.person_index, box.frame, box.edges_px)
        before = box


def _row(index: int, frame: int, edges_px: tuple[float, float, float, float]) -> str:
    left, top, right, bottom = edges_px
    place = f"{left:.2f},{top:.2f},{right - left:.2f},{bottom - top:.2f}"
    return f"{frame + 1},{index + 1},{place},{_REST}\n"
