"""What every export has to offer. The tests walk the registry, so they include a new export."""

import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from people_pathing.common.registry import UnknownNameError
from people_pathing.engine.tracks import Track, TrackingResult
from people_pathing.engine.video import VideoMetadata
from people_pathing.exports import EXPORTS, Export, load_export, mot

CONFORMING: Export = mot  # checked by mypy
METADATA = VideoMetadata("h264", "QuickTime / MOV", 0, 25.0, 1, 1, None)
EMPTY = TrackingResult(METADATA, 0, 0, np.arange(0), ())
EVERY_EXPORT = pytest.mark.parametrize("name", EXPORTS.names())


class LostTracks(tuple[Track, ...]):
    """Tracks that can no longer be read."""

    def __iter__(self) -> Iterator[Track]:
        raise OSError("the tracks are lost")


def test_the_export_formats_of_the_first_release_are_listed() -> None:
    assert "mot" in EXPORTS.names()


@EVERY_EXPORT
def test_every_export_format_describes_itself_and_writes_a_file(tmp_path: Path, name: str) -> None:
    export: Any = load_export(name)
    assert export.SUMMARY
    assert "\n" not in export.SUMMARY
    export.write(EMPTY, tmp_path / "people.export")
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
    export = load_export(name)
    path = tmp_path / "new" / "people.export"
    export.write(EMPTY, path)
    assert list(path.parent.iterdir()) == [path]


@EVERY_EXPORT
@pytest.mark.parametrize("older", [None, "old"])
def test_a_file_that_cannot_be_completed_is_not_there_and_an_older_one_stays(
    tmp_path: Path, name: str, older: str | None
) -> None:
    export = load_export(name)
    path = tmp_path / "people.export"
    if older is not None:
        path.write_text(older)
    with pytest.raises(OSError, match="the tracks are lost"):
        export.write(TrackingResult(METADATA, 0, 0, np.arange(0), LostTracks()), path)
    assert [entry.read_text() for entry in tmp_path.iterdir()] == ([] if older is None else [older])


def test_an_unknown_export_format_is_rejected_with_the_known_ones() -> None:
    known = re.escape(", ".join(EXPORTS.names()))
    with pytest.raises(UnknownNameError, match=f"there is no export format 'xml'; choose from {known}$"):
        load_export("xml")
