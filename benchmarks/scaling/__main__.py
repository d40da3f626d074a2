"""Measures the steps of a job, and calculates how long videos take on AWS Lambda.

    python -m benchmarks.scaling [--measure VIDEO | --short] [--write docs/scaling.md]

With --measure, the steps are measured on this machine, and the figures are kept in
benchmarks/scaling/measured.json. The tables are calculated from that file. --short measures for some seconds,
with a small video and made-up networks. It keeps nothing, and its figures mean nothing.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from benchmarks.engine.tables import write_table
from benchmarks.scaling.measuring import SHORT, Effort, Measured, keep, load, measure
from benchmarks.scaling.tables import tables


def main(arguments: Sequence[str] | None = None) -> None:
    """Measures, calculates and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--measure", type=Path, metavar="VIDEO", help="measure with the pictures of a video")
    parser.add_argument("--short", action="store_true", help="only show that everything can be measured")
    parser.add_argument("--model", default=os.environ.get("TRACKING_MODEL"), help="ONNX file of the detector")
    parser.add_argument(
        "--reidentification-model",
        default=os.environ.get("REIDENTIFICATION_MODEL"),
        help="ONNX file of the re-identification model",
    )
    parser.add_argument("--rounds", type=int, default=Effort().rounds, help="how often each step is measured")
    parser.add_argument("--cache", type=Path, help="folder that keeps the videos")
    parser.add_argument("--write", type=Path, help="document whose tables are replaced")
    options = parser.parse_args(arguments)
    if options.short and (options.measure or options.write):
        parser.error("--short keeps nothing, so it excludes --measure and --write")
    if options.measure and not (options.model and options.reidentification_model):
        parser.error("--measure needs --model and --reidentification-model, which a job uses")
    with tempfile.TemporaryDirectory() as folder:
        if options.measure:
            models = _named(options.model, options.reidentification_model)
            effort = replace(Effort(), rounds=options.rounds)
            keep(measure(options.measure, options.cache or Path(folder), effort, models))
        measured = _shortly_measured(Path(folder)) if options.short else load()
    for name, table in tables(measured).items():
        print(table)
        if options.write:
            write_table(options.write, name, table)


def _named(detector: object, reidentifier: object) -> list[str]:
    return ["--model", str(detector), "--reidentification-model", str(reidentifier)]


def _shortly_measured(folder: Path) -> Measured:
    """Measures with networks that find a small white square, which moves."""
    from tests import clips, omniscale_like, yolox_like

    def square(number: int, width: int, height: int) -> clips.Picture:
        return yolox_like.white_square(8 + number, 24, size=(width, height), side=2)

    video = clips.write_clip(folder / "square.mp4", frames=30, draw=square)
    detector = yolox_like.write_model(folder / "detector.onnx")
    reidentifier = omniscale_like.write_model(folder / "reidentifier.onnx")
    return measure(video, folder, SHORT, _named(detector, reidentifier))


if __name__ == "__main__":
    main()
