"""Measures the accuracy and the cost of the engine, part by part, and beside other trackers.

    python -m benchmarks.engine [--data DIR] [--tables accuracy detectors] [--spread 24]

The data folder (--data, or TRACKING_DATA) has videos and, beside each, its ground truth NAME.gt.txt in
MOTChallenge's format. `benchmarks.material` makes more of them for the table "material": moving cameras, few
frames a second, cuts and stillness.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.engine.accuracy import Measured, compare, spread, usable_peers
from benchmarks.engine.detecting import DetectionStore
from benchmarks.engine.detectors import compare_detectors, load_detectors
from benchmarks.engine.ground_truth import DEFAULT_DATA, Labelled, sequences
from benchmarks.engine.tables import FIGURES, figures, machine, markdown, write_table
from people_pathing.engine import Detector

DEFAULT_MODEL = DEFAULT_DATA.with_name("models") / "yolox_nano.onnx"


@dataclass(frozen=True, slots=True)
class Bench:
    """What all tables need.

    Attributes:
        labelled: the sequences.
        store: where detections are kept.
        detectors: all that can be used here, the default first.
        rounds: how often times are measured.
        draws: how many random changes of the settings are measured; 0 for none.
    """

    labelled: tuple[Labelled, ...]
    store: DetectionStore
    detectors: dict[str, Detector]
    rounds: int
    draws: int

    @property
    def detector(self) -> Detector:
        """The default detector."""
        return next(iter(self.detectors.values()))


def accuracy_table(bench: Bench) -> str:
    """Returns the table of the engine and other trackers on every sequence."""
    return markdown(
        ["sequence", "method", *FIGURES, "time of linking"],
        (
            [
                measured.sequence,
                measured.method,
                *figures(measured.score),
                "" if measured.linking_ratio is None else f"{measured.linking_ratio:.2f}",
            ]
            for measured in _all_methods(bench)
        ),
    )


def _all_methods(bench: Bench) -> Iterator[Measured]:
    peers = usable_peers()
    for labelled in bench.labelled:
        yield from compare(labelled, bench.store, bench.detector, peers, bench.rounds)
        if bench.draws:
            yield from spread(labelled, bench.store, bench.detector, bench.draws)


def detectors_table(bench: Bench) -> str:
    """Returns the table of all detectors on every sequence."""
    return markdown(
        ["sequence", "detector", *FIGURES, "time of detection"],
        (
            [one.sequence, one.detector, *figures(one.score), f"{one.ratio:.2f}"]
            for labelled in bench.labelled
            for one in compare_detectors(labelled, bench.store, bench.detectors, bench.rounds)
        ),
    )


TABLES: dict[str, Callable[[Bench], str]] = {"accuracy": accuracy_table, "detectors": detectors_table}
"""The tables, by name."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the benchmark and prints its tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("TRACKING_DATA", DEFAULT_DATA)))
    parser.add_argument(
        "--model",
        action="append",
        default=[],
        metavar="DETECTOR=MODEL",
        help="model of a detector: an ONNX file or the name of a known model",
    )
    parser.add_argument("--tables", nargs="+", choices=TABLES, default=list(TABLES))
    parser.add_argument("--rounds", type=int, default=3, help="how often times are measured")
    parser.add_argument(
        "--spread", type=int, default=8, metavar="N", help="measure N random changes of the settings"
    )
    parser.add_argument("--cache", type=Path, help="folder that keeps the detections for the next run")
    parser.add_argument("--write", type=Path, help="document whose tables are replaced")
    options = parser.parse_args(arguments)
    found = tuple(sequences(options.data))
    if not found:
        print(f"{options.data} has no NAME.gt.txt with a video beside it; choose another folder with --data.")
        return
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.cache or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        bench = Bench(
            found,
            DetectionStore(folder),
            load_detectors(_models(options.model)),
            options.rounds,
            options.spread,
        )
        print(f"{machine()}; {bench.detector.name}\n")
        for name in options.tables:
            print(f"measuring: {name}", file=sys.stderr)
            table = f"{machine()}; {bench.detector.name}\n\n{TABLES[name](bench)}"
            print(table, flush=True)
            if options.write:
                write_table(options.write, name, table)


def _models(options: Sequence[str]) -> dict[str, str]:
    models = dict(option.split("=", maxsplit=1) for option in options)
    if model := os.environ.get("TRACKING_MODEL"):
        models.setdefault("yolox", model)
    elif DEFAULT_MODEL.exists():
        models.setdefault("yolox", str(DEFAULT_MODEL))
    return models


if __name__ == "__main__":
    main()
