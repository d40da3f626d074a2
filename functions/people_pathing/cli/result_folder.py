"""Results without a bucket: the files that the pipeline stores, written from what the engine found."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from people_pathing.engine import mot_rows
from people_pathing.pipeline.person_pages import observations_in
from people_pathing.pipeline.results_bucket import JOB, ChunkWriter
from people_pathing.service.result_pages.from_tracks import api_metadata, observations
from people_pathing.service.result_pages.layout import OBSERVATION, Observation, person

if TYPE_CHECKING:
    from people_pathing.engine import TrackingResult


def write_results(result: TrackingResult, video: Path, folder: Path) -> None:
    """Write observations.jsonl.gz, people.json and job.json into `folder`, as the pipeline stores them."""
    metadata = result.metadata
    found = observations(result.tracks, metadata.frame_width, metadata.frame_height)
    writer = ChunkWriter(None)
    persons: Iterator[Any] = (
        person(Observation.of(values))
        for page in found.pages("INDEX")
        for values in OBSERVATION.iter_unpack(page.tobytes())
    )
    writer.add(observations_in(persons))
    files = dict(writer.end().pieces)
    job: dict[str, Any] = {
        "status": "SUCCEEDED",
        "video": {"path": str(video)},
        "VideoMetadata": api_metadata(metadata),
        "counts": {"people": writer.people_count, "observations": writer.observation_count},
    }
    files[JOB] = (json.dumps(job, indent=2, ensure_ascii=False) + "\n").encode()
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".results-", dir=folder.parent) as scratch:
        for name, content in files.items():
            (Path(scratch) / name).write_bytes(content)
        replace_files(Path(scratch), folder)


def write_mot(result: TrackingResult, path: Path) -> None:
    """Write a MOTChallenge result file: a row for each person in each frame of the video."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".mot-", dir=path.parent) as scratch:
        written = Path(scratch) / path.name
        with written.open("w") as file:
            for frame, person_id, left, top, width, height, score, *rest in mot_rows(result):
                sizes = f"{left:.2f},{top:.2f},{width:.2f},{height:.2f},{score:.3f}"
                file.write(f"{frame},{person_id},{sizes},{','.join(map(str, rest))}\n")
        written.replace(path)


def replace_files(scratch: Path, folder: Path) -> None:
    """Moves the files of one folder into another, where each replaces a file of the same name at once."""
    folder.mkdir(parents=True, exist_ok=True)
    for file in sorted(scratch.iterdir()):
        shutil.move(file, folder / file.name)
