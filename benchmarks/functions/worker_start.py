"""What passes until a new worker has detected the people in its first frame, as processor time.

This is the pyperf script of `python -m benchmarks.functions worker-start`. A new process runs all stages
(`benchmarks.functions.worker_stages`), and the time of one of them is taken.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from argparse import Namespace

from benchmarks.functions.environment import ENVIRONMENT
from benchmarks.functions.rounds import runner
from benchmarks.functions.worker_stages import STAGES

SCRIPT = "benchmarks.functions.worker_start"
STAGES_MODULE = "benchmarks.functions.worker_stages"
SETTINGS = {"SEGMENT_S": "60", "SAMPLE_FPS": "default", "DETECTOR": "auto", "INPUT_PX": "default"}


def seconds(loops: int, stage: str, video: str, models: dict[str, str]) -> float:
    """Returns the processor time of a stage in as many new processes."""
    total = 0.0
    for _ in range(loops):
        ran = subprocess.run(  # noqa: S603 - a module of this folder
            [sys.executable, "-m", STAGES_MODULE, video],
            env={**os.environ, **ENVIRONMENT, **SETTINGS, **models},
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
        total += float(json.loads(ran.stdout.splitlines()[-1])[stage])
    return total


def main() -> None:
    """Runs the benchmarks."""

    def forward(command: list[str], options: Namespace) -> None:
        command += ["--video", options.video]
        command += ["--detector", options.detector, "--reidentifier", options.reidentifier]

    pyperf = runner(SCRIPT, add_cmdline_args=forward)
    for name in ("--video", "--detector", "--reidentifier"):
        pyperf.argparser.add_argument(name, required=True)
    options = pyperf.parse_args()
    models = {"TRACKING_MODEL": options.detector, "REIDENTIFICATION_MODEL": options.reidentifier}
    for stage in STAGES:
        pyperf.bench_time_func(stage, seconds, stage, options.video, models)


if __name__ == "__main__":
    main()
