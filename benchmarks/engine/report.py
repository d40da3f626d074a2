"""The tables of the benchmark, by name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from benchmarks.engine.accuracy import Measured, compare, compare_groups, spread, usable_peers
from benchmarks.engine.detecting import DetectionStore
from benchmarks.engine.detectors import compare_detectors
from benchmarks.engine.ground_truth import Labelled
from benchmarks.engine.hours import hour_of
from benchmarks.engine.parts import GROUPS, VARIANTS, compare_parts, made_sequences
from benchmarks.engine.tables import FIGURES, brief, figures, markdown
from people_pathing.engine import Detector


@dataclass(frozen=True, slots=True)
class Bench:
    """What all tables need.

    Attributes:
        labelled: the sequences.
        made_from: those of them that more videos are made from.
        store: where detections are kept.
        detectors: all that can be used here, the default first.
        rounds: how often times are measured.
        draws: how many random changes of the settings are measured, at least 1.
    """

    labelled: tuple[Labelled, ...]
    made_from: tuple[Labelled, ...]
    store: DetectionStore
    detectors: dict[str, Detector]
    rounds: int
    draws: int

    @property
    def detector(self) -> Detector:
        """The default detector."""
        return next(iter(self.detectors.values()))


def accuracy(bench: Bench) -> str:
    """The engine and other trackers on each sequence, and the time of linking (the engine's is 1)."""

    def measured() -> Iterator[Measured]:
        peers = usable_peers()
        for labelled in bench.labelled:
            yield from compare(labelled, bench.store, bench.detector, peers, bench.rounds)
            yield from spread(labelled, bench.store, bench.detector, bench.draws)

    return markdown(
        ["sequence", "method", *FIGURES, "time of linking"],
        (
            [
                one.sequence,
                one.method,
                *figures(one.score),
                "" if one.linking_ratio is None else f"{one.linking_ratio:.2f}",
            ]
            for one in measured()
        ),
    )


def material(bench: Bench) -> str:
    """The engine and other trackers on groups of made sequences: MOTA / IDF1 / HOTA."""
    groups = made_sequences(bench.made_from, bench.store.folder)
    found = compare_groups(groups, bench.store, bench.detector, usable_peers())
    return markdown(
        ["method", *groups],
        ([method, *(brief(scores[group]) for group in groups)] for method, scores in found.items()),
    )


def parts(bench: Bench) -> str:
    """The engine without each of its parts, on groups of made sequences: the mean, then the worst tenth."""
    groups = made_sequences(bench.made_from, bench.store.folder)
    found = compare_parts(groups, bench.store, bench.detector, bench.draws)
    cells = {(one.variant, one.group): f"{brief(one.mean)} ({brief(one.tenth)})" for one in found}
    return markdown(
        [f"±15 %, {bench.draws} changes", *GROUPS],
        ([variant.title, *(cells[variant.title, group] for group in GROUPS)] for variant in VARIANTS),
    )


def detectors(bench: Bench) -> str:
    """Every detector on each sequence, and the time of the detect step (the default detector's is 1)."""
    return markdown(
        ["sequence", "detector", *FIGURES, "time of detection"],
        (
            [one.sequence, one.detector, *figures(one.score), f"{one.ratio:.2f}"]
            for labelled in bench.labelled
            for one in compare_detectors(labelled, bench.store, bench.detectors, bench.rounds)
        ),
    )


def hours(bench: Bench) -> str:
    """Processor seconds for an hour of video, calculated from rates."""
    found = (
        hour_of(labelled, bench.detector, bench.store.reidentifier, bench.store.folder, bench.rounds)
        for labelled in bench.labelled
    )
    return markdown(
        ["an hour like", "busy", "sparse", "still", "network alone", "busy ÷ network", "still ÷ network"],
        (
            [
                hour.sequence,
                *(
                    f"{seconds:.0f} s"
                    for seconds in (hour.busy_s, hour.sparse_s, hour.still_s, hour.network_s)
                ),
                f"{hour.busy_s / hour.network_s:.2f}",
                f"{hour.still_s / hour.network_s:.2f}",
            ]
            for hour in found
        ),
    )


TABLES: dict[str, Callable[[Bench], str]] = {
    "accuracy": accuracy,
    "material": material,
    "parts": parts,
    "detectors": detectors,
    "hours": hours,
}
