"""Reading zones.json for commands, with errors that name the file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from people_pathing.cli.errors import CommandError

if TYPE_CHECKING:
    from people_pathing.analysis.zones_file.sections import ZonesFile


def load_zones(path: Path) -> ZonesFile:
    """Reads and validates a file. Raises CommandError if it is not valid."""
    from people_pathing.analysis.zones_file.reading import read_zones

    return _validated(path, _text(path), read_zones)


def zones_text(path: Path) -> str:
    """Returns the text of a file. Raises CommandError if it is not valid."""
    from people_pathing.analysis.zones_file.reading import read_zones

    text = _text(path)
    _validated(path, text, read_zones)
    return text


def load_text(path: Path) -> str:
    """Returns the text of a file. Raises CommandError if anything but the calibration is not valid."""
    from people_pathing.analysis.zones_file.reading import read_without_calibration

    text = _text(path)
    _validated(path, text, read_without_calibration)
    return text


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise CommandError(f"{path} is not UTF-8 text; save it as UTF-8") from error


def _validated(path: Path, text: str, read: Callable[[str], ZonesFile]) -> ZonesFile:
    from people_pathing.analysis.zones_file.members import ZonesFileError

    try:
        return read(text)
    except ZonesFileError as error:
        raise CommandError(f"{path}: {error}") from error
