"""Measures the counting error against ground truth, and the time that counting takes.

    python -m benchmarks.counting [--data DIR] [--cache DIR] [--write docs/benchmarks.md]

The lines and zones are a fixed grid. The truth is counted on the paths of the ground truth, by the rules of
people-pathing. supervision counts with LineZone and PolygonZone. The data is that of `benchmarks.engine`.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from benchmarks.counting.counters import Rows, count_rows, count_unconfirmed, count_with_supervision
from benchmarks.counting.grid import CELLS, grid
from benchmarks.counting.recount import recount_table
from benchmarks.counting.tallies import FIGURES, Error, Tally, errors
from benchmarks.engine.__main__ import DEFAULT_MODELS, DEFAULT_REIDENTIFICATION_MODEL
from benchmarks.engine.detecting import DEFAULT, EVERY_FRAME, Detected, DetectionStore
from benchmarks.engine.ground_truth import DEFAULT_DATA, Labelled, sequences
from benchmarks.engine.peers.running import PEERS, Peer, run_peer, skip_reason
from benchmarks.engine.scoring import Score, evaluate, mean
from benchmarks.engine.tables import brief, machine, markdown, write_table
from people_pathing.engine import TrackingResult, link_detections, load_detector, load_reidentifier
from people_pathing.engine.motchallenge.writing import mot_rows
from people_pathing.engine.selection.detectors import DEFAULT_DETECTOR

BYTETRACK = "supervision's ByteTrack"
Counting = Callable[..., Tally]
OURS: tuple[str, Counting] = ("ours", count_rows)
UNCONFIRMED: tuple[str, Counting] = ("ours, unconfirmed", count_unconfirmed)
DEFAULT_ANCHORS: tuple[str, Counting] = (
    "supervision",
    partial(count_with_supervision, foot_point_only=False),
)
FOOT_POINT: tuple[str, Counting] = (
    "supervision, foot point",
    partial(count_with_supervision, foot_point_only=True),
)


@dataclass(frozen=True, slots=True)
class Paths:
    """What a tracker found in one sequence.

    Attributes:
        rows: at the observations, for counting.
        score: against the ground truth; None for the ground truth itself.
    """

    rows: Rows
    score: Score | None


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the benchmark and prints its tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("TRACKING_DATA", DEFAULT_DATA)))
    parser.add_argument("--cache", type=Path, help="folder that keeps detections")
    parser.add_argument("--write", type=Path, help="document whose tables are replaced")
    options = parser.parse_args(arguments)
    tables = {"recount": recount_table()}
    found = tuple(sequences(options.data))
    if found:
        with tempfile.TemporaryDirectory() as temporary:
            folder = options.cache or Path(temporary)
            folder.mkdir(parents=True, exist_ok=True)
            tables["counting"] = counting_table(found, folder)
    else:
        print(f"{options.data} has no NAME.gt.txt with a video beside it", file=sys.stderr)
    for name, table in tables.items():
        text = f"{machine()}\n\n{table}"
        print(text, flush=True)
        if options.write:
            write_table(options.write, name, text)


def counting_table(found: Sequence[Labelled], folder: Path) -> str:
    """Returns the counting errors of each pair of a tracker and a counter."""
    model = os.environ.get("TRACKING_MODEL", str(DEFAULT_MODELS[DEFAULT_DETECTOR]))
    reidentification = os.environ.get("REIDENTIFICATION_MODEL", str(DEFAULT_REIDENTIFICATION_MODEL))
    store = DetectionStore(folder, load_reidentifier(reidentification))
    detector = load_detector(DEFAULT_DETECTOR, model)
    every = [store.detect(labelled, detector, EVERY_FRAME) for labelled in found]
    default = [store.detect(labelled, detector, DEFAULT) for labelled in found]
    trackers: dict[str, list[Paths]] = {
        "ours, default sampling": [tracked(one) for one in default],
        "ours, every frame": [tracked(one) for one in every],
    }
    peer = next(peer for peer in PEERS if peer.name == "supervision")
    if reason := skip_reason(peer):
        print(f"skipped: {peer.title}: {reason}", file=sys.stderr)
    else:
        trackers[BYTETRACK] = [tracked_by(peer, one) for one in every]
    trackers["ground truth"] = [Paths(one.truth.tolist(), None) for one in found]
    pairs = [
        ("ours, default sampling", OURS),
        ("ours, every frame", OURS),
        ("ours, every frame", UNCONFIRMED),
        ("ours, every frame", FOOT_POINT),
        (BYTETRACK, OURS),
        (BYTETRACK, DEFAULT_ANCHORS),
        (BYTETRACK, FOOT_POINT),
        ("ground truth", UNCONFIRMED),
        ("ground truth", DEFAULT_ANCHORS),
        ("ground truth", FOOT_POINT),
    ]
    groups = [*([number] for number in range(len(found))), list(range(len(found)))]
    names = [*(one.name for one in found), "all"]
    truth = [tally(OURS, paths, one) for paths, one in zip(trackers["ground truth"], every, strict=True)]
    rows = []
    for tracker, counter in pairs:
        if tracker not in trackers:
            continue
        tallies = [tally(counter, paths, one) for paths, one in zip(trackers[tracker], every, strict=True)]
        for name, group in zip(names, groups, strict=True):
            error = errors([tallies[at] for at in group], [truth[at] for at in group])
            scores = [score for at in group if (score := trackers[tracker][at].score)]
            rows.append(
                [
                    name,
                    tracker,
                    counter[0],
                    brief(mean(scores)) if scores else "",
                    *(cell(error[figure]) for figure in FIGURES),
                ]
            )
    rows.sort(key=lambda row: names.index(row[0]))
    sums = errors(truth, truth)
    first, second = (
        ", ".join(f"{sums[figure].truth:.0f} {UNITS[figure]}" for figure in part)
        for part in (FIGURES[:3], FIGURES[3:])
    )
    head = ["sequence", "tracks", "counted by", "MOTA / IDF1 / HOTA", *FIGURES]
    return f"{CELLS} by {CELLS} cells; truth: {first},\n{second}\n\n{markdown(head, rows)}"


UNITS = {
    "short lines": "crossings of short lines",
    "whole lines": "of whole lines",
    "visits": "visits",
    "occupancy": "people in zones, added up over frames",
    "dwell": "seconds of dwell",
}


def tally(counter: tuple[str, Counting], paths: Paths, detected: Detected) -> Tally:
    """Counts the people of one sequence at the grid."""
    return counter[1](paths.rows, grid(), detected.metadata, detected.load().frame_count)


def tracked(detected: Detected) -> Paths:
    """Tracks the people of one sequence with the engine."""
    detections = detected.load()
    tracks = link_detections(detections, detected.metadata)
    result = TrackingResult(
        metadata=detected.metadata,
        frame_count=detections.frame_count,
        expected_frame_count=detections.expected_frame_count,
        sampled_frames=detections.frame_numbers,
        tracks=tracks,
    )
    rows = [
        (frame + 1, track.index, x1, y1, x2 - x1, y2 - y1)
        for track in tracks
        for frame, (x1, y1, x2, y2) in zip(track.frame_numbers.tolist(), track.boxes.tolist(), strict=True)
    ]
    return Paths(rows, evaluate(detected.labelled, list(mot_rows(result))))


def tracked_by(peer: Peer, detected: Detected) -> Paths:
    """Tracks the people of one sequence with another tracker."""
    rows, _ = run_peer(peer, detected)
    return Paths(rows, evaluate(detected.labelled, rows))


def cell(error: Error) -> str:
    """Returns an error and its interval."""
    return f"{error.percent:.1f} ({error.low:.0f} to {error.high:.0f})"


if __name__ == "__main__":
    main()
