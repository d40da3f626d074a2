"""CVAT: tracks as "CVAT for video 1.1", to review them and import them again.

The format is XML with an element for each track and each box (https://docs.cvat.ai/docs/manual/advanced/
xml_format/). Each box is a key frame. A box with outside="1" says from which frame on the person is not seen.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from people_pathing.common.complete_file import complete_file
from people_pathing.exports import NOTHING, ExportSource, as_export_errors, require_frames

if TYPE_CHECKING:
    from people_pathing.results.stored_result import StoredResult
    from people_pathing.review.boxes import PersonBox
    from people_pathing.review.sampled_frames import SampledFrames

SUMMARY = "tracks to review as `CVAT for video 1.1`; `people-pathing import` takes them back"
FILE_NAME = "cvat.xml"
NEEDS = NOTHING


def write(source: ExportSource, path: Path) -> None:
    """Writes the tracks. The id of a track is the person's index.

    Raises:
        ExportError: the frame rate or the frame size of the video is unknown or not constant.
    """
    from people_pathing.review.sampled_frames import FrameNumberError, sampled_frames

    require_frames(source.stored)
    with (
        as_export_errors(source.stored.folder, FrameNumberError),
        complete_file(path) as written,
        written.open("w", encoding="utf-8") as file,
    ):
        sampled = sampled_frames(source.stored)
        file.writelines(_document(source.stored, sampled))


def _document(stored: StoredResult, sampled: SampledFrames) -> Iterator[str]:
    """Yields the document piece by piece, so that neither a video nor a person has to fit into memory."""
    from people_pathing.review.boxes import person_boxes
    from people_pathing.review.cvat_format import LABEL, VERSION

    name = "".join(character for character in stored.video if character.isprintable())
    yield (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        f"<annotations>\n<version>{VERSION}</version>\n<meta>\n<task>\n"
        f"<name>{escape(name)}</name>\n<size>{sampled.frame_count}</size>\n<mode>interpolation</mode>\n"
        f"<labels>\n<label>\n<name>{LABEL}</name>\n<attributes></attributes>\n</label>\n</labels>\n"
        f"<original_size>\n<width>{stored.frame_width_px}</width>\n"
        f"<height>{stored.frame_height_px}</height>\n</original_size>\n</task>\n</meta>\n"
    )
    for index, person in groupby(person_boxes(stored), lambda one: one.person_index):
        yield f'<track id="{index}" label="{LABEL}" source="auto">\n'
        yield from _boxes(person, sampled)
        yield "</track>\n"
    yield "</annotations>\n"


def _boxes(person: Iterator[PersonBox], sampled: SampledFrames) -> Iterator[str]:
    before = next(person)
    yield _box(before, before.frame, outside=0)
    for box in person:
        gone = sampled.after(before.frame)
        if gone < box.frame:
            yield _box(before, gone, outside=1)
        yield _box(box, box.frame, outside=0)
        before = box
    gone = sampled.after(before.frame)
    if gone < sampled.frame_count:
        yield _box(before, gone, outside=1)


def _box(box: PersonBox, frame: int, *, outside: int) -> str:
    left, top, right, bottom = box.edges_px
    return (
        f'<box frame="{frame}" outside="{outside}" occluded="0" keyframe="1" xtl="{left:.2f}" '
        f'ytl="{top:.2f}" xbr="{right:.2f}" ybr="{bottom:.2f}" z_order="0"></box>\n'
    )
