"""Calculates what an hour of video costs, by how much happens in it, from rates that are measured.

A sequence shows what a second of a busy video costs. Its first frame, shown for half a minute with noise,
shows what a second costs in which nothing moves. In a sparse video, something moves for a tenth of the time.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path

from benchmarks.engine.ground_truth import Labelled
from benchmarks.kinds import Material, View
from benchmarks.material import describe, write
from benchmarks.network import network_alone
from benchmarks.timing import Seconds, interleaved, median, timed
from people_pathing.engine import Detector, Reidentifier, read_metadata, track_video

SPARSE = 0.1
"""Share of the time in which something moves in a sparse video."""
STILL_S = 30
HOUR_S = 3600


@dataclass(frozen=True, slots=True)
class Hour:
    """Processor seconds of one hour of video, calculated.

    Attributes:
        sequence: name of the sequence whose rates were measured.
        busy_s: if the whole hour is like the sequence.
        sparse_s: if a tenth of it is, and nothing moves in the rest.
        still_s: if nothing moves.
        network_s: of the network alone in every sampled frame.
    """

    sequence: str
    busy_s: float
    sparse_s: float
    still_s: float
    network_s: float


def hour_of(
    labelled: Labelled, detector: Detector, reidentifier: Reidentifier | None, folder: Path, rounds: int
) -> Hour:
    """Measures the rates of one sequence in turn, and calculates hours.

    Args:
        labelled: the sequence.
        detector: finds people.
        reidentifier: describes them; None to compare colours only.
        folder: receives the still video.
        rounds: how often times are measured.
    """
    still = _still(labelled, folder)

    def track(video: Path) -> Seconds:
        return timed(lambda: track_video(video, detector=detector, reidentifier=reidentifier))

    times = interleaved(
        {
            "busy": partial(track, labelled.video),
            "still": partial(track, still),
            "network": lambda: network_alone(labelled.video, detector, None)[1],
        },
        rounds,
    )
    busy_s, still_s, network_s = (
        median(times[name]).processor * HOUR_S * 1000 / read_metadata(video).duration_ms
        for name, video in (("busy", labelled.video), ("still", still), ("network", labelled.video))
    )
    sparse_s = SPARSE * busy_s + (1 - SPARSE) * still_s
    return Hour(labelled.name, busy_s, sparse_s, still_s, network_s)


def _still(labelled: Labelled, folder: Path) -> Path:
    """Writes a video of the first frame with noise."""
    path = folder / f"{labelled.name}-stopped.mp4"
    if not path.exists():
        source = describe(labelled.video)
        width, height = source.size
        view = View(frame=0, window=(0.0, 0.0, float(width), float(height)), noise=True)
        size = (width // 2 * 2, height // 2 * 2)
        write(path, Material((view,) * round(STILL_S * source.rate), source.rate, size), labelled.video)
    return path
