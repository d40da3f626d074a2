"""What `people-pathing count` reads: result folders, or single files of observations."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath

from people_pathing.cli.errors import CommandError, as_command_errors
from people_pathing.results.files import job_summary, observations
from people_pathing.results.stored_result import StoredResultError, open_stored_result


@dataclass(frozen=True, slots=True)
class CountSource:
    """The observations of one video, and what is known about it.

    Attributes:
        name: names the folder of the outputs.
        video: the video's path or address, as far as it is known.
        observations: the file.
        duration_ms: of the video; 0 if it is not known.
        aspect_ratio: width of the frame divided by its height; None if it is not known.
        recorded_at_ms: when the video starts, in milliseconds since the epoch; None if it is not known.
    """

    name: str
    video: str
    observations: Path
    duration_ms: int = 0
    aspect_ratio: float | None = None
    recorded_at_ms: int | None = None


def open_source(path: Path) -> CountSource:
    """Opens a result folder or a file of observations. Of a folder, the observations are not read yet.

    Raises:
        CommandError: there is nothing to count.
    """
    if path.is_dir():
        return _from_folder(path)
    if not path.is_file():
        raise CommandError(f"there is no {path}; give a folder with result files, or a file of observations")
    if path.name == observations.NAME and path.with_name(job_summary.NAME).is_file():
        return _from_folder(path.parent)
    return CountSource(name=path.name, video=str(path), observations=path)


def _from_folder(folder: Path) -> CountSource:
    with as_command_errors(StoredResultError):
        stored = open_stored_result(folder)
    size = stored.frame_width_px, stored.frame_height_px
    return CountSource(
        name=_name(folder.resolve(), stored.video),
        video=stored.video,
        observations=folder / observations.NAME,
        duration_ms=stored.duration_ms,
        aspect_ratio=size[0] / size[1] if min(size) > 0 else None,
        recorded_at_ms=_recorded_at_ms(folder / job_summary.NAME),
    )


def _name(folder: Path, video: str) -> str:
    """Returns the name of a result folder: KEY/VERSION for a copy of the results bucket.

    Args:
        folder: an absolute path.
        video: the video's s3:// address, or the path of a file.
    """
    *_, key = video.removeprefix("s3://").partition("/")
    is_copy = video.startswith("s3://") and folder.parent.as_posix().endswith(f"/{key}")
    parts = len(PurePosixPath(key).parts) + 1 if is_copy else 1
    return "/".join(folder.parts[-parts:])


def _recorded_at_ms(path: Path) -> int | None:
    """Returns what job.json says about the time of recording. Older files say nothing."""
    recorded_at = json.loads(path.read_text("utf-8")).get("recorded_at")
    if recorded_at is None:
        return None
    try:
        return round(datetime.fromisoformat(recorded_at).timestamp() * 1000)
    except (TypeError, ValueError) as error:
        raise CommandError(f"{path}: {recorded_at!r} is not a time; track the video again") from error
