"""Measures the rates that `people_pathing.engine.planning.work` uses to plan segments.

    python -m benchmarks.work --model yolox_nano.onnx

All times are processor time of one thread. Decoding is measured on pictures that compress well, which shows
the time per pixel, and on noise, which shows the time per compressed byte.
"""

from __future__ import annotations

import argparse
import io
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

import av
import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import Interpolation, VideoReformatter
from av.video.stream import VideoStream
from numpy.typing import NDArray

from people_pathing.engine import Detections, Detector, load_detector, load_face_detector
from people_pathing.engine.detections import FIXED_CAMERA
from people_pathing.engine.interfaces import FACE_IMAGE_PX
from people_pathing.engine.tracking.association import associate_window
from people_pathing.engine.video import Segment

SIZE = (1280, 720)
FRAMES = 20
INPUT_PX = (640, 960, 1920, 4096)
PEOPLE = (30, 150)
CHANCE = np.random.default_rng(1)


class Codec(NamedTuple):
    """An encoder and its settings."""

    name: str
    pixels: str
    container: str
    options: dict[str, str]


CODECS = (
    Codec("libx264", "yuv420p", "mp4", {"preset": "veryfast", "crf": "20"}),
    Codec(
        "libx265", "yuv420p10le", "mp4", {"preset": "ultrafast", "crf": "22", "x265-params": "log-level=none"}
    ),
    Codec("libvpx-vp9", "yuv420p", "webm", {"deadline": "realtime", "cpu-used": "8", "crf": "25", "b": "0"}),
    Codec("libsvtav1", "yuv420p", "mp4", {"preset": "10", "crf": "30"}),
    Codec("mpeg4", "yuv420p", "avi", {"qscale": "3"}),
    Codec("mjpeg", "yuvj420p", "avi", {"qscale": "3"}),
)


def fastest_s(work: Callable[[], object], rounds: int = 3) -> float:
    """Returns the shortest processor time of some rounds."""
    times = []
    for _ in range(rounds):
        started = time.process_time()
        work()
        times.append(time.process_time() - started)
    return min(times)


def clip(codec: Codec, *, noise: bool) -> bytes:
    """Returns a video of a moving texture, or of noise."""
    width, height = SIZE
    texture = CHANCE.integers(0, 256, (height // 16, width // 16), np.uint8).repeat(16, 0).repeat(16, 1)
    file = io.BytesIO()
    with av.open(file, "w", format=codec.container) as container:
        stream = container.add_stream(codec.name, rate=30, options=codec.options)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = width, height, codec.pixels
        for number in range(FRAMES):
            picture = np.repeat(np.roll(texture, number * 5, axis=1)[:, :, None], 3, axis=2)
            picture = picture // 2 + CHANCE.integers(0, 8, (height, width, 1), np.uint8)
            if noise:
                picture = CHANCE.integers(0, 256, (height, width, 3), np.uint8)
            frame = VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return file.getvalue()


def decode(content: bytes) -> None:
    """Decodes all frames in one thread."""
    with av.open(io.BytesIO(content), "r") as container:
        stream = container.streams.video[0]
        stream.codec_context.thread_count = 1
        for _ in container.decode(stream):
            pass


def scale(frame: VideoFrame, scaler: VideoReformatter) -> None:
    """Converts and scales a frame as the engine does."""
    scaler.reformat(frame, 960, 544, "bgr24", interpolation=Interpolation.BICUBIC, threads=1).to_ndarray()


def print_decoding() -> None:
    """Prints the rates of decoding."""
    pixels = SIZE[0] * SIZE[1] * FRAMES
    for codec in CODECS:
        texture, noise = clip(codec, noise=False), clip(codec, noise=True)
        texture_s, noise_s = (fastest_s(partial(decode, content)) for content in (texture, noise))
        print(
            f"{codec.name:12} {codec.pixels:12} {texture_s / pixels * 1e9:5.1f} ns/pixel "
            f"{noise_s / len(noise) * 1e9:5.0f} ns/byte",
            flush=True,
        )


def print_scaling() -> None:
    """Prints the rate of converting and scaling a frame."""
    for width, height in ((640, 480), (1920, 1080), (3840, 2160)):
        picture = CHANCE.integers(0, 256, (height * 3 // 2, width), np.uint8)
        frame = VideoFrame.from_ndarray(picture, format="yuv420p")
        seconds = fastest_s(partial(scale, frame, VideoReformatter()))
        larger = max(width * height, 960 * 544)
        print(f"scaling {width}x{height} to 960x544: {seconds / larger * 1e9:.1f} ns/pixel", flush=True)


def print_detection(name: str, detector: Detector) -> None:
    """Prints the rate of a detector at the size that it chooses for 1920x1080."""
    width, height = detector.input_size(1920, 1080)
    image = CHANCE.integers(0, 256, (height, width, 3), np.uint8)
    seconds = fastest_s(lambda: detector.detect(image))
    planned_s = getattr(detector, "pixel_s", 0.0)
    print(
        f"{name} {width}x{height}: {seconds * 1e3:.0f} ms, {seconds / width / height * 1e9:.0f} ns/pixel, "
        f"planned {planned_s * 1e9:.0f}",
        flush=True,
    )


def print_association() -> None:
    """Prints the time of association for each frame, both directions of time together."""
    for people in PEOPLE:
        frames = 6_000 // people
        boxes = np.tile(CHANCE.uniform(0, 900, (people, 4)), (frames, 1)).astype(np.float32)
        boxes[:, 2:] = boxes[:, :2] + [50, 130]
        boxes += CHANCE.normal(0, 1, boxes.shape).astype(np.float32)
        detections = Detections(
            np.arange(frames),
            np.arange(frames) * 1_000_000 // 15,
            np.ones(frames, np.bool_),
            np.zeros(frames, np.bool_),
            np.tile(np.array(FIXED_CAMERA, np.float32), (frames, 1)),
            frames,
            frames,
            np.repeat(np.arange(frames, dtype=np.int32), people),
            boxes,
            _scores(len(boxes)),
            np.empty((len(boxes), 0), np.uint8),
        )
        seconds = fastest_s(partial(associate_window, detections, Segment(0, 0, None)), 1)
        print(
            f"association of {people} people: {seconds / frames * 1e3:.1f} ms per sampled frame", flush=True
        )


def _scores(count: int) -> NDArray[np.float32]:
    return CHANCE.uniform(0.3, 0.95, count).astype(np.float32)


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--model", help="YOLOX ONNX file or name of a known model")
    options = parser.parse_args(arguments)
    print_decoding()
    print_scaling()
    for input_px in INPUT_PX:
        print_detection("yolox", load_detector("yolox", options.model, input_px=input_px))
    print_detection("hog", load_detector("hog"))
    faces = load_face_detector("centerface")
    head = CHANCE.integers(0, 256, (FACE_IMAGE_PX, FACE_IMAGE_PX, 3), np.uint8)
    print(f"centerface: {fastest_s(lambda: faces.detect(head)) * 1e3:.1f} ms", flush=True)
    print_association()


if __name__ == "__main__":
    main()
