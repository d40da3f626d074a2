"""How long it takes to count an hour of video again."""

from __future__ import annotations

import gzip
import json
import math
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.counting.grid import grid
from benchmarks.engine.tables import markdown
from benchmarks.timing import interleaved, median, timed
from people_pathing.analysis import count_files
from people_pathing.analysis.path_points import read_path_points
from people_pathing.analysis.summaries.intervals import Recording
from people_pathing.analysis.video_counts import count_video
from people_pathing.analysis.zones_file.sections import ZonesFile

OBSERVATIONS = 200_000
PER_PERSON = 500
STEP_MS = 67
HOUR_MS = 3_600_000
ROUNDS = 3


def recount_table() -> str:
    """Returns the time of counting, beside that of reading the same file as JSON."""
    small = grid()
    few = ZonesFile(small.zones[5:8], small.lines[:2])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "observations.jsonl.gz")
        with gzip.open(path, "wt", compresslevel=1) as file:
            file.writelines(observation_lines())

        def parse() -> None:
            with gzip.open(path) as lines:
                for line in lines:
                    json.loads(line)

        def count(zones_file: ZonesFile) -> None:
            counts = count_video(
                read_path_points(path),
                zones_file,
                aspect_ratio=16 / 9,
                recording=Recording(HOUR_MS, 0),
                interval_minutes=1,
            )
            count_files.counts_document(counts, "hour.mp4", 1)
            count_files.events_csv(counts)
            count_files.intervals_csv(counts)
            count_files.flows_csv(counts)

        parse()  # fills the disk cache
        times = interleaved(
            {
                "reading the JSON only": lambda: timed(parse),
                "3 zones, 2 lines": lambda: timed(lambda: count(few)),
                f"{len(small.zones)} zones, {len(small.lines)} lines": lambda: timed(lambda: count(small)),
            },
            ROUNDS,
        )
    seconds = {name: median(found).processor for name, found in times.items()}
    base = seconds["reading the JSON only"]
    return markdown(
        [f"{OBSERVATIONS:,} observations", "processor time", "÷ reading"],
        ([name, f"{taken:.1f} s", f"{taken / base:.1f}"] for name, taken in seconds.items()),
    )


def observation_lines() -> Iterator[str]:
    """Yields the observations of people who walk on ellipses through the whole frame."""
    for person in range(OBSERVATIONS // PER_PERSON):
        start_ms = person * (HOUR_MS - PER_PERSON * STEP_MS) // (OBSERVATIONS // PER_PERSON)
        for number in range(PER_PERSON):
            turn = 2 * math.pi * (number / PER_PERSON * 2 + person * 0.618)
            x, y = 0.5 + 0.45 * math.cos(turn), 0.55 + 0.4 * math.sin(turn)
            box = {"Width": 0.05, "Height": 0.2, "Left": x - 0.025, "Top": y - 0.2}
            at_ms = start_ms + number * STEP_MS
            yield json.dumps({"Timestamp": at_ms, "Person": {"Index": person, "BoundingBox": box}}) + "\n"
