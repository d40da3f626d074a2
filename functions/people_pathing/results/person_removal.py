"""Writes result files without some of the people in them.

The numbers of the other people stay, because files elsewhere may name them. job.json is replaced after the
other files. Until then, it says more observations than there are, and readers refuse the results. A marker,
which is stored before anything else changes and erased when everything is done, tells the results of an
interrupted removal from damaged ones.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Set
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path

from people_pathing.common.clock import utc_text_to_second
from people_pathing.results.files import job_summary, observations
from people_pathing.results.observation import Observation
from people_pathing.results.provenance import Provenance
from people_pathing.results.stored_result import StoredResult, StoredResultError
from people_pathing.results.whole_files import write_chunked_files

ERASED = "erased"
"""The member of the provenance that says that people were removed, but not who: see `write_without`."""

MARKER = "erasing.json"
"""The marker of a removal that is not complete. It is in the folder of the results while it is read."""

_SHOWN_PEOPLE = 20


class PersonNotFoundError(ValueError):
    """The results do not have a person. The message says which people they have."""


def observation_counts(stored: StoredResult, indexes: Set[int]) -> Counter[int]:
    """Returns how many observations each of some people has. Reads the observations once.

    A person of an interrupted removal may have none left.

    Args:
        stored: the results.
        indexes: the people.

    Raises:
        PersonNotFoundError: one of them is not in the results, and no removal of that person was interrupted.
        StoredResultError: the file of observations is damaged, or no removal explains how many it has.
    """
    counts = Counter(observation.person_index for observation in stored.uncounted_observations())
    unfinished = _unfinished(stored)
    is_interrupted = {counts.total(), stored.observation_count} <= unfinished.observation_counts
    if counts.total() != stored.observation_count and not is_interrupted:
        raise StoredResultError(
            f"{stored.folder / observations.NAME} has {counts.total()} observations, but {job_summary.NAME} "
            f"says {stored.observation_count}, and no erasure was interrupted; track the video again, or "
            "fetch its results again"
        )
    missing = sorted(indexes - counts.keys() - (unfinished.indexes if is_interrupted else frozenset()))
    if missing:
        raise PersonNotFoundError(
            f"person {missing[0]} is not in the results of {stored.video}; {_known(counts)}"
        )
    return Counter({index: counts[index] for index in indexes if index in counts})


def write_without(stored: StoredResult, indexes: Set[int], folder: Path, erased_ms: int) -> None:
    """Writes all result files without some people, and the marker of the removal.

    The provenance says how many and when. It does not list their numbers: the list would only help to find
    the people who asked for it in copies of the results elsewhere. The marker lists them, and is erased at
    the end.

    Args:
        stored: the results. They may be those of an interrupted removal.
        indexes: the people.
        folder: where the files go. It exists, and is empty.
        erased_ms: the current time, in milliseconds since the epoch.

    Raises:
        StoredResultError: the file of observations is damaged.
        OSError: the files cannot be written.
    """
    stored_count = 0

    def remaining() -> Iterator[Observation]:
        nonlocal stored_count
        for one in stored.uncounted_observations():
            stored_count += 1
            if one.person_index not in indexes:
                yield one

    counts = write_chunked_files(remaining(), folder)
    document = json.loads((stored.folder / job_summary.NAME).read_text("utf-8"))
    removed = document["counts"]["people"] - counts["people"]
    document["counts"] = {**document["counts"], **counts}
    provenance = document.setdefault("provenance", asdict(Provenance()))
    earlier = provenance.get(ERASED, {}).get("people", 0)
    provenance[ERASED] = {"people": earlier + removed, "at": utc_text_to_second(erased_ms)}
    (folder / job_summary.NAME).write_bytes(job_summary.document_content(document))
    earlier_marker = _unfinished(stored)
    marker = {
        "indexes": sorted(indexes | earlier_marker.indexes),
        "observations": sorted({stored.observation_count, stored_count, counts["observations"]}),
    }
    (folder / MARKER).write_text(json.dumps(marker) + "\n", "utf-8")


@dataclass(frozen=True, slots=True)
class _UnfinishedRemoval:
    """What the marker says.

    Attributes:
        indexes: the people who may be gone already.
        observation_counts: how many observations the file has, or job.json says, at any time of the removal.
    """

    indexes: frozenset[int] = frozenset()
    observation_counts: frozenset[int] = frozenset()


def _unfinished(stored: StoredResult) -> _UnfinishedRemoval:
    """Returns what the marker beside the results says. Without one, all people must be there.

    Raises:
        StoredResultError: the marker is damaged.
    """
    path = stored.folder / MARKER
    try:
        document = json.loads(path.read_text("utf-8"))
        return _UnfinishedRemoval(frozenset(document["indexes"]), frozenset(document["observations"]))
    except FileNotFoundError:
        return _UnfinishedRemoval()
    except (ValueError, KeyError, TypeError) as error:
        raise StoredResultError(
            f"{path} is damaged; track the video again, or fetch its results again"
        ) from error


def _known(counts: Counter[int]) -> str:
    """Returns in words which people there are."""
    if not counts:
        return "they have no people"
    shown = ", ".join(map(str, islice(sorted(counts), _SHOWN_PEOPLE)))
    more = f" and {len(counts) - _SHOWN_PEOPLE} more" if len(counts) > _SHOWN_PEOPLE else ""
    return f"they have {shown}{more}"
