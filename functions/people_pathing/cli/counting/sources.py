"""What `people-pathing count` reads: result folders, or single files of observations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any

from people_pathing.cli.counting.names import distinct_names
from people_pathing.cli.errors import CommandError, as_command_errors
from people_pathing.cli.messages import say
from people_pathing.cli.result_folder import FOLDER_SUFFIX, result_folders
from people_pathing.results.files import job_summary, observations
from people_pathing.results.stored_result import StoredResult, StoredResultError, open_stored_result


@dataclass(frozen=True, slots=True)
class CountSource:
    """The observations of one video, and what is known about it.

    Attributes:
        name: names the folder of the outputs.
        place: the folder of the result files, or the file: an absolute path without links.
        video: the video's path or address, as far as it is known.
        observations: the file.
        duration_ms: of the video; 0 if it is not known.
        aspect_ratio: width of the frame divided by its height; None if it is not known.
        recorded_at_ms: when the video starts, in milliseconds since the epoch; None if it is not known.
        recorded_at_source: what says so; None if nothing does.
        provenance: how the results were made, as in job.json; None if it is not known.
        observation_count: how many observations the file must have; None if nothing says so.
    """

    name: str
    place: Path
    video: str
    observations: Path
    duration_ms: int = 0
    aspect_ratio: float | None = None
    recorded_at_ms: int | None = None
    recorded_at_source: str | None = None
    provenance: Mapping[str, Any] | None = None
    observation_count: int | None = None


def open_all(paths: Iterable[Path]) -> list[CountSource]:
    """Opens what several paths name. Results that are named twice are there once.

    Raises:
        CommandError: a path has nothing to count, or several versions of one video.
    """
    sources: dict[Path, CountSource] = {}
    for path in paths:
        for source in open_sources(path):
            if source.place in sources:
                say(f"{source.place} is given twice, and counted once")
            sources[source.place] = source
    if len(sources) < 2:
        return list(sources.values())
    names = distinct_names([source.name for source in sources.values()], list(sources))
    return [replace(source, name=name) for source, name in zip(sources.values(), names, strict=True)]


def open_sources(path: Path) -> list[CountSource]:
    """Opens everything in a folder that has result folders, or what `open_source` opens.

    Raises:
        CommandError: there is nothing to count, or several versions of one video.
    """
    if not path.is_dir() or (path / job_summary.NAME).is_file():
        return [open_source(path)]
    sources = [_from_folder(folder) for folder in result_folders(path)] or [open_source(path)]
    if repeated := [video for video, count in Counter(one.video for one in sources).items() if count > 1]:
        one, other = [source.place for source in sources if source.video == repeated[0]][:2]
        raise CommandError(
            f"{path} has several results of {repeated[0]}, for example {one} and {other}; "
            "give the folders to count"
        )
    return sources


def open_source(path: Path) -> CountSource:
    """Opens a result folder or a file of observations. Of a folder, the observations are not read yet.

    Raises:
        CommandError: there is nothing to count.
    """
    if path.is_dir():
        return _from_folder(path)
    if not path.is_file():
        raise CommandError(
            f"there is no {path}; give a folder with result files, or a file of observations, "
            "or --stack-name for the key of a video"
        )
    if path.name == observations.NAME and path.with_name(job_summary.NAME).is_file():
        return _from_folder(path.parent)
    with path.open("rb") as file:
        # Compressed observations, or a JSON object on each line.
        if not file.read(2).startswith((b"\x1f\x8b", b"{")):
            raise CommandError(
                f"{path} is not a file of observations; give a folder with result files, "
                f"such as {path.name}{FOLDER_SUFFIX}"
            )
    return CountSource(name=path.name, place=path.resolve(), video=str(path), observations=path)


def _from_folder(folder: Path) -> CountSource:
    with as_command_errors(StoredResultError):
        stored = open_stored_result(folder)
    size = stored.frame_width_px, stored.frame_height_px
    place = folder.resolve()
    return CountSource(
        name=_name(place, stored),
        place=place,
        video=stored.video,
        observations=folder / observations.NAME,
        duration_ms=stored.duration_ms,
        aspect_ratio=size[0] / size[1] if min(size) > 0 else None,
        recorded_at_ms=stored.recorded_at_ms,
        recorded_at_source=stored.recorded_at_source,
        provenance=stored.provenance,
        observation_count=stored.observation_count,
    )


def _name(folder: Path, stored: StoredResult) -> str:
    """Returns the name of a result folder, an absolute path: KEY/VERSION in a copy of the results bucket."""
    is_copy = stored.bucket is not None and folder.parent.as_posix().endswith(f"/{stored.key}")
    parts = len(PurePosixPath(stored.key).parts) + 1 if is_copy else 1
    return "/".join(folder.parts[-parts:])
