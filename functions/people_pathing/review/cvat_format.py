"""Reads tracks in the format "CVAT for video 1.1".

Source: https://docs.cvat.ai/docs/manual/advanced/xml_format/, section "Interpolation". Frames are numbered
from 0 in the whole video. CVAT writes a box for each frame of a track, also for those between key frames.
From a box with outside="1" on, the person is not seen until the next box.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import IO, TYPE_CHECKING

from people_pathing.review.boxes import DECIMALS_PX, PersonBox
from people_pathing.review.sampled_frames import MAX_FRAMES, SampledFrames

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_SHOWN_CHARACTERS = 40
VERSION = "1.1"
LABEL = "person"
"""Of each track, and of the task in CVAT."""

ANNOTATIONS = "annotations.xml"
"""In the zip file that CVAT exports."""

MAX_TRACK_ID = 2**31 - 1
"""A track's id may become the index of a person, which has 32 bits in the service's pages."""

FRAMES_BESIDE = 1
"""By how many widths or heights of the frame a box may be outside the frame, on each side."""

WHAT_IS_RIGHT = 'export the task from CVAT as "CVAT for video 1.1"'


class CvatError(ValueError):
    """A file is not what CVAT exports for a video, or belongs to another video. The message says why."""


@dataclass(frozen=True, slots=True)
class CvatBox:
    """One box of a track.

    Attributes:
        box: where the person is, and in which frame.
        is_outside: whether the person is not seen from this frame on.
    """

    box: PersonBox
    is_outside: bool


@dataclass(frozen=True, slots=True)
class CvatTrack:
    """One track.

    Attributes:
        id: as in the file.
        boxes: by frame; at most one for each frame.
    """

    id: int
    boxes: tuple[CvatBox, ...]

    def sampled(self, sampled: SampledFrames) -> Iterator[PersonBox]:
        """Yields the boxes in sampled frames. Between two boxes, they are on a straight path."""
        for one, following in pairwise((*self.boxes, None)):
            assert one is not None
            if one.is_outside:
                continue
            end = one.box.frame + 1 if following is None else following.box.frame
            for frame in sampled.between(one.box.frame, end):
                edges = one.box.edges_px
                if following is not None and frame > one.box.frame:
                    edges = one.box.towards(following.box, frame)
                yield PersonBox(self.id, frame, edges)


@dataclass(frozen=True, slots=True)
class FrameSize:
    """Width and height of the video's frames in pixels."""

    width_px: int
    height_px: int


def read_cvat(path: Path) -> Iterator[FrameSize | CvatTrack]:
    """Reads a file: first the size of the frames, then one track after the other.

    Args:
        path: an XML file, or the zip file that CVAT exports.

    Raises:
        CvatError: the file is not in this format.
        OSError: the file cannot be read.
    """
    from xml.etree.ElementTree import ParseError

    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import iterparse

    try:
        with _xml_of(path) as file:
            # CVAT writes no document type. Without one, a small file cannot expand to a large one.
            yield from _parse(iterparse(file, ("start", "end"), forbid_dtd=True))
    except DefusedXmlException as error:
        raise CvatError(
            f"it has a document type or entities, which CVAT does not write; {WHAT_IS_RIGHT}"
        ) from error
    except (ParseError, UnicodeDecodeError) as error:
        raise CvatError(f"it is not complete XML ({error}); {WHAT_IS_RIGHT}") from error


@contextmanager
def _xml_of(path: Path) -> Iterator[IO[bytes]]:
    if not zipfile.is_zipfile(path):
        with path.open("rb") as file:
            yield file
        return
    try:
        with zipfile.ZipFile(path) as archive, archive.open(ANNOTATIONS) as member:
            yield member
    except KeyError as error:
        raise CvatError(f"the zip file has no {ANNOTATIONS}; {WHAT_IS_RIGHT}") from error
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError) as error:
        raise CvatError(f"the zip file is damaged ({error}); {WHAT_IS_RIGHT}") from error


def _parse(events: Iterator[tuple[str, Element]]) -> Iterator[FrameSize | CvatTrack]:
    """Yields what the document contains. Elements are dropped as soon as they are read."""
    ancestors: list[Element] = []
    boxes: list[CvatBox] = []
    size: FrameSize | None = None
    for event, element in events:
        if event == "start":
            ancestors.append(element)
            _check_place(ancestors)
            continue
        ancestors.pop()
        depth = len(ancestors)
        if depth == 1 and element.tag == "meta":
            size = _frame_size(element)
            yield size
        elif depth == 2 and ancestors[1].tag == "track":
            boxes.append(_box(element, ancestors[1], _known(size)))
            del ancestors[1][:]
        elif depth == 1 and element.tag == "track":
            _known(size)
            yield _track(element, boxes)
            boxes = []
        if depth == 1:
            ancestors[0].clear()
    _known(size)


def _known(size: FrameSize | None) -> FrameSize:
    if size is None:
        raise CvatError(f"it has no meta with the size of the frames; {WHAT_IS_RIGHT}")
    return size


def _check_place(ancestors: list[Element]) -> None:
    """Raises CvatError if the last of these elements cannot be there in a file for a video."""
    element = ancestors[-1]
    if len(ancestors) == 1 and element.tag != "annotations":
        raise CvatError(f"its root is <{element.tag}> instead of <annotations>; {WHAT_IS_RIGHT}")
    if len(ancestors) == 2 and element.tag == "image":
        raise CvatError(f'it is "CVAT for images", which has no tracks; {WHAT_IS_RIGHT}')
    if len(ancestors) == 2 and element.tag not in ("version", "meta", "track"):
        raise CvatError(f"it has <{element.tag}>, which is not read; {WHAT_IS_RIGHT}")
    if len(ancestors) == 3 and ancestors[1].tag == "track" and element.tag != "box":
        raise CvatError(
            f"{_name(ancestors[1])} is a {element.tag}; only rectangles can be imported, "
            "so delete the track or draw it as a rectangle"
        )


def _frame_size(meta: Element) -> FrameSize:
    if meta.find("project") is not None:
        raise CvatError("it is the export of a project; export the task of this video alone")
    if meta.findtext(".//mode") == "annotation":
        raise CvatError(f'it is "CVAT for images", which has no tracks; {WHAT_IS_RIGHT}')
    try:
        width, height = (meta.findtext(f".//original_size/{name}") for name in ("width", "height"))
        return FrameSize(int(width or ""), int(height or ""))
    except ValueError as error:
        raise CvatError(f"it has no original_size with width and height; {WHAT_IS_RIGHT}") from error


def _track(element: Element, boxes: list[CvatBox]) -> CvatTrack:
    label = element.get("label")
    if label != LABEL:
        raise CvatError(
            f"{_name(element)} has the label {label!r:.60}; rename the label to {LABEL!r}, "
            "or delete the track"
        )
    try:
        index = int(element.get("id", ""))
    except ValueError as error:
        raise CvatError(f"{_name(element)}: the id is not a whole number") from error
    if not 0 <= index <= MAX_TRACK_ID:
        raise CvatError(f"{_name(element)}: the id must be from 0 to {MAX_TRACK_ID}")
    ordered = sorted(boxes, key=lambda one: one.box.frame)
    for one, other in pairwise(ordered):
        if one.box.frame == other.box.frame:
            raise CvatError(f"{_name(element)} has two boxes in frame {one.box.frame}")
    return CvatTrack(index, tuple(ordered))


_EDGES = ("xtl", "ytl", "xbr", "ybr")


def _box(element: Element, track: Element, size: FrameSize) -> CvatBox:
    place = f"{_name(track)}, frame {element.get('frame', 'unknown')[:_SHOWN_CHARACTERS]}"
    try:
        frame = int(element.get("frame", ""))
        edges = [round(float(element.get(name, "")), DECIMALS_PX) for name in _EDGES]
        rotation = float(element.get("rotation", "0"))
    except (ValueError, OverflowError) as error:
        raise CvatError(f"{place}: a box needs the numbers frame, xtl, ytl, xbr and ybr") from error
    if not 0 <= frame < MAX_FRAMES:
        raise CvatError(f"{place}: frames are numbered from 0 to {MAX_FRAMES - 1}")
    for name, edge, length_px in zip(_EDGES, edges, (size.width_px, size.height_px) * 2, strict=True):
        low, high = -FRAMES_BESIDE * length_px, (1 + FRAMES_BESIDE) * length_px
        if not low <= edge <= high:
            raise CvatError(f"{place}: {name} is {edge:g}; it must be from {low} to {high} pixels")
    left, top, right, bottom = edges
    is_outside = element.get("outside") == "1"
    if not is_outside and not (left < right and top < bottom):
        raise CvatError(f"{place}: the box has no area; delete it, or draw it again")
    if rotation % 360:
        raise CvatError(f"{place}: the box is rotated by {rotation:g} degrees; draw it upright")
    return CvatBox(PersonBox(0, frame, (left, top, right, bottom)), is_outside)


def _name(track: Element) -> str:
    return f"track {(track.get('id') or 'without an id')[:_SHOWN_CHARACTERS]}"
