"""Reading counts.json again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest

from people_pathing.analysis.count_files import counts_document
from people_pathing.analysis.counts_reading import CountsFileError, IntervalCounts, read_counts
from people_pathing.analysis.floor.homography import fit_homography
from people_pathing.analysis.summaries.intervals import Recording
from people_pathing.analysis.video_counts import count_video
from people_pathing.analysis.zones_file.sections import (
    Calibration,
    CalibrationPoint,
    Line,
    Mask,
    Rules,
    Zone,
    ZonesFile,
)
from tests.unit.analysis.paths import along, walk
from tests.unit.analysis.test_count_files import SCHEMA

TOO_LARGE = 10**40
_SQUARE = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
_POINTS = tuple(CalibrationPoint(point, (8 * point[0], 4 * point[1])) for point in _SQUARE)
ZONES = ZonesFile(
    zones=(Zone("hall", _SQUARE), Zone("till", _SQUARE[:3], minimum_stay_ms=50, staff_after_ms=9_000_000)),
    lines=(Line("door", (0.5, 1.0), (0.5, 0.0)),),
    masks=(Mask("street", _SQUARE[1:]),),
    rules=Rules(margin=0.01, confirm_ms=100),
    timezone="Europe/Berlin",
    calibration=Calibration(_POINTS, fit_homography(_POINTS)),
)


@pytest.fixture
def document() -> Any:
    """A person walks through the door in the second of two intervals."""
    counts = count_video(
        walk(along([0.2 + step / 20 for step in range(12)]), start_ms=60_000),
        ZONES,
        aspect_ratio=2,
        recording=Recording(90_000, 1_772_438_400_000),
        interval_minutes=1,
    )
    return counts_document(counts, "street.mp4", 1, recorded_at_source="stated")


def test_the_counts_of_each_interval_and_how_they_were_made_are_read(document: Any) -> None:
    found = read_counts(json.dumps(document))

    assert found.intervals == (
        IntervalCounts("2026-03-02T09:00:00+01:00", {"hall": 0, "till": 0}, {"door": (0, 0)}),
        IntervalCounts("2026-03-02T09:01:00+01:00", {"hall": 1, "till": 1}, {"door": (0, 1)}),
    )
    assert found.zones_file == ZONES
    assert (found.interval_minutes, found.recorded_at_ms, found.recorded_at_source, found.files) == (
        *(1, 1_772_438_400_000, "stated", ()),
    )


def test_an_older_file_does_not_say_what_was_counted(document: Any) -> None:
    del document["zones_file"], document["recorded_at_source"]
    document["recorded_at"] = None

    found = read_counts(json.dumps(document))

    assert (found.zones_file, found.recorded_at_ms, found.recorded_at_source) == (None, None, None)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yields the paths of all values in a document."""
    yield path
    if isinstance(value, list):
        value = dict(enumerate(value))
    if isinstance(value, dict):
        for name, member in value.items():
            yield from places(member, (*path, name))


@pytest.mark.parametrize("odd", [None, True, -1, 1.5, 2.0, TOO_LARGE, "x", [], {}, [None], {"name": 3}])
def test_an_odd_value_anywhere_is_an_error_with_its_place_or_does_not_matter(
    document: Any, odd: object
) -> None:
    text, refused = json.dumps(document), []
    schema = jsonschema.Draft202012Validator(SCHEMA)
    for path in list(places(document)):
        changed = {"document": json.loads(text)}
        parent: Any = changed
        *above, last = ("document", *path)
        for name in above:
            parent = parent[name]
        parent[last] = odd
        try:
            read_counts(json.dumps(changed["document"]))
        except CountsFileError as error:
            refused.append(str(error))
            # The schema does not know zones, times and the largest count.
            if odd != TOO_LARGE and not {"zones_file", "recorded_at"} & set(path):
                assert not schema.is_valid(changed["document"])
    assert len(refused) > 20
    assert max(map(len, refused)) < 200


@pytest.mark.parametrize("text", ["", "nothing", "[" * 100_000, "\0", "1" * 5000])
def test_what_is_not_json_is_an_error(text: str) -> None:
    with pytest.raises(CountsFileError, match="it is not JSON"):
        read_counts(text)
