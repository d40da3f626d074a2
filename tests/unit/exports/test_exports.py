"""What every export has to offer. The tests walk the registry, so they include a new export."""

import inspect
import re
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from people_pathing.common.registry import UnknownNameError
from people_pathing.engine.tracks import Track, TrackingResult
from people_pathing.engine.video import VideoMetadata
from people_pathing.exports import (
    EXPORTS,
    Export,
    ExportError,
    ExportSource,
    Needs,
    csv,
    cvat,
    google,
    load_export,
    mot,
    mot_gt,
    parquet,
    parquet_events,
    parquet_people,
    pedpy,
    supervision,
)
from people_pathing.results.stored_result import StoredResult
from tests.unit.exports.stored import ZONES, complete_source, seen, store

CONFORMING: tuple[Export, ...] = (  # checked by mypy
    *(csv, cvat, google, mot, mot_gt),
    *(parquet, parquet_events, parquet_people, pedpy, supervision),
)
VIDEO = VideoMetadata("h264", "QuickTime / MOV", 0, 25.0, 1, 1, None)
NOBODY_TRACKED = TrackingResult(VIDEO, 0, 0, np.arange(0), ())
BOX = (0.25, 0.125, 0.5, 0.25)
EVERY_EXPORT = pytest.mark.parametrize("name", EXPORTS.names())


class LostTracks(tuple[Track, ...]):
    """Tracks that can no longer be read."""

    def __iter__(self) -> Iterator[Track]:
        raise OSError("the result is lost")


def lost(stored: StoredResult) -> ExportSource:
    """Returns a source whose observations have disappeared."""
    (stored.folder / "observations.jsonl.gz").unlink()
    return complete_source(stored)


def test_the_export_formats_of_the_first_release_are_listed() -> None:
    assert {"google", "mot"} <= set(EXPORTS.names())


@EVERY_EXPORT
@pytest.mark.parametrize("persons", [[], [seen(0, 40, BOX), seen(0, 80), seen(3, 40, BOX)]])
def test_every_export_format_describes_itself_and_writes_a_file(
    tmp_path: Path, name: str, persons: list[dict[str, Any]]
) -> None:
    export = load_export(name)
    assert export.SUMMARY
    assert "\n" not in export.SUMMARY
    assert Path(export.FILE_NAME).name == export.FILE_NAME
    export.write(complete_source(store(tmp_path / "results", persons)), tmp_path / "people.export")
    assert (tmp_path / "people.export").is_file()


def test_no_two_export_formats_write_the_same_file_by_default() -> None:
    names = [load_export(name).FILE_NAME for name in EXPORTS.names()]
    assert len(set(names)) == len(names)


@EVERY_EXPORT
def test_every_export_format_writes_a_video_that_was_just_tracked(tmp_path: Path, name: str) -> None:
    source = ExportSource(store(tmp_path / "results", []), NOBODY_TRACKED, ZONES)
    load_export(name).write(source, tmp_path / "people.export")
    assert (tmp_path / "people.export").is_file()


@EVERY_EXPORT
def test_every_export_format_has_the_attributes_and_the_signature_of_an_export(name: str) -> None:
    export: Any = load_export(name)
    assert {attribute: type(getattr(export, attribute)).__name__ for attribute in Export.__annotations__} == (
        Export.__annotations__
    )
    _self, *expected = inspect.signature(Export.write).parameters.values()
    parameters = inspect.signature(export.write).parameters.values()
    assert [(one.name, one.kind, one.default) for one in parameters] == [
        (one.name, one.kind, one.default) for one in expected
    ]


@EVERY_EXPORT
def test_every_export_format_creates_the_folder_and_leaves_nothing_but_the_file(
    tmp_path: Path, name: str
) -> None:
    path = tmp_path / "new" / "people.export"
    load_export(name).write(complete_source(store(tmp_path / "results", [seen(0, 0, BOX)])), path)
    assert list(path.parent.iterdir()) == [path]


@EVERY_EXPORT
@pytest.mark.parametrize("older", [None, "old"])
def test_a_file_that_cannot_be_completed_is_not_there_and_an_older_one_stays(
    tmp_path: Path, name: str, older: str | None
) -> None:
    source = lost(store(tmp_path / "results", []))
    path = tmp_path / "out" / "people.export"
    path.parent.mkdir()
    if older is not None:
        path.write_text(older)
    with pytest.raises(FileNotFoundError):
        load_export(name).write(source, path)
    assert [entry.read_text() for entry in path.parent.iterdir()] == ([] if older is None else [older])


@EVERY_EXPORT
def test_an_export_needs_the_same_memory_for_a_long_and_for_a_short_result(tmp_path: Path, name: str) -> None:
    """One person with 10,000 observations, and one with 1,000."""

    def peak_bytes(count: int) -> int:
        stored = store(tmp_path / str(count), (seen(0, 40 * number, BOX) for number in range(count)))
        load_export(name).write(complete_source(stored), tmp_path / "warm")
        tracemalloc.start()
        load_export(name).write(complete_source(stored), tmp_path / "people.export")
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak

    assert peak_bytes(10_000) < peak_bytes(1_000) + 300_000


def test_a_library_that_is_not_installed_is_named_with_the_command_that_installs_it() -> None:
    command = r"pip install './people-pathing\[tables]'"
    with pytest.raises(
        ExportError, match=rf"^this needs no_such_library, which is not installed: {command}$"
    ):
        Needs(library="no_such_library", extra="tables").require_library()
    Needs(library="json", extra="tables").require_library()


@pytest.mark.parametrize("name", [name for name in EXPORTS.names() if load_export(name).NEEDS.zones])
def test_a_format_that_needs_zones_is_refused_without_them(tmp_path: Path, name: str) -> None:
    with pytest.raises(ExportError, match=r"zones\.json"):
        load_export(name).write(ExportSource(store(tmp_path / "results", [])), tmp_path / "people.export")
    assert not (tmp_path / "people.export").exists()


def test_an_unknown_export_format_is_rejected_with_the_known_ones() -> None:
    known = re.escape(", ".join(EXPORTS.names()))
    with pytest.raises(UnknownNameError, match=f"there is no export format 'xml'; choose from {known}$"):
        load_export("xml")
