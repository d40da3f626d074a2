"""What the two ways of erasing people have in common: in the results of a stack, and in a folder."""

from __future__ import annotations

from collections import Counter
from collections.abc import Set
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class FoundPeople:
    """What there is to erase about people in the results of one video.

    Attributes:
        video: the video's address or path.
        observation_counts: how many observations each person has, by index. If an earlier erasure was
            interrupted, people may be missing here.
        replaced: names of the files that are replaced by files without these people.
        erased: names of the files and folders that are erased, because they were made from the observations.
        job_ids: the service's jobs whose artifacts are erased.
        unknown: names of other files beside the results. They stay, and may show the people.
    """

    video: str
    observation_counts: Counter[int]
    replaced: tuple[str, ...]
    erased: tuple[str, ...]
    job_ids: tuple[str, ...]
    unknown: tuple[str, ...]


@dataclass(slots=True)
class ErasedPeople:
    """How much has been erased so far.

    Attributes:
        people: people who were in the results.
        observations: their observations.
        files: erased files. In buckets, each version and each delete marker of an object counts.
    """

    people: int = 0
    observations: int = 0
    files: int = 0


class PeopleErasure(Protocol):
    """Erases people from the results of one video. If it is interrupted, another one continues it.

    Attributes:
        indexes: the numbers of the people.
        erased: what has been erased so far.
        has_begun: whether something has been changed.
    """

    indexes: Set[int]
    erased: ErasedPeople
    has_begun: bool

    def find(self) -> FoundPeople:
        """Finds what there is to erase. Changes nothing.

        Raises:
            CommandError: a person or the results are not there, or a job is running.
        """

    def run(self) -> None:
        """Erases it.

        Raises:
            CommandError: as for `find`, or something else changed the results at the same time.
        """
