"""Peak memory of tracking a long video beside a short one, both full of people.

    python -m benchmarks.memory --minutes 1 120

The videos are made here: small frames, fifteen a second, in which a stand-in detector sees six or seven
people at any time. Each is tracked in a process of its own. Two hours take some minutes.
"""

from __future__ import annotations

import argparse
import math
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import av
import numpy as np
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from numpy.typing import NDArray

from people_pathing.engine import track_video

FPS = 15
LANES = np.arange(8)


class Crowd:
    """Sees people on eight lanes who walk to and fro; on one or two of the lanes nobody is there."""

    name = "crowd"

    def __init__(self) -> None:
        self._frame = 0

    def input_size(self, width_px: int, height_px: int) -> tuple[int, int]:
        return width_px, height_px

    def detect(self, image: NDArray[np.uint8]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:  # noqa: ARG002
        self._frame += 1
        left = 48 + 40 * np.sin(self._frame / 150 + LANES)
        top = LANES * 100.0
        there = (self._frame // 400 + LANES) % 5 > 0
        boxes = np.stack([left, top, left + 20, top + 60], axis=1)[there]
        return boxes.astype(np.float32), np.full(len(boxes), 0.9, np.float32)


def write_video(path: Path, minutes: int) -> None:
    picture = VideoFrame.from_ndarray(np.full((64, 96, 3), 128, np.uint8), format="rgb24")
    with av.open(path, "w") as file:
        stream = file.add_stream("libx264", rate=FPS, options={"preset": "ultrafast"})
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
        for number in range(minutes * 60 * FPS):
            picture.pts = number
            file.mux(stream.encode(picture))
        file.mux(stream.encode())


def measure(path: Path) -> None:
    started = time.perf_counter()
    result = track_video(path, detector=Crowd(), sample_fps=math.inf)
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    rows = sum(len(track) for track in result.tracks)
    print(
        f"{result.frame_count} frames, {len(result.tracks)} tracks of {rows} rows: "
        f"peak {peak_mb:.0f} MB, {time.perf_counter() - started:.0f} s",
        flush=True,
    )


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--minutes", type=int, nargs="+", default=[1, 120])
    parser.add_argument("--video", type=Path, help="measure this one, in this process")
    given = parser.parse_args(arguments)
    if given.video:
        measure(given.video)
        return
    with tempfile.TemporaryDirectory() as folder:
        for minutes in given.minutes:
            path = Path(folder) / f"{minutes}.mp4"
            write_video(path, minutes)
            print(f"{minutes} min: ", end="", flush=True)
            command = [sys.executable, "-m", "benchmarks.memory", "--video", str(path)]
            subprocess.run(command, check=True)  # noqa: S603 - this very program


if __name__ == "__main__":
    main()
