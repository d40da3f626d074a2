"""Compares the engine with other trackers, on the same detections and processor."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from benchmarks.engine import detecting
from benchmarks.engine.detecting import Detected, DetectionStore
from benchmarks.engine.ground_truth import Labelled
from benchmarks.engine.peers.running import PEERS, Peer, PeerError, run_peer, skip_reason
from benchmarks.engine.scoring import Score, evaluate, mean, worst_tenth
from benchmarks.engine.spread import SPREAD, Run, drawn_settings, score_all
from benchmarks.timing import Seconds, interleaved, median_ratio, timed
from people_pathing.engine import Detector, link_detections
from people_pathing.engine.tracking.settings import TrackerSettings

EVERY_FRAME = "ours, every frame"
DEFAULT_SAMPLING = "ours, default sampling"


@dataclass(frozen=True, slots=True)
class Measured:
    """The accuracy of one method on one sequence.

    Attributes:
        sequence: name of the sequence.
        method: name of the method.
        score: its accuracy.
        linking_ratio: processor time of linking the detections, as a multiple of the engine's in the same
            run; None if it was not measured.
    """

    sequence: str
    method: str
    score: Score
    linking_ratio: float | None = None


def usable_peers() -> tuple[Peer, ...]:
    """Returns the other trackers that can be run here, and reports why the rest cannot."""
    usable = []
    for peer in PEERS:
        if reason := skip_reason(peer):
            print(f"skipped: {peer.title}: {reason}", file=sys.stderr)
        else:
            usable.append(peer)
    return tuple(usable)


def compare(
    labelled: Labelled, store: DetectionStore, detector: Detector, peers: Sequence[Peer], rounds: int
) -> Iterator[Measured]:
    """Measures the engine and other trackers on one sequence.

    All get the detections of every frame, except the engine once more at its default sampling. The times are
    measured in turn.
    """
    every_frame = store.detect(labelled, detector, detecting.EVERY_FRAME)
    default = store.detect(labelled, detector)
    rows: dict[Peer, list[list[float]]] = {}

    def live(peer: Peer) -> Seconds:
        rows[peer], seconds = run_peer(peer, every_frame)
        return seconds

    actions: dict[str, Callable[[], Seconds]] = {
        EVERY_FRAME: partial(_linking_time, every_frame),
        DEFAULT_SAMPLING: partial(_linking_time, default),
    }
    for peer in peers:
        try:
            live(peer)
        except PeerError as error:
            print(f"skipped: {error}", file=sys.stderr)
        else:
            actions[peer.title] = partial(live, peer)
    _linking_time(every_frame)  # imports the libraries
    times = interleaved(actions, rounds)
    scores = {
        EVERY_FRAME: Run(every_frame, TrackerSettings()).score(),
        DEFAULT_SAMPLING: Run(default, TrackerSettings()).score(),
    } | {peer.title: evaluate(labelled, found) for peer, found in rows.items()}
    for method, score in scores.items():
        ratio = median_ratio(times[method], times[EVERY_FRAME]).processor
        yield Measured(labelled.name, method, score, ratio)


def compare_groups(
    groups: Mapping[str, Sequence[Labelled]], store: DetectionStore, detector: Detector, peers: Sequence[Peer]
) -> dict[str, dict[str, Score]]:
    """Measures the engine and other trackers on groups of sequences, on the detections of every frame.

    Returns:
        The mean over each group, by method and group. Methods that fail are missing.
    """
    found: dict[str, dict[str, Score]] = {
        method: {} for method in (EVERY_FRAME, *(one.title for one in peers))
    }
    for group, members in groups.items():
        detected = [store.detect(labelled, detector, detecting.EVERY_FRAME) for labelled in members]
        runs = [Run(one, TrackerSettings()) for one in detected]
        found[EVERY_FRAME][group] = mean(score_all(runs))
        for peer in peers:
            rows = [(one.labelled, run_peer(peer, one)[0]) for one in detected]
            found[peer.title][group] = mean([evaluate(labelled, people) for labelled, people in rows])
    return found


def spread(
    labelled: Labelled, store: DetectionStore, detector: Detector, draws: int
) -> tuple[Measured, Measured]:
    """Changes all settings at random, and returns the mean and the worst tenth."""
    detected = store.detect(labelled, detector, detecting.EVERY_FRAME)
    scores = score_all([Run(detected, settings) for settings in drawn_settings(draws)])
    title = f"of {draws} changes of ±{SPREAD:.0%}"
    return (
        Measured(labelled.name, f"ours, mean {title}", mean(scores)),
        Measured(labelled.name, f"ours, 10th percentile {title}", worst_tenth(scores)),
    )


def _linking_time(detected: Detected) -> Seconds:
    detections = detected.load()
    return timed(lambda: link_detections(detections, detected.metadata))
