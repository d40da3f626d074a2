"""Writes result files without some of the people in them.

The numbers of the other people stay, because files elsewhere may name them. job.json is replaced after the
other files. Until then, it says more observations than there are, and readers refuse the results. So a
removal that was interrupted can be told from results that never had a person.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Set
from dataclasses import asdict
from itertools import islice
from pathlib import Path

from people_pathing.common.clock import utc_text_to_second
from people_pathing.results.files import job_summary
from people_pathing.results.observation import Observation
from people_pathing.results.provenance import Provenance
from people_pathing.results.stored_result import StoredResult
from people_pathing.results.whole_files import write_chunked_files

ERASED = "erased"
"""The member of the provenance that says that people were removed, but not who: see `write_without`."""

_SHOWN_PEOPLE = 20


class PersonNotFoundError(ValueError):
    """The results do not have a person. The message says which people they have."""


def people_to_remove(stored: StoredResult, indexes: Set[int]) -> Counter[int]:
    """Returns how many observations each of some people has. Reads the observations once.

    A person of an interrupted removal may have none left.

    Args:
        stored: the results.
        indexes: the people to remove.

    Raises:
        PersonNotFoundError: one of them is not in the results, and no removal was interrupted.
        StoredResultError: the file of observations is damaged.
    """
    counts = Counter(observation.person_index for observation in stored.uncounted_observations())
    missing = sorted(indexes - counts.keys())
    is_interrupted = counts.total() != stored.observation_count
    if missing and not is_interrupted:
        raise PersonNotFoundError(
            f"person {missing[0]} is not in the results of {stored.video}; {_known(counts)}"
        )
    return Counter({index: counts[index] for index in indexes if index in counts})


def write_without(stored: StoredResult, indexes: Set[int], folder: Path, erased_ms: int) -> None:
    """Writes all result files without some people, and says in the provenance that people were removed.

    It says how many and when. It does not list their numbers: the list would only help to find the people who
    asked for it in copies of the results elsewhere.

    Args:
        stored: the results. They may be those of an interrupted removal.
        indexes: the people.
        folder: where the files go. It exists, and is empty.
        erased_ms: the current time, in milliseconds since the epoch.

    Raises:
        StoredResultError: the file of observations is damaged.
        OSError: the files cannot be written.
    """
    counts = write_chunked_files(_chosen(stored, lambda index: index not in indexes), folder)
    document = json.loads((stored.folder / job_summary.NAME).read_text("utf-8"))
    removed = document["counts"]["people"] - counts["people"]
    document["counts"] = {**document["counts"], **counts}
    provenance = document.setdefault("provenance", asdict(Provenance()))
    earlier = provenance.get(ERASED, {}).get("people", 0)
    provenance[ERASED] = {"people": earlier + removed, "at": utc_text_to_second(erased_ms)}
    _write_summary(document, folder)


def write_only(stored: StoredResult, indexes: Set[int], folder: Path) -> None:
    """Writes all result files with some people only, for example for a person who asks for their data.

    Args:
        stored: complete results.
        indexes: the people.
        folder: where the files go. It exists, and is empty.

    Raises:
        PersonNotFoundError: one of the people is not in the results.
        StoredResultError: the file of observations is damaged.
        OSError: the files cannot be written.
    """
    people_to_remove(stored, indexes)
    counts = write_chunked_files(_chosen(stored, lambda index: index in indexes), folder)
    document = json.loads((stored.folder / job_summary.NAME).read_text("utf-8"))
    document["counts"] = {**document["counts"], **counts}
    _write_summary(document, folder)


def _chosen(stored: StoredResult, is_chosen: Callable[[int], bool]) -> Iterator[Observation]:
    return (one for one in stored.uncounted_observations() if is_chosen(one.person_index))


def _write_summary(document: object, folder: Path) -> None:
    text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    (folder / job_summary.NAME).write_text(text, "utf-8", newline="\n")


def _known(counts: Counter[int]) -> str:
    """Returns in words which people there are."""
    if not counts:
        return "they have no people"
    shown = ", ".join(map(str, islice(sorted(counts), _SHOWN_PEOPLE)))
    more = f" and {len(counts) - _SHOWN_PEOPLE} more" if len(counts) > _SHOWN_PEOPLE else ""
    return f"they have {shown}{more}"
