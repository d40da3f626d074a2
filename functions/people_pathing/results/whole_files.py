"""Writes the chunked result files of one video into a folder at once, with a part of it in memory."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from pathlib import Path

from people_pathing.results.chunks import Chunk, ChunkWriter
from people_pathing.results.observation import Observation

_CHUNK_OBSERVATIONS = 50_000
"""Observations that are in memory at once."""


def write_chunked_files(observations: Iterable[Observation], folder: Path) -> dict[str, int]:
    """Writes all result files except job.json.

    Args:
        observations: by person and then by time.
        folder: where the files go. It exists, and has none of them.

    Returns:
        The counts for job.json.

    Raises:
        PageOrderError: the observations are not sorted.
        OSError: the files cannot be written.
    """
    remaining, progress = iter(observations), None
    while True:
        writer = ChunkWriter(progress)
        batch = tuple(islice(remaining, _CHUNK_OBSERVATIONS))
        writer.add(batch)
        if len(batch) < _CHUNK_OBSERVATIONS:
            break
        chunk, progress = writer.cut("")
        _append(chunk, folder)
    _append(writer.end(), folder)
    return dict(writer.counts)


def _append(chunk: Chunk, folder: Path) -> None:
    for name, piece in chunk.pieces.items():
        with (folder / name).open("ab") as file:
            file.write(piece)
