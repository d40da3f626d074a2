"""Compares the peak memory of tracking a short video and a long one.

    python -m benchmarks.memory --minutes 1 120

The benchmark writes the videos itself: small frames at fifteen per second. A made-up detector returns six or
seven people per frame. Each video is tracked in a process of its own. Two hours of video take some minutes.
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

from people_pathing.engine import FrameDetections, track_video

FPS = 15
LANES = np.arange(8)


class CrowdDetector:
    """Returns people who walk back and forth on eight lanes. One or two lanes are empty at any time."""

    name = "crowd"

    def __init__(self) -> None:
        """Starts at the first frame."""
        self._frame = 0

    def input_size(self, width_px: int, height_px: int) -> tuple[int, int]:
        """Returns the size of the frame."""
        return width_px, height_px

    def detect(self, image: NDArray[np.uint8]) -> FrameDetections:  # noqa: ARG002
        """Returns the people of the next frame."""
        self._frame += 1
        left = 48 + 40 * np.sin(self._frame / 150 + LANES)
        top = LANES * 100.0
        occupied = (self._frame // 400 + LANES) % 5 > 0
        boxes = np.stack([left, top, left + 20, top + 60], axis=1)[occupied]
        return FrameDetections(boxes.astype(np.float32), np.full(len(boxes), 0.9, np.float32))


def write_video(path: Path, minutes: int) -> None:
    """Writes a video of grey frames."""
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
    """Tracks a video and prints the peak memory of this process."""
    started = time.perf_counter()
    result = track_video(path, detector=CrowdDetector(), sample_fps=math.inf)
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    rows = sum(len(track) for track in result.tracks)
    print(
        f"{result.frame_count} frames, {len(result.tracks)} tracks of {rows} rows: "
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
