"""What passes until a new worker has detected the people in its first frame, as processor time.

This is the pyperf script of `python -m benchmarks.functions worker-start`. A new process runs all stages, and
the time of one of them is taken.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path

from benchmarks.functions.environment import ENVIRONMENT
from benchmarks.functions.rounds import runner

SCRIPT = "benchmarks.functions.worker_start"
ONE_PROCESS = "--one-process"
SETTINGS = {"SEGMENT_S": "60", "SAMPLE_FPS": "default", "DETECTOR": "auto", "INPUT_PX": "default"}


def import_handler(_: Path) -> object:
    """Lambda imports the handler."""
    from people_pathing.service.handlers import worker

    return worker


def create_clients(_: Path) -> object:
    """The first invocation reads the settings and creates the clients."""
    from people_pathing.service.composition.worker import compose_worker

    return compose_worker()


def import_libraries(_: Path) -> object:
    """The libraries that the engine needs to detect people in a video."""
    import av
    import cv2
    import numpy
    import onnx
    import onnxruntime  # type: ignore[import-untyped]

    return av, cv2, numpy, onnx, onnxruntime


def load_models(_: Path) -> object:
    """The detector, and the model that describes people."""
    from people_pathing.service.composition.worker import compose_models

    return compose_models()


def detect_first_frame(video: Path) -> object:
    """Opens the video, decodes the first frame and detects the people in it."""
    from people_pathing.engine import Segment
    from people_pathing.engine.decoding import open_video
    from people_pathing.service.composition.worker import compose_models

    detector = compose_models().detector
    with open_video(video) as opened:
        size = detector.input_size(opened.width_px, opened.height_px)
        frame = next(frame for frame in opened.frames(Segment(0, 0, None), None) if frame.is_sampled)
        return detector.detect(opened.image(frame, *size))


STAGES: dict[str, Callable[[Path], object]] = {
    "import the handler": import_handler,
    "read settings, create clients": create_clients,
    "import PyAV, OpenCV, NumPy, ONNX and ONNX Runtime": import_libraries,
    "load the models": load_models,
    "detect people in the first frame": detect_first_frame,
}


def run_stages(video: Path) -> None:
    """Runs all stages in this process, and prints their processor times in seconds as JSON."""
    spent = {}
    for name, stage in STAGES.items():
        begun = time.process_time()
        stage(video)
        spent[name] = time.process_time() - begun
    print(json.dumps(spent))


def seconds(loops: int, stage: str, video: str, models: dict[str, str]) -> float:
    """Returns the processor time of a stage in as many new processes."""
    total = 0.0
    for _ in range(loops):
        ran = subprocess.run(  # noqa: S603 - this program itself
            [sys.executable, "-m", SCRIPT, ONE_PROCESS, video],
            env={**os.environ, **ENVIRONMENT, **SETTINGS, **models},
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
        total += float(json.loads(ran.stdout.splitlines()[-1])[stage])
    return total


def main() -> None:
    """Runs the benchmarks, or all stages in this process."""
    if ONE_PROCESS in sys.argv:
        run_stages(Path(sys.argv[-1]))
        return

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
