"""Google Video Intelligence: the reply to an annotateVideo call with PERSON_DETECTION, as JSON.

The file is an `AnnotateVideoResponse` of google.cloud.videointelligence.v1 (video_intelligence.proto) in the
JSON form of protocol buffers. Each person is one `PersonDetectionAnnotation` with one track.

Result files have no score of a person, so a track has no `confidence`. There are no attributes and no pose
landmarks either.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from people_pathing.common.complete_file import complete_file
from people_pathing.exports import NOTHING

if TYPE_CHECKING:
    from people_pathing.exports import ExportSource
    from people_pathing.results.observation import Observation
    from people_pathing.results.stored_result import StoredResult

SUMMARY = "person detection as Google Video Intelligence replies (`AnnotateVideoResponse`, JSON)"
FILE_NAME = "google.json"
NEEDS = NOTHING

# Like the API's 32-bit numbers, six decimals are exact to a hundredth of a pixel in a frame of 10,000 pixels.
_DECIMALS = 6


def write(source: ExportSource, path: Path) -> None:
    """Writes an `AnnotateVideoResponse`. The file is complete or it is not there."""
    with complete_file(path) as written, written.open("w", encoding="utf-8") as file:
        file.writelines(_document(source.stored))


def _document(stored: StoredResult) -> Iterator[str]:
    """Yields the document piece by piece, so that neither a video nor a person has to fit into memory."""
    video = {"inputUri": stored.video, "segment": _segment(0, stored.duration_ms)}
    yield f'{{"annotationResults":[{_json(video)[:-1]},"personDetectionAnnotations":['
    for number, (_, person) in enumerate(groupby(stored.observations(), lambda one: one.person_index)):
        yield ",\n" if number else "\n"
        yield from _annotation(person)
    yield "\n]}]}\n"


def _annotation(person: Iterator[Observation]) -> Iterator[str]:
    """Yields the annotation of one person. The segment is last, because it is known last."""
    first = last = next(person)
    yield f'{{"tracks":[{{"timestampedObjects":[{_json(_timestamped_object(first))}'
    for last in person:
        yield f",\n{_json(_timestamped_object(last))}"
    yield f'],"segment":{_json(_segment(first.timestamp_ms, last.timestamp_ms))}}}]}}'


def _timestamped_object(observation: Observation) -> dict[str, Any]:
    offset = {"timeOffset": _duration(observation.timestamp_ms)}
    box = observation.box
    if box is None:
        return offset
    edges = {
        "left": box.left,
        "top": box.top,
        "right": box.left + box.width,
        "bottom": box.top + box.height,
    }
    return {
        "normalizedBoundingBox": {name: round(edge, _DECIMALS) for name, edge in edges.items()},
        **offset,
    }


def _segment(start_ms: int, end_ms: int) -> dict[str, str]:
    return {"startTimeOffset": _duration(start_ms), "endTimeOffset": _duration(end_ms)}


def _duration(time_ms: int) -> str:
    """Returns a duration as the JSON form of protocol buffers writes it: "2s", "1.240s"."""
    seconds, rest_ms = divmod(time_ms, 1000)
    return f"{seconds}.{rest_ms:03}s" if rest_ms else f"{seconds}s"


def _json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))
