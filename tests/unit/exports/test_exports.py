from pathlib import Path
from typing import Any

import numpy as np
import pytest

from people_pathing.common.registry import UnknownNameError
from people_pathing.engine.tracks import TrackingResult
from people_pathing.engine.video import VideoMetadata
from people_pathing.exports import EXPORTS, Export, load_export, mot

CONFORMING: Export = mot  # checked by mypy
EMPTY = TrackingResult(VideoMetadata("h264", "QuickTime / MOV", 0, 25.0, 1, 1, None), 0, np.arange(0), ())


def test_the_known_export_formats_are_listed() -> None:
    assert EXPORTS.names() == ("mot",)


@pytest.mark.parametrize("name", EXPORTS.names())
def test_every_export_format_describes_itself_and_writes_a_file(tmp_path: Path, name: str) -> None:
    export: Any = load_export(name)
    assert export.SUMMARY
    assert "\n" not in export.SUMMARY
    assert export.SUFFIX.startswith(".")
    export.write(EMPTY, tmp_path / f"people{export.SUFFIX}")
    assert (tmp_path / f"people{export.SUFFIX}").is_file()


def test_an_unknown_export_format_is_rejected_with_the_known_ones() -> None:
    with pytest.raises(UnknownNameError, match=r"there is no export format 'xml'; choose from mot"):
        load_export("xml")
