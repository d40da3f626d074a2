"""Turns reviewed tracks into observations of the same video."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from struct import pack, unpack
from typing import Any

from people_pathing.results.observation import Observation, observations_in
from people_pathing.results.person_removal import ERASED
from people_pathing.results.stored_result import StoredResult
from people_pathing.review.boxes import DECIMALS_PX, PersonBox
from people_pathing.review.cvat_format import CvatError, CvatTrack, FrameSize, read_cvat
from people_pathing.review.sampled_frames import SampledFrames, sampled_frames

_SHOWN_TRACKS = 20


@dataclass(frozen=True, slots=True)
class ReviewedTracks:
    """The reviewed tracks of a video.

    Attributes:
        path: the file that CVAT exported.
        original: the result that was reviewed.
        sampled: the sampled frames. Only what is in one of them becomes an observation.
        indexes: the index of each person, in the order of the tracks.
        unsampled_tracks: the ids of tracks that are in none of these frames, which are left out.
    """

    path: Path
    original: StoredResult
    sampled: SampledFrames
    indexes: tuple[int, ...]
    unsampled_tracks: tuple[int, ...]

    def observations(self) -> Iterator[Observation]:
        """Yields the observations by person and then by time.

        Raises:
            CvatError: the file has changed since it was checked.
        """
        return observations_in(self._persons())

    def _persons(self) -> Iterator[dict[str, Any]]:
        """Yields structures as in a reply of GetPersonTracking."""
        for index, track in zip(self.indexes, _tracks(self.path), strict=True):
            for box in track.sampled(self.sampled):
                yield {
                    "Timestamp": self.sampled.time_ms(box.frame),
                    "Person": {"Index": index, "BoundingBox": _ratios(box, self.original)},
                }


def check_reviewed_tracks(path: Path, original: StoredResult) -> ReviewedTracks:
    """Reads all tracks once, so that whatever is wrong with them is found before anything is written.

    If the ids of the tracks ascend, they are the indexes of the people. Otherwise, people are numbered from 0
    in the order of the tracks.

    Args:
        path: an XML file in the format "CVAT for video 1.1", or the zip file that CVAT exports.
        original: the result that was reviewed.

    Raises:
        CvatError: the file cannot be imported. The message does not name it.
        FrameNumberError: the times of the original cannot be assigned to frames.
        StoredResultError: the original is damaged.
        OSError: a file cannot be read.
    """
    sampled = sampled_frames(original)
    ids, unsampled = [], []
    for part in read_cvat(path):
        if isinstance(part, FrameSize):
            _check_size(part, original)
        else:
            _check_end(part, original, sampled)
            ids.append(part.id)
            if next(part.sampled(sampled), None) is None:
                unsampled.append(part.id)
    ascend = all(one < other for one, other in pairwise([-1, *ids]))
    indexes = tuple(ids) if ascend else tuple(range(len(ids)))
    return ReviewedTracks(path, original, sampled, indexes, tuple(unsampled))


def require_no_erased_people(tracks: ReviewedTracks, current: StoredResult) -> None:
    """Makes sure that tracks of an older export do not bring erased people back.

    The results do not say which numbers were erased. So each number must be one that they still have.

    Args:
        tracks: the reviewed tracks.
        current: the results that will be replaced: the original ones, or those of an earlier review.

    Raises:
        CvatError: people were erased, and a track may be one of them. The message does not name the file.
        StoredResultError: the results are damaged.
    """
    if ERASED not in (current.provenance or {}):
        return
    known = {observation.person_index for observation in current.observations()}
    unknown = [index for index in tracks.indexes if index not in known]
    if unknown:
        shown = ", ".join(map(str, unknown[:_SHOWN_TRACKS]))
        more = f" and {len(unknown) - _SHOWN_TRACKS} more" if len(unknown) > _SHOWN_TRACKS else ""
        raise CvatError(
            f"people were erased from {current.folder}, and it has no people with the numbers {shown}{more}; "
            "their tracks may be those of erased people: delete them, or give them numbers of people that "
            "are still there"
        )


def _tracks(path: Path) -> Iterator[CvatTrack]:
    return (part for part in read_cvat(path) if isinstance(part, CvatTrack))


def _check_size(size: FrameSize, original: StoredResult) -> None:
    expected = original.frame_width_px, original.frame_height_px
    if min(expected) <= 0:
        raise CvatError(f"{original.folder}: job.json does not say how large the frames of the video are")
    if (size.width_px, size.height_px) != expected:
        raise CvatError(
            f"its frames have {size.width_px}x{size.height_px} pixels, but those of {original.video} have "
            f"{expected[0]}x{expected[1]}; choose the export for this video"
        )


def _check_end(track: CvatTrack, original: StoredResult, sampled: SampledFrames) -> None:
    # The duration is rounded, so the last second is not taken too seriously.
    limit = sampled.frame_count + original.frame_rate
    frame = max((one.box.frame for one in track.boxes), default=0)
    if frame > limit:
        raise CvatError(
            f"track {track.id} has a box in frame {frame}, but {original.video} has about "
            f"{sampled.frame_count} frames; choose the export for this video"
        )


def _ratios(box: PersonBox, original: StoredResult) -> dict[str, float]:
    left, top, right, bottom = box.edges_px
    width_px, height_px = original.frame_width_px, original.frame_height_px
    return {
        "Width": _float32(round(right - left, DECIMALS_PX) / width_px),
        "Height": _float32(round(bottom - top, DECIMALS_PX) / height_px),
        "Left": _float32(left / width_px),
        "Top": _float32(top / height_px),
    }


def _float32(value: float) -> float:
    """Rounds to what 32 bits can hold, as all boxes in result files are."""
    rounded: float = unpack("f", pack("f", value))[0]
    return rounded
