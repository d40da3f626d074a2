"""Compares the time of decoding and of tracking with and without the frames that need not be decoded.

    python -m benchmarks.decoding --model yolox_nano.onnx

It makes its own videos, with B-frames and patches of the size of people that move. "All frames" decodes every
frame and "skipping" is the engine as it is. The two alternate within one run.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from unittest.mock import patch

import av
import numpy as np
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from benchmarks.engine.tables import machine, markdown, write_table
from benchmarks.timing import Seconds, interleaved, median, timed
from people_pathing.engine import Detector, Segment, detect_segment, link_detections, load_detector
from people_pathing.engine.decoding import open_video, read_metadata
from people_pathing.engine.video_files.skipping.skipper import FrameSkipper

WHOLE = Segment(0, 0, None)
PATCHES = 12


@dataclass(frozen=True, slots=True)
class Recording:
    """A video to make.

    Attributes:
        name: how it is called in the table.
        encoder: FFmpeg's name of the encoder.
        size: width and height in pixels.
        rate: frames per second.
        frames: number of frames.
        options: options of the encoder.
    """

    name: str
    encoder: str
    size: tuple[int, int]
    rate: int
    frames: int
    options: dict[str, str]


H264_OPTIONS = {"preset": "faster", "crf": "23"}
HEVC_OPTIONS = {"preset": "superfast", "x265-params": "log-level=none:bframes=4:b-adapt=0"}
RECORDINGS = (
    Recording("H.264, 4K, 60 per second", "libx264", (3840, 2160), 60, 180, H264_OPTIONS),
    Recording("H.264, 1080p, 30 per second", "libx264", (1920, 1080), 30, 300, H264_OPTIONS),
    Recording("HEVC, 4K, 60 per second", "libx265", (3840, 2160), 60, 120, HEVC_OPTIONS),
)


def write(recording: Recording, path: Path) -> None:
    """Writes patches that move in front of a texture with noise."""
    chance = np.random.default_rng(1)
    width, height = recording.size
    cells = chance.integers(0, 255, (height // 8 + 50, width // 8 + 100, 3), np.uint8)
    texture = cells.repeat(8, 0).repeat(8, 1)
    noise = [chance.integers(0, 6, (height, width, 3), np.uint8) for _ in range(4)]
    patch_height, patch_width = height // 5, width // 24
    with av.open(path, "w") as file:
        stream = file.add_stream(recording.encoder, rate=recording.rate, options=recording.options)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for number in range(recording.frames):
            picture = texture[:height, :width] // 2 + noise[number % 4]
            for one in range(PATCHES):
                left = (one * width // PATCHES + number * (4 + one)) % (width - patch_width)
                top = one * 177 % (height - patch_height)
                area = np.s_[top : top + patch_height, left : left + patch_width]
                picture[area] = texture[top : top + patch_height, one * 50 : one * 50 + patch_width]
            frame = VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts = number
            file.mux(stream.encode(frame))
        file.mux(stream.encode())


def decoded(path: Path, *, skips: bool) -> Seconds:
    """Returns the time of decoding."""

    def read() -> None:
        with open_video(path) as video:
            for _ in video.frames(WHOLE):
                pass

    with nullcontext() if skips else patch.object(FrameSkipper, "start"):
        return timed(read)


def tracked(path: Path, detector: Detector, *, skips: bool) -> Seconds:
    """Returns the time of the whole engine."""

    def track() -> None:
        link_detections(detect_segment(path, WHOLE, detector), read_metadata(path))

    with nullcontext() if skips else patch.object(FrameSkipper, "start"):
        return timed(track)


def skipped_share(path: Path) -> float:
    """Returns the share of the frames that are not decoded."""
    with open_video(path) as video:
        skipped = [frame.picture is None for frame in video.frames(WHOLE)]
    return sum(skipped) / len(skipped)


def row(recording: Recording, detector: Detector | None, folder: Path, rounds: int) -> list[str]:
    """Makes one video, measures it, and returns its row of the table."""
    path = folder / "recording.mp4"
    write(recording, path)
    actions: dict[str, Callable[[], Seconds]] = {
        "all": partial(decoded, path, skips=False),
        "skipping": partial(decoded, path, skips=True),
    }
    if detector:
        actions["track all"] = partial(tracked, path, detector, skips=False)
        actions["track skipping"] = partial(tracked, path, detector, skips=True)
    times = {name: median(found).processor for name, found in interleaved(actions, rounds).items()}
    per_frame = {name: f"{seconds / recording.frames * 1000:.1f} ms" for name, seconds in times.items()}
    return [
        recording.name,
        f"{skipped_share(path):.0%}",
        per_frame["all"],
        per_frame["skipping"],
        f"{times['skipping'] / times['all']:.2f}",
        f"{times['track skipping'] / times['track all']:.2f}" if detector else "",
    ]


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the benchmark and prints its table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--model", help="ONNX file of the default detector; without it, decoding alone")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--write", type=Path, help="document whose table is replaced")
    options = parser.parse_args(arguments)
    detector = load_detector("yolox", options.model) if options.model else None
    with tempfile.TemporaryDirectory() as folder:
        rows = [row(recording, detector, Path(folder), options.rounds) for recording in RECORDINGS]
    header = ["video", "skipped", "all frames", "skipping", "decoding ratio", "tracking ratio"]
    table = f"{machine()}; processor time for each frame\n\n{markdown(header, rows)}"
    print(table)
    if options.write:
        write_table(options.write, "decoding", table)


if __name__ == "__main__":
    main()
