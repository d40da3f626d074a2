"""Writes result files with some people only, for example for a person who asks for their data."""

from __future__ import annotations

import json
from collections.abc import Set
from pathlib import Path

from people_pathing.results.files import job_summary
from people_pathing.results.person_removal import observation_counts
from people_pathing.results.stored_result import StoredResult
from people_pathing.results.whole_files import write_chunked_files


def write_only(stored: StoredResult, indexes: Set[int], folder: Path) -> None:
    """Writes all result files with some people only.

    Args:
        stored: complete results.
        indexes: the people.
        folder: where the files go. It exists, and is empty.

    Raises:
        PersonNotFoundError: one of the people is not in the results.
        StoredResultError: the file of observations is damaged or incomplete.
        OSError: the files cannot be written.
    """
    observation_counts(stored, indexes)
    chosen = (one for one in stored.observations() if one.person_index in indexes)
    counts = write_chunked_files(chosen, folder)
    document = json.loads((stored.folder / job_summary.NAME).read_text("utf-8"))
    document["counts"] = {**document["counts"], **counts}
    (folder / job_summary.NAME).write_bytes(job_summary.document_content(document))
