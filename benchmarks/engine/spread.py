"""Changes all settings at random, to see how much of an accuracy is luck.

A single run tells little: one wrong join costs 5 to 10 points of IDF1. Compare two methods by
their means over many changed settings. The worst tenth shows what a different video might lose.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, fields, is_dataclass, replace
from multiprocessing import get_context
from typing import Any, TypeVar

from benchmarks.engine.detecting import Detected
from benchmarks.engine.scoring import Score, score_tracks
from people_pathing.engine import Detections, link_detections
from people_pathing.engine.segments import available_cpus
from people_pathing.engine.tracking.settings import TrackerSettings

SPREAD = 0.15
"""Largest relative change of a setting."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Run:
    """One tracking of stored detections.

    Attributes:
        detected: the detections.
        settings: of tracking.
        changed: what is taken away from the detections; None for nothing. It is a function of a module, so
            that another process can find it.
    """

    detected: Detected
    settings: TrackerSettings
    changed: Callable[[Detections], Detections] | None = None

    def score(self) -> Score:
        """Tracks the people and compares them with the ground truth."""
        detections = self.detected.load()
        if self.changed:
            detections = self.changed(detections)
        tracks = link_detections(detections, self.detected.metadata, self.settings)
        return score_tracks(self.detected.labelled, self.detected.metadata, detections, tracks)


def perturbed(value: T, chance: random.Random) -> T:
    """Multiplies every number in settings by a random factor of 1 ± SPREAD.

    Integers stay integers. A number from 0 to 1 stays there, because it may be a score or a share.
    """
    changed: Any = value
    if is_dataclass(value) and not isinstance(value, type):
        changed = replace(
            value, **{field.name: perturbed(getattr(value, field.name), chance) for field in fields(value)}
        )
    elif isinstance(value, tuple):
        changed = tuple(perturbed(item, chance) for item in value)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        changed = value * chance.uniform(1 - SPREAD, 1 + SPREAD)
        if 0 <= value <= 1:
            changed = min(changed, 1.0)
        if isinstance(value, int):
            changed = round(changed)
    result: T = changed
    return result


def drawn_settings(draws: int, settings: TrackerSettings | None = None) -> list[TrackerSettings]:
    """Returns settings changed at random. The same number of draws gives the same changes."""
    return [
        perturbed(settings or TrackerSettings(), random.Random(draw))  # noqa: S311 - not a secret
        for draw in range(draws)
    ]


def score_all(runs: Sequence[Run]) -> list[Score]:
    """Scores all runs, one process per processor, and returns the scores in the same order."""
    # Runs on the same detections are neighbours, so that a process reads them once.
    order = sorted(range(len(runs)), key=lambda position: runs[position].detected.file)
    with ProcessPoolExecutor(available_cpus(), mp_context=get_context("spawn")) as pool:
        scores = dict(zip(order, pool.map(Run.score, (runs[at] for at in order), chunksize=4), strict=True))
    return [scores[position] for position in range(len(runs))]
