"""Measures the steps of a job, and calculates how long videos take on AWS Lambda.

    python -m benchmarks.scaling [--measure VIDEO] [--write docs/scaling.md]

With --measure, the steps are measured on this machine, and the figures are kept in
benchmarks/scaling/measured.json. The tables are calculated from that file.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.engine.tables import write_table
from benchmarks.scaling.measuring import keep, load, measure
from benchmarks.scaling.tables import tables


def main(arguments: Sequence[str] | None = None) -> None:
    """Measures, calculates and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--measure", type=Path, metavar="VIDEO", help="measure with the pictures of a video")
    parser.add_argument("--model", default=os.environ.get("TRACKING_MODEL"), help="ONNX file of the detector")
    parser.add_argument(
        "--reidentification-model",
        default=os.environ.get("REIDENTIFICATION_MODEL"),
        help="ONNX file of the re-identification model",
    )
    parser.add_argument("--seconds", type=float, default=53, help="length of the videos that are measured")
    parser.add_argument("--rounds", type=int, default=3, help="how often everything is measured")
    parser.add_argument("--cache", type=Path, help="folder that keeps the videos")
    parser.add_argument("--write", type=Path, help="document whose tables are replaced")
    options = parser.parse_args(arguments)
    if options.measure:
        named = {"--model": options.model, "--reidentification-model": options.reidentification_model}
        models = [word for name, model in named.items() if model for word in (name, str(model))]
        with tempfile.TemporaryDirectory() as temporary:
            folder = options.cache or Path(temporary)
            keep(measure(options.measure, options.seconds, folder, options.rounds, models))
    for name, table in tables(load()).items():
        print(table)
        if options.write:
            write_table(options.write, name, table)


if __name__ == "__main__":
    main()
