"""Writing the result files in chunks, so that a long result can be collected by several invocations.

A chunk is the next piece of every chunked file. A file is the concatenation of its pieces. Chunks end after a
fixed number of pages, so a collector that resumes from the last stored chunk produces the same bytes as one
that was never interrupted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING, Protocol, cast

from people_pathing.common.json_values import from_json, to_json
from people_pathing.results import chunked_files
from people_pathing.results.observation import Observation

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


class PageOrderError(ValueError):
    """The service's pages are not sorted by person and then by time."""


class FileWriter(Protocol):
    """What the `Writer` of a chunked file offers.

    It is created with the `State` in which an earlier writer ended its chunk, or with None at the beginning
    of the file. It writes one chunk: `cut` or `end` is called once, after all observations of the chunk.
    """

    @property
    def state(self) -> DataclassInstance:
        """Everything that the writer of the next chunk has to know, as a frozen dataclass.

        It is stored in the job record, which DynamoDB limits to 400 KB. So it must stay at a few KB, however
        long the video is and however many people are in it.
        """

    @property
    def counts(self) -> Mapping[str, int]:
        """The counts that this file contributes to job.json, from the beginning of the file."""

    def add(self, observations: Sequence[Observation]) -> None:
        """Adds observations. They arrive sorted by person and then by time."""

    def cut(self) -> bytes:
        """Returns this chunk's piece of the file. Another chunk follows."""

    def end(self) -> bytes:
        """Returns the last piece of the file."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """The next piece of every chunked file.

    Attributes:
        pieces: the piece of each file by the file's name.
    """

    pieces: Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class Position:
    """The place of an observation in the order of the pages: by person, then by time."""

    person_index: int
    timestamp_ms: int


@dataclass(frozen=True, slots=True)
class FileState:
    """The state of one file at the end of a chunk.

    Attributes:
        file: the file's name.
        state: the JSON form of the file's own `State`, which no other module reads.
    """

    file: str
    state: str


@dataclass(frozen=True, slots=True)
class Progress:
    """Where collecting the results of a job resumes: always at the end of a chunk.

    Attributes:
        next_token: the page token of the next chunk's first page.
        chunk_count: how many chunks are stored.
        last: the last observation that was collected, or None if there was none.
        file_states: the state of each chunked file.
    """

    next_token: str
    chunk_count: int
    last: Position | None
    file_states: tuple[FileState, ...]

    def can_be_resumed(self) -> bool:
        """Tells whether this version of the program can continue the files in the stored chunks.

        A deployment may add a result file, or change what a file's `State` contains, while a job is being
        collected. The stored chunks do not fit the new files then, so collecting has to start again.
        """
        files = chunked_files()
        if [one.file for one in self.file_states] != [file.NAME for file in files]:
            return False
        try:
            for file, one in zip(files, self.file_states, strict=True):
                from_json(file.State, one.state)
        except TypeError:
            return False
        return True


class ChunkWriter:
    """Turns observations into the next chunk of every chunked file.

    Args:
        progress: the end of the last stored chunk, or None to begin with the first chunk.
    """

    def __init__(self, progress: Progress | None) -> None:
        states = {one.file: one.state for one in progress.file_states} if progress else {}
        self._writers = {str(file.NAME): _writer(file, states.get(file.NAME)) for file in chunked_files()}
        self._chunk_count = progress.chunk_count if progress else 0
        self._last = progress.last if progress else None

    @property
    def counts(self) -> Mapping[str, int]:
        """The counts for job.json, from the beginning of the files to the last added observation."""
        return {name: count for writer in self._writers.values() for name, count in writer.counts.items()}

    def add(self, observations: Iterable[Observation]) -> None:
        """Adds observations to every file.

        Raises:
            PageOrderError: an observation belongs before one that was already added.
        """
        batch = tuple(observations)
        self._check_order(batch)
        for writer in self._writers.values():
            writer.add(batch)

    def cut(self, next_token: str) -> tuple[Chunk, Progress]:
        """Ends a chunk that others follow. The writer cannot be used afterwards.

        Args:
            next_token: the page token of the next chunk's first page.

        Returns:
            The chunk, and the progress that the writer of the next chunk needs.
        """
        chunk = Chunk({name: writer.cut() for name, writer in self._writers.items()})
        states = tuple(FileState(name, to_json(writer.state)) for name, writer in self._writers.items())
        return chunk, Progress(next_token, self._chunk_count + 1, self._last, states)

    def end(self) -> Chunk:
        """Ends the last chunk. The writer cannot be used afterwards."""
        return Chunk({name: writer.end() for name, writer in self._writers.items()})

    def _check_order(self, observations: Iterable[Observation]) -> None:
        last: Position | Observation | None = self._last
        for observation in observations:
            index, time_ms = observation.person_index, observation.timestamp_ms
            if last is not None and index < last.person_index:
                raise PageOrderError(f"person {index} comes after person {last.person_index}")
            if last is not None and index == last.person_index and time_ms < last.timestamp_ms:
                raise PageOrderError(f"person {index} at {time_ms} ms comes after {last.timestamp_ms} ms")
            last = observation
        if last is not None:
            self._last = Position(last.person_index, last.timestamp_ms)


def _writer(file: ModuleType, state: str | None) -> FileWriter:
    return cast(FileWriter, file.Writer(None if state is None else from_json(file.State, state)))
