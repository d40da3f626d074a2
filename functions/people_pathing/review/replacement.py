"""Writes the result files of reviewed tracks, and keeps the original ones."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from itertools import count
from pathlib import Path

from people_pathing.common.clock import now_ms, utc_text_to_second
from people_pathing.results import file_names
from people_pathing.results.files import job_summary
from people_pathing.results.provenance import Provenance
from people_pathing.results.whole_files import write_chunked_files
from people_pathing.review.reviewed_tracks import ReviewedTracks

ORIGINAL = "original"
"""The folder beside the result files that has those of the program."""


def original_folder(folder: Path) -> Path:
    """Returns where the original result files are: in the folder itself, unless its files were reviewed.

    Raises:
        OSError: job.json cannot be read.
    """
    kept = folder / ORIGINAL
    return kept if kept.is_dir() and _is_reviewed(folder) else folder


def keep_original(folder: Path, made_from_tracks: Sequence[str] = ()) -> None:
    """Copies the result files into the folder `original`, and moves there what was made from their tracks.

    If the tracks were reviewed themselves, they are not the original ones: nothing is copied, and what was
    made from them is deleted. If the video was tracked again after a review, the folder has an older
    original. It becomes `original-1`.

    Args:
        folder: has the result files.
        made_from_tracks: names of other files in the folder, which would be wrong with other tracks.

    Raises:
        OSError: the files cannot be copied or moved.
    """
    made = [folder / name for name in made_from_tracks if (folder / name).is_file()]
    if original_folder(folder) != folder:
        for path in made:
            path.unlink()
        return
    if (folder / ORIGINAL).exists():
        numbered = (folder / f"{ORIGINAL}-{number}" for number in count(1))
        (folder / ORIGINAL).rename(next(path for path in numbered if not path.exists()))
    with tempfile.TemporaryDirectory(prefix=".original-", dir=folder) as scratch:
        copies = Path(scratch) / ORIGINAL
        copies.mkdir()
        for name in file_names():
            shutil.copy2(folder / name, copies / name)
        # The folder has all files or does not exist.
        copies.rename(folder / ORIGINAL)
    for path in made:
        path.rename(folder / ORIGINAL / path.name)


def write_reviewed(tracks: ReviewedTracks, folder: Path) -> dict[str, int]:
    """Writes the result files of reviewed tracks.

    Args:
        tracks: what was reviewed.
        folder: where the files go. It exists.

    Returns:
        The counts in job.json.

    Raises:
        CvatError: the file has changed since it was checked.
        OSError: the files cannot be written.
    """
    counts = write_chunked_files(tracks.observations(), folder)
    (folder / job_summary.NAME).write_bytes(_job_summary(tracks, counts))
    return counts


def _is_reviewed(folder: Path) -> bool:
    document = json.loads((folder / job_summary.NAME).read_text("utf-8"))
    return "reviewed" in document.get("provenance", {})


def _job_summary(tracks: ReviewedTracks, counts: dict[str, int]) -> bytes:
    """Returns the original job.json with the new counts, and says in its provenance that it was reviewed."""
    document = json.loads((tracks.original.folder / job_summary.NAME).read_text("utf-8"))
    document["counts"] = {**document["counts"], **counts}
    provenance = document.setdefault("provenance", asdict(Provenance()))
    with tracks.path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    provenance["reviewed"] = {
        "at": utc_text_to_second(now_ms()),
        "with": "CVAT for video 1.1",
        "file_sha256": digest,
    }
    return job_summary.document_content(document)
