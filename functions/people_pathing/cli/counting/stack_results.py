"""Fetches the results of a deployed stack that `people-pathing count` counts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from people_pathing.cli.counting.sources import CountSource, open_source
from people_pathing.cli.errors import CommandError
from people_pathing.cli.progress import progress

if TYPE_CHECKING:
    from people_pathing.cli.deployed_stack import DeployedStack
    from people_pathing.pipeline.job_record import JobRecord


def fetch_sources(
    stack: DeployedStack, keys: Sequence[str], prefix: str | None, folder: Path
) -> list[CountSource]:
    """Downloads the results of the newest version of each video that has some.

    Args:
        stack: the deployed stack.
        keys: the keys of videos.
        prefix: more videos: those whose keys begin with it; None for no more.
        folder: where the results go.

    Raises:
        CommandError: a key has no results, or no key has the prefix.
    """
    newest = newest_records(stack, keys)
    found = sorted(key for key in newest if prefix is not None and key.startswith(prefix))
    if prefix is not None and not found:
        raise CommandError(f"no video whose key begins with {prefix} has results")
    chosen = list(dict.fromkeys([*keys, *found]))
    sources = []
    with progress("fetching results") as report:
        for number, key in enumerate(chosen):
            # A key may contain "..", so it must not choose the folder.
            place = folder / str(number)
            stack.fetch_results(newest[key], place)
            sources.append(replace(open_source(place), name=_name(newest[key])))
            report((number + 1) / len(chosen))
    return sources


def newest_records(stack: DeployedStack, required: Iterable[str]) -> dict[str, JobRecord]:
    """Returns the record of each key in the video bucket that has results, of the version uploaded last.

    Args:
        stack: the deployed stack.
        required: keys that must have results.

    Raises:
        CommandError: one of them has none.
    """
    from people_pathing.pipeline.job_record import JobState

    newest: dict[str, JobRecord] = {}
    for record in stack.job_table.in_state(JobState.SUCCEEDED):
        # Another bucket may have a video with the same key.
        if record.bucket != stack.video_bucket:
            continue
        known = newest.get(record.key)
        if known is None or known.uploaded_ms < record.uploaded_ms:
            newest[record.key] = record
    if missing := [key for key in required if key not in newest]:
        raise CommandError(
            f"there are no results of {missing[0]}; `people-pathing jobs` lists the keys and their states"
        )
    return newest


def _name(record: JobRecord) -> str:
    """Returns where the counts go: KEY/VERSION, or the video's id if a folder cannot have that name."""
    parts = [*record.key.split("/"), record.version or ""]
    if {"", ".", ".."} & set(parts) or PurePosixPath(record.key).is_absolute():
        return record.video_id
    return "/".join(parts)
