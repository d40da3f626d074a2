"""Measures the accuracy and the cost of the engine, part by part, and beside other trackers.

    python -m benchmarks.engine [--data DIR] [--tables accuracy detectors] [--spread 24]

The data folder (--data, or TRACKING_DATA) has videos and, beside each, its ground truth NAME.gt.txt in
MOTChallenge's format. For two of the tables, more videos are made from them (`benchmarks.material`): moving
cameras, cuts, stillness and few frames a second.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.engine.detecting import DetectionStore
from benchmarks.engine.detectors import load_detectors
from benchmarks.engine.ground_truth import DEFAULT_DATA, Labelled, sequences
from benchmarks.engine.report import TABLES, Bench
from benchmarks.engine.tables import machine, write_table
from people_pathing.engine import load_reidentifier, read_metadata
from people_pathing.engine.selection.detectors import DEFAULT_DETECTOR

MODELS = DEFAULT_DATA.with_name("models")
DEFAULT_MODELS = {
    DEFAULT_DETECTOR: MODELS / "yolox_nano.onnx",
    "ssd": MODELS / "person-detection-0200.onnx",
}
DEFAULT_REIDENTIFICATION_MODEL = MODELS / "person-reidentification-retail-0286.onnx"


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
    parser.add_argument("--reidentification-model", help='ONNX file, name of a known model, or "none"')
    parser.add_argument("--tables", nargs="+", choices=TABLES, default=list(TABLES))
    parser.add_argument(
        "--made-from",
        nargs="+",
        metavar="NAME",
        help="sequences that more videos are made from (default: the one with the shortest video)",
    )
    parser.add_argument("--rounds", type=int, default=3, help="how often times are measured")
    parser.add_argument(
        "--spread", type=int, default=8, metavar="N", help="measure N random changes of the settings"
    )
    parser.add_argument("--cache", type=Path, help="folder that keeps made videos and detections")
    parser.add_argument("--write", type=Path, help="document whose tables are replaced")
    options = parser.parse_args(arguments)
    found = tuple(sequences(options.data))
    if not found:
        print(f"{options.data} has no NAME.gt.txt with a video beside it; choose another folder with --data.")
        return
    if unknown := set(options.made_from or ()) - {one.name for one in found}:
        parser.error(f"{options.data} has no sequence {', '.join(sorted(unknown))}")
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.cache or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        reidentifier = load_reidentifier(options.reidentification_model or _reidentification_model())
        bench = Bench(
            labelled=found,
            made_from=tuple(one for one in found if one.name in (options.made_from or _shortest(found))),
            store=DetectionStore(folder, reidentifier),
            detectors=load_detectors(_models(options.model)),
            rounds=options.rounds,
            draws=options.spread,
        )
        names = ", ".join(part.name for part in (bench.detector, reidentifier) if part)
        for name in options.tables:
            print(f"measuring: {name}", file=sys.stderr)
            table = f"{machine()};\n{names}\n\n{TABLES[name](bench)}"
            print(table, flush=True)
            if options.write:
                write_table(options.write, name, table)


def _shortest(found: Sequence[Labelled]) -> tuple[str, ...]:
    """Returns the name of the sequence with the shortest video, so that a run takes minutes."""
    return (min(found, key=lambda one: read_metadata(one.video).duration_ms).name,)


def _models(options: Sequence[str]) -> dict[str, str]:
    """Returns the models of detectors that the command line, the environment or the shared folder has."""
    models = {name: str(path) for name, path in DEFAULT_MODELS.items() if path.exists()}
    if model := os.environ.get("TRACKING_MODEL"):
        models[DEFAULT_DETECTOR] = model
    return models | dict(option.split("=", maxsplit=1) for option in options)


def _reidentification_model() -> str | None:
    named = os.environ.get("REIDENTIFICATION_MODEL")
    return named or (str(DEFAULT_REIDENTIFICATION_MODEL) if DEFAULT_REIDENTIFICATION_MODEL.exists() else None)


if __name__ == "__main__":
    main()
