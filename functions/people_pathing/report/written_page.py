"""What a page that was written before says: whether it is current, its zones and its video."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

from people_pathing import __version__
from people_pathing.analysis.zones_file.members import ZonesFileError
from people_pathing.analysis.zones_file.reading import read_zones
from people_pathing.analysis.zones_file.sections import ZonesFile
from people_pathing.results import annotated_video, file_names

_DATA = re.compile(r'<script type="application/json" id="report-data">(.*?)</script>', re.DOTALL)


@dataclass(frozen=True, slots=True)
class WrittenPage:
    """What is kept of a page when it is written again.

    Attributes:
        zones_text: the content of zones.json; None if the page counts in the whole picture only.
        video: the file of the video; None if the page has none, or if the file is gone.
    """

    zones_text: str | None = None
    video: Path | None = None


def is_current(page: Path, folder: Path) -> bool:
    """Whether a page is newer than all result files in a folder, and than the annotated video beside them.

    A page of another version of the program is not current. Nor is one that offers an annotated video which
    is not there, or does not offer one that is.

    Raises:
        OSError: a result file is missing or cannot be read.
    """
    if not page.is_file():
        return False
    data, annotated = _embedded(page), folder / annotated_video.NAME
    if data.get("programVersion") != __version__ or _offers_annotated(data) != annotated.is_file():
        return False
    files = [folder / name for name in file_names()]
    if annotated.is_file():
        files.append(annotated)
    return page.stat().st_mtime_ns >= max(file.stat().st_mtime_ns for file in files)


def read_written(page: Path) -> WrittenPage:
    """Reads a page. Of a file that is missing or is no report, nothing is kept.

    Raises:
        OSError: the file cannot be read.
    """
    try:
        data = _embedded(page)
        return WrittenPage(_zones_text(data["zonesFile"]), _local_video(page, data["video"]["source"]))
    except (FileNotFoundError, KeyError, TypeError):
        return WrittenPage()


def _embedded(page: Path) -> Mapping[str, Any]:
    """Returns the embedded JSON of a page; an empty mapping if it has none."""
    try:
        found = _DATA.search(page.read_text("utf-8"))
        data = json.loads(found[1]) if found else None
    except (ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}


def _offers_annotated(data: Mapping[str, Any]) -> bool:
    video = data.get("video")
    return isinstance(video, dict) and video.get("annotatedSource") is not None


def _zones_text(zones: object) -> str | None:
    text = json.dumps(zones)
    try:
        return None if read_zones(text) == ZonesFile() else text
    except ZonesFileError:
        return None


def _local_video(page: Path, source: object) -> Path | None:
    # An address with a scheme or a host is not kept: a page that was sent by mail could name any server.
    if not isinstance(source, str) or not source or urlsplit(source).scheme or urlsplit(source).netloc:
        return None
    video = page.parent / unquote_to_bytes(source).decode("utf-8", "surrogateescape")
    return video if video.is_file() else None
