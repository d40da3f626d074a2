"""The stages of a new worker, from the start of Python until people are detected in the first frame.

`benchmarks.functions.worker_start` runs this program in a new process. It imports little before its stages,
because what is imported earlier would not be counted.

    python -m benchmarks.functions.worker_stages VIDEO
"""

import json
import sys
import time


def start_python(_: str) -> object:
    """Python itself, with this module. Its time began with the process."""
    return sys.modules


def import_runtime_client(_: str) -> object:
    """AWS's runtime client, which the image starts."""
    from awslambdaric import bootstrap  # type: ignore[import-untyped]

    return bootstrap


def import_handler(_: str) -> object:
    """The runtime client imports the handler."""
    from people_pathing.service.handlers import worker

    return worker


def create_clients(_: str) -> object:
    """The first invocation reads the settings and creates the clients."""
    from people_pathing.service.composition.worker import compose_worker

    return compose_worker()


def import_libraries(_: str) -> object:
    """The libraries that the engine needs to detect people in a video."""
    import av
    import cv2
    import numpy
    import onnx
    import onnxruntime  # type: ignore[import-untyped]

    return av, cv2, numpy, onnx, onnxruntime


def load_models(_: str) -> object:
    """The detector, and the model that describes people."""
    from people_pathing.service.composition.worker import compose_models

    return compose_models()


def detect_first_frame(video: str) -> object:
    """Opens the video, decodes the first frame and detects the people in it."""
    from pathlib import Path

    from people_pathing.engine import Segment
    from people_pathing.engine.decoding import open_video
    from people_pathing.service.composition.worker import compose_models

    detector = compose_models().detector
    with open_video(Path(video)) as opened:
        size = detector.input_size(opened.width_px, opened.height_px)
        frame = next(frame for frame in opened.frames(Segment(0, 0, None), None) if frame.is_sampled)
        return detector.detect(opened.image(frame, *size))


STAGES = {
    "start Python": start_python,
    "import AWS's runtime client": import_runtime_client,
    "import the handler": import_handler,
    "read settings, create clients": create_clients,
    "import PyAV, OpenCV, NumPy, ONNX and ONNX Runtime": import_libraries,
    "load the models": load_models,
    "detect people in the first frame": detect_first_frame,
}


def run_stages(video: str) -> dict[str, float]:
    """Runs all stages in this process, and returns their processor times in seconds."""
    spent, before_s = {}, 0.0
    for name, stage in STAGES.items():
        stage(video)
        now_s = time.process_time()
        spent[name] = now_s - before_s
        before_s = now_s
    return spent


if __name__ == "__main__":
    print(json.dumps(run_stages(sys.argv[-1])))
