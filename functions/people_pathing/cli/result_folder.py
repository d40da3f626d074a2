"""Result files in a folder: the same files that the pipeline stores in a bucket."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from people_pathing.cli.errors import CommandError
from people_pathing.cli.messages import say
from people_pathing.cli.outputs import type_of
from people_pathing.results import annotated_video, file_names

if TYPE_CHECKING:
    from people_pathing.engine import TrackingResult
    from people_pathing.results.provenance import Provenance
    from people_pathing.results.recording_time import RecordingTime


FOLDER_SUFFIX = ".paths"
"""Ends the name of a result folder, so that it can be beside its video."""


def result_folder(out: Path, name: str) -> Path:
    """Returns the folder for the files about a video. It need not exist yet.

    Args:
        out: the folder that the user chose for all videos.
        name: the name of the folder in it.

    Raises:
        CommandError: `out` has a file of this name, for example the video itself, or cannot be read.
    """
    folder = out / name
    if type_of(folder) not in (None, stat.S_IFDIR):
        raise CommandError(f"{folder} is a file; choose another folder with --out")
    return folder


def result_folders(path: Path) -> list[Path]:
    """Returns the folders with result files in a folder, sorted. The folder itself may be one."""
    from people_pathing.results.files import job_summary

    inside = (found.parent for found in sorted(path.rglob(job_summary.NAME)))
    # A folder whose name starts with a dot is not complete yet, or has replaced results.
    complete = [one for one in inside if not any(p.startswith(".") for p in one.relative_to(path).parts)]
    # Inside the results of a reviewed video are the original ones.
    known = set(complete)
    return [one for one in complete if known.isdisjoint(one.parents)]


def result_paths(folder: Path) -> tuple[Path, ...]:
    """Returns the paths of the result files in a folder."""
    return tuple(folder / name for name in file_names())


def write_results(
    result: TrackingResult,
    provenance: Provenance,
    video: Path,
    folder: Path,
    recorded: RecordingTime | None = None,
) -> None:
    """Writes the result files of a video that was tracked without the service.

    The tracks take the same way as in the service: rounded as the API rounds them, then page by page. The
    files are therefore the same, except that job.json names a file and no job.

    Args:
        result: what the engine found.
        provenance: how the result was made.
        video: the path that job.json records.
        folder: where the files go. It is created if necessary; files of an earlier run are replaced.
        recorded: when the video was recorded; None if that is not known.
    """
    from people_pathing.analysis.count_files import COUNTS
    from people_pathing.results.chunks import ChunkWriter
    from people_pathing.results.files import job_summary
    from people_pathing.results.observation import observations_in
    from people_pathing.service.result_pages.from_tracks import api_metadata, observations
    from people_pathing.service.result_pages.layout import OBSERVATION, unpacked

    metadata = result.metadata
    writer = ChunkWriter(None)
    for page in observations(result.tracks, metadata.frame_width, metadata.frame_height).pages("INDEX"):
        detections = map(unpacked, OBSERVATION.iter_unpack(page.tobytes()))
        writer.add(observations_in(detection.to_api() for detection in detections))
    summary = job_summary.JobSummary(
        # JSON is UTF-8, and the name of a file may be any bytes.
        video=job_summary.VideoFile(os.fsencode(video).decode("utf-8", "backslashreplace")),
        video_metadata=api_metadata(metadata),
        counts=writer.counts,
        provenance=provenance,
        recording_time=recorded,
    )
    with replaced_files(folder) as scratch:
        for name, content in writer.end().pieces.items():
            (scratch / name).write_bytes(content)
        (scratch / job_summary.NAME).write_bytes(summary.content())
    for path in (folder / COUNTS, folder / annotated_video.NAME):
        if path.is_file():
            say(f"{path} is about the earlier tracks; make it again")


@contextmanager
def replaced_files(folder: Path) -> Iterator[Path]:
    """Yields an empty folder for new result files, and moves them into `folder` if no error occurs.

    Older result files stay until all new ones are complete. job.json is moved last, as in the bucket.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    # In the same file system as the files, so that each is replaced at once. An existing folder may be a
    # link to another file system, or be writable in a parent that is not.
    place = folder if folder.is_dir() else folder.parent
    with tempfile.TemporaryDirectory(prefix=".results-", dir=place) as scratch:
        yield Path(scratch)
        folder.mkdir(exist_ok=True)
        *_, job_summary = file_names()
        # job.json says that the results are complete. If the process is killed between two moves, an old
        # job.json must not vouch for a mixture of old and new files.
        (folder / job_summary).unlink(missing_ok=True)
        for name in file_names():
            (Path(scratch) / name).replace(folder / name)


def require_not_reviewed(folder: Path) -> None:
    """Makes sure that tracking replaces no tracks that a person has reviewed.

    Raises:
        CommandError: it would.
    """
    from people_pathing.results.stored_result import StoredResultError, open_stored_result

    with suppress(StoredResultError):
        if "reviewed" in (open_stored_result(folder).provenance or {}):
            raise CommandError(
                f"{folder} has reviewed tracks, which tracking again would replace; "
                "move the folder, or choose another --out"
            )
