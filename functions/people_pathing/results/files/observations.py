"""observations.jsonl.gz: every observation as GetPersonTracking reports it, one JSON object per line.

Each chunk is a gzip member of its own, so it can be compressed without the chunks before it. RFC 1952,
section 2.2, allows a file of several members, and gzip readers concatenate them.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from people_pathing.results.observation import Observation

NAME = "observations.jsonl.gz"
CONTENT_TYPE = "application/gzip"
SUMMARY = "every observation as `GetPersonTracking` reports it, one JSON object per line, by person and time"
SCHEMA = "observations.schema.json"

# zlib writes a gzip header and trailer if 16 is added to the window size.
_GZIP_WBITS = 16 + zlib.MAX_WBITS


@dataclass(frozen=True, slots=True)
class State:
    """What the next chunk continues from."""

    observation_count: int


class Writer:
    """Writes one chunk of observations.jsonl.gz. See `chunks.FileWriter`."""

    def __init__(self, state: State | None) -> None:
        self._observation_count = state.observation_count if state else 0
        self._compressor = zlib.compressobj(wbits=_GZIP_WBITS)
        self._compressed: list[bytes] = []

    @property
    def state(self) -> State:
        """What the next chunk continues from."""
        return State(self._observation_count)

    @property
    def counts(self) -> Mapping[str, int]:
        """The number of observations, from the beginning of the file."""
        return {"observations": self._observation_count}

    def add(self, observations: Sequence[Observation]) -> None:
        """Adds a line for each observation."""
        self._observation_count += len(observations)
        lines = "".join(observation.line + "\n" for observation in observations)
        self._compressed.append(self._compressor.compress(lines.encode()))

    def cut(self) -> bytes:
        """Returns this chunk as a complete gzip member."""
        self._compressed.append(self._compressor.flush())
        return b"".join(self._compressed)

    def end(self) -> bytes:
        """Returns the last chunk as a complete gzip member."""
        return self.cut()
