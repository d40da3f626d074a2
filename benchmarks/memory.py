"""Compares the peak memory of tracking a short video and a long one, with every part of the engine on.

    python -m benchmarks.memory --minutes 1 120

The benchmark writes the videos itself: small frames at fifteen per second, a camera that swings from side to
side, a cut every ten minutes, and ten still seconds in each minute. Made-up networks find six people or fewer
in a frame, describe them and find their faces. Each video is tracked in a process of its own. Two hours of
video take some minutes.
"""

from __future__ import annotations

import argparse
import math
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import av
import numpy as np
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from numpy.typing import NDArray

from people_pathing.engine import FrameDetections, FrameFaces, track_video
from people_pathing.engine.interfaces import FACE_IMAGE_PX, Boxes, Image

FPS = 15
SIZE = (320, 240)
LANES = np.arange(6)
PERSON_PX = (26, 38)
EMBEDDING_BYTES = 256
CUT_FRAMES = 600 * FPS
MINUTE_FRAMES = 60 * FPS
STILL_FRAMES = 10 * FPS
SWING_PX = 40
SWING_FRAMES = 30 * FPS


class Crowd:
    """Returns people who walk back and forth on six lanes. One or two lanes are empty at any time."""

    name = "crowd"

    def __init__(self) -> None:
        """Starts at the first frame."""
        self._frame = 0

    def input_size(self, width_px: int, height_px: int) -> tuple[int, int]:
        """Returns the size of the frame."""
        return width_px, height_px

    def detect(self, image: Image) -> FrameDetections:  # noqa: ARG002
        """Returns the people of the next frame."""
        self._frame += 1
        width, height = PERSON_PX
        left = 147 + 120 * np.sin(self._frame / 150 + LANES)
        top = LANES * 40.0
        occupied = (self._frame // 400 + LANES) % 5 > 0
        boxes = np.stack([left, top, left + width, top + height], axis=1)[occupied]
        return FrameDetections(boxes.astype(np.float32), np.full(len(boxes), 0.9, np.float32))


class Appearance:
    """Describes a person by the lane."""

    name = "lanes"

    def embed(self, image: Image, boxes: Boxes) -> NDArray[np.uint8]:  # noqa: ARG002
        """Returns an embedding for each box."""
        embeddings = np.zeros((len(boxes), EMBEDDING_BYTES), np.uint8)
        embeddings[np.arange(len(boxes)), (boxes[:, 1] // 40).astype(int)] = 127
        return embeddings


class Faces:
    """Finds the face of every tenth person."""

    name = "every tenth"

    def __init__(self) -> None:
        """Starts before the first person."""
        self._people = 0

    def detect(self, image: Image) -> FrameFaces:  # noqa: ARG002
        """Returns a face in the upper middle of the image, or none."""
        self._people += 1
        count = int(self._people % 10 == 0)
        middle, radius = FACE_IMAGE_PX / 2, FACE_IMAGE_PX / 8
        box = [middle - radius, radius, middle + radius, 3 * radius]
        marks = np.array([[-0.4, -0.3], [0.4, -0.3], [0, 0], [-0.3, 0.5], [0.3, 0.5]]) * radius
        landmarks = marks + np.array([middle, 2 * radius])
        return FrameFaces(
            np.array([box] * count, np.float32).reshape(-1, 4),
            np.full(count, 0.9, np.float32),
            np.array([landmarks] * count, np.float32).reshape(-1, 5, 2),
        )


def pictures(frames: int) -> Iterator[NDArray[np.uint8]]:
    """Yields the frames of a video: a part of a large picture that swings, and another one after each cut."""
    width, height = SIZE
    chance = np.random.default_rng(1)
    coarse = chance.integers(0, 256, (2, height // 8, (width + 2 * SWING_PX) // 8, 3), np.uint8)
    scenes = coarse.repeat(8, 1).repeat(8, 2)
    moved = 0
    for frame in range(frames):
        moved += frame % MINUTE_FRAMES >= STILL_FRAMES
        left = round(SWING_PX * (1 + math.sin(2 * math.pi * moved / SWING_FRAMES)))
        yield scenes[frame // CUT_FRAMES % 2][:, left : left + width]


def write_video(path: Path, minutes: int) -> None:
    """Writes a video."""
    with av.open(path, "w") as file:
        stream = file.add_stream("libx264", rate=FPS, options={"preset": "ultrafast"})
        assert isinstance(stream, VideoStream)
        stream.width, stream.height = SIZE
        stream.pix_fmt = "yuv420p"
        for number, picture in enumerate(pictures(minutes * 60 * FPS)):
            frame = VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
            frame.pts = number
            file.mux(stream.encode(frame))
        file.mux(stream.encode())


def measure(path: Path) -> None:
    """Tracks a video and prints the peak memory of this process."""
    started = time.perf_counter()
    result = track_video(
        path, detector=Crowd(), reidentifier=Appearance(), face_detector=Faces(), sample_fps=math.inf
    )
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    rows = sum(len(track) for track in result.tracks)
    faces = sum(len(track.faces) for track in result.tracks)
    print(
        f"{result.frame_count} frames, {len(result.tracks)} tracks of {rows} rows with {faces} faces: "
        f"peak {peak_mb:.0f} MB, {time.perf_counter() - started:.0f} s",
        flush=True,
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--minutes", type=int, nargs="+", default=[1, 120])
    parser.add_argument("--video", type=Path, help="track this video in this process instead")
    options = parser.parse_args(arguments)
    if options.video:
        measure(options.video)
        return
    with tempfile.TemporaryDirectory() as folder:
        for minutes in options.minutes:
            path = Path(folder) / f"{minutes}.mp4"
            write_video(path, minutes)
            print(f"{minutes} min: ", end="", flush=True)
            command = [sys.executable, "-m", "benchmarks.memory", "--video", str(path)]
            subprocess.run(command, check=True)  # noqa: S603 - this program itself


if __name__ == "__main__":
    main()
