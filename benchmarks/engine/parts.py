"""Turns each part of the engine off in turn, on kinds of video that need it and on kinds that do not."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from benchmarks.engine.detecting import DEFAULT, EVERY_FRAME, DetectionStore, DetectOptions
from benchmarks.engine.ground_truth import Labelled, sequences
from benchmarks.engine.scoring import Score, mean, worst_tenth
from benchmarks.engine.spread import Run, drawn_settings, score_all
from benchmarks.material import make
from people_pathing.engine import Detections, Detector
from people_pathing.engine.detections import FIXED_CAMERA, no_embeddings
from people_pathing.engine.tracking.settings import TrackerSettings

NEVER = 2.0
"""A limit that no score reaches."""

GROUPS: Mapping[str, tuple[str, ...]] = {
    "as given": (),
    "moving camera": ("pan", "shake", "zoom", "pan-zoom"),
    "cuts": ("cuts", "jumps"),
    "still stretches": ("still",),
    "few frames": ("every-5", "every-10"),
}
"""Kinds of `benchmarks.kinds`, by the title of their column; none for the sequences themselves."""


def without_embeddings(detections: Detections) -> Detections:
    """Returns detections as if there were no reidentifier."""
    return replace(detections, embedding_rows=np.empty(0, np.int64), embeddings=no_embeddings())


def without_camera_motion(detections: Detections) -> Detections:
    """Returns detections as if the camera were fixed."""
    steps = np.tile(np.array(FIXED_CAMERA, np.float32), (len(detections.frame_numbers), 1))
    return replace(detections, camera_steps=steps)


def without_cuts(detections: Detections) -> Detections:
    """Returns detections as if there were no cuts."""
    return replace(detections, cuts=np.zeros_like(detections.cuts))


def without_lone_detections(settings: TrackerSettings) -> TrackerSettings:
    """Returns settings that keep from linking what association leaves alone."""
    return replace(settings, lone_score=NEVER)


@dataclass(frozen=True, slots=True)
class Variant:
    """The engine with one part changed.

    Attributes:
        title: its row in the table.
        options: how people are detected.
        changed: what is taken away from the detections.
        settings: what is changed in settings of tracking.
    """

    title: str
    options: DetectOptions = DEFAULT
    changed: Callable[[Detections], Detections] | None = None
    settings: Callable[[TrackerSettings], TrackerSettings] = lambda settings: settings


VARIANTS = (
    Variant("all parts"),
    Variant("without re-identification", changed=without_embeddings),
    Variant("without camera motion", changed=without_camera_motion),
    Variant("without cuts", changed=without_cuts),
    Variant("without lone detections", settings=without_lone_detections),
    Variant("still frames searched, too", DetectOptions(skip_still=False)),
    Variant("all sampled frames searched", DetectOptions(search_fps=math.inf)),
    Variant("every frame sampled and searched", EVERY_FRAME),
    Variant("3 searches a second", DetectOptions(search_fps=3)),
    Variant("2 searches a second", DetectOptions(search_fps=2)),
)


@dataclass(frozen=True, slots=True)
class PartScores:
    """The accuracy of one variant on one group of sequences.

    Attributes:
        variant: title of the variant.
        group: title of the group.
        mean: over all sequences and changes of the settings.
        tenth: the 10th percentile over the changes, mean over the sequences.
    """

    variant: str
    group: str
    mean: Score
    tenth: Score


def made_sequences(labelled: Sequence[Labelled], folder: Path) -> dict[str, list[Labelled]]:
    """Returns the sequences of each group. Those that are missing in the folder are made."""
    made = {one.name: one for one in sequences(folder)}
    return {
        group: [
            made.get(f"{one.name}-{kind}") or make(one, kind, folder) for one in labelled for kind in kinds
        ]
        or list(labelled)
        for group, kinds in GROUPS.items()
    }


def compare_parts(
    groups: Mapping[str, Sequence[Labelled]], store: DetectionStore, detector: Detector, draws: int
) -> list[PartScores]:
    """Measures all variants on all groups, each with the same random changes of the settings."""
    cells = [(variant, group) for variant in VARIANTS for group in groups]
    runs: dict[tuple[str, str], list[list[Run]]] = {}
    for variant, group in cells:
        settings = [variant.settings(one) for one in drawn_settings(draws)]
        runs[variant.title, group] = []
        for labelled in groups[group]:
            detected = store.detect(labelled, detector, variant.options)
            changed = (
                variant.changed if variant.changed and _matters(variant.changed, detected.load()) else None
            )
            runs[variant.title, group].append([Run(detected, one, changed) for one in settings])
    # A variant without effect on a sequence is not tracked again.
    every = list(dict.fromkeys(run for cell in runs.values() for row in cell for run in row))
    scores = dict(zip(every, score_all(every), strict=True))
    return [
        PartScores(
            variant.title,
            group,
            mean([scores[run] for row in runs[variant.title, group] for run in row]),
            mean([worst_tenth([scores[run] for run in row]) for row in runs[variant.title, group]]),
        )
        for variant, group in cells
    ]


def _matters(changed: Callable[[Detections], Detections], before: Detections) -> bool:
    after = changed(before)
    return any(
        getattr(before, name).tobytes() != getattr(after, name).tobytes()
        for name in ("cuts", "camera_steps", "embedding_rows")
    )
