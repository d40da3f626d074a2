"""Makes test videos with exact ground truth from labelled ones: moving cameras, few frames, cuts, stillness.

    python -m benchmarks.material --out DIR [--data DIR] [--kinds pan zoom]

Each frame of a made video is a window of a frame of the source, so its ground truth moves exactly with the
window. `benchmarks.engine --data DIR` measures the result.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter
from av.video.stream import VideoStream
from numpy.typing import NDArray

from benchmarks.engine.ground_truth import (
    DEFAULT_DATA,
    PEDESTRIAN,
    Labelled,
    Rows,
    read_ground_truth,
    sequences,
)
from benchmarks.kinds import KINDS, Material, Source, Window, whole
from people_pathing.engine.opencv import cv2_module

MIN_VISIBLE = 0.3
"""Of a person who is visible less than this, the ground truth has confidence 0, which means to be ignored."""
SCENE_IDS = 100_000
"""Added to every identity for each cut before it."""
NOISE = 2.0
"""Standard deviation of the noise of a frozen frame, in grey levels."""

REPEATABLE = "threads=1:lookahead-threads=1:sync-lookahead=0:cpu-independent=1"
"""Without these settings, x264 does not give the same bytes every time."""


def make(labelled: Labelled, kind: str, folder: Path) -> Labelled:
    """Makes a video and its ground truth, `NAME-KIND.mp4` and `NAME-KIND.gt.txt`, in an existing folder."""
    material = KINDS[kind](describe(labelled.video))
    name = f"{labelled.name}-{kind}"
    video, truth = folder / f"{name}.mp4", folder / f"{name}.gt.txt"
    write(video, material, labelled.video)
    rows, others = (ground_truth(material, known) for known in (labelled.truth, labelled.others))
    layout = "%d,%d,%.3f,%.3f,%.3f,%.3f,%d"
    if len(others):
        rows = np.concatenate([np.insert(rows, 7, PEDESTRIAN, axis=1), others])
        layout += ",%d"
    np.savetxt(truth, rows, layout)
    return Labelled(name, video, *read_ground_truth(truth))


def describe(video: Path) -> Source:
    """Returns number, rate and size of the frames of a video."""
    with av.open(video) as file:
        stream = file.streams.video[0]
        count = sum(1 for _ in file.decode(stream))
        return Source(count, Fraction(stream.average_rate or 25), (stream.width, stream.height))


def ground_truth(material: Material, truth: Rows) -> Rows:
    """Returns the ground truth of a video to be made.

    Boxes are clipped to the window, and left out where nothing of them is visible.

    Args:
        material: the video.
        truth: ground truth of the source, (N, 7) or, with classes, (N, 8).
    """
    made = [truth[:0]]
    for number, view in enumerate(material.views):
        rows = truth[truth[:, 0] == view.frame + 1].copy()
        rows[:, 0] = number + 1
        rows[:, 1] += view.scene * SCENE_IDS
        scale = _scale(view.window, material.size)
        starts = (rows[:, 2:4] - view.window[:2]) * scale
        ends = starts + rows[:, 4:6] * scale
        shown_starts, shown_ends = np.clip(starts, 0, material.size), np.clip(ends, 0, material.size)
        shown = (shown_ends - shown_starts).prod(axis=1) / np.maximum((ends - starts).prod(axis=1), 1e-9)
        rows[:, 2:4], rows[:, 4:6] = shown_starts, shown_ends - shown_starts
        rows[shown < MIN_VISIBLE, 6] = 0
        made.append(rows[shown > 0])
    return np.concatenate(made)


def write(path: Path, material: Material, video: Path) -> None:
    """Writes a video at high quality (H.264). The bytes are the same every time."""
    cv2 = cv2_module()
    with av.open(path, "w") as file:
        options = {"crf": "12", "preset": "veryfast", "g": "50", "x264-params": REPEATABLE}
        stream = file.add_stream("libx264", rate=material.rate, options=options)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height = material.size
        stream.pix_fmt = "yuv420p"
        stream.codec_context.time_base = 1 / material.rate
        for number, picture in enumerate(pictures(material, video)):
            # FFmpeg's own conversion does not give the same bytes every time.
            yuv = np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2YUV_I420), np.uint8)
            frame = VideoFrame.from_ndarray(yuv, format="yuv420p")
            frame.pts, frame.time_base = number, 1 / material.rate
            file.mux(stream.encode(frame))
        file.mux(stream.encode())


def pictures(material: Material, video: Path) -> Iterator[NDArray[np.uint8]]:
    """Yields the frames of a video to be made, (H, W, 3) uint8 BGR."""
    cv2 = cv2_module()
    with av.open(video) as file:
        frames = enumerate(file.decode(video=0))
        # With several threads, FFmpeg's conversion does not give the same bytes every time.
        reformatter = VideoReformatter()
        number = -1
        image: NDArray[np.uint8] = np.empty((0, 0, 3), np.uint8)
        for position, view in enumerate(material.views):
            while number < view.frame:
                number, frame = next(frames)
                if number == view.frame:
                    image = reformatter.reformat(frame, format="bgr24", threads=1).to_ndarray().view(np.uint8)
            picture = image
            if material.size != (image.shape[1], image.shape[0]) or view.window != whole(material.size):
                scale = _scale(view.window, material.size)
                # OpenCV counts from the middle of a pixel, boxes from its corner.
                x, y = (0.5 - np.array(view.window[:2])) * scale - 0.5
                matrix = np.array([[scale[0], 0, x], [0, scale[1], y]])
                picture = cv2.warpAffine(
                    image, matrix, material.size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
                )
            if view.noise:
                noise = np.random.default_rng(position).normal(0, NOISE, picture.shape)
                picture = np.clip(np.rint(picture + noise), 0, 255).astype(np.uint8)
            yield np.ascontiguousarray(picture)


def _scale(window: Window, size: tuple[int, int]) -> NDArray[np.float64]:
    scale: NDArray[np.float64] = np.array(size) / window[2:]
    return scale


def main(arguments: Sequence[str] | None = None) -> None:
    """Makes videos of all labelled ones in a folder."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, default=DEFAULT_DATA, help="folder with labelled videos")
    parser.add_argument("--out", type=Path, required=True, help="folder for the videos that are made")
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=list(KINDS))
    options = parser.parse_args(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    for labelled in sequences(options.data):
        for kind in options.kinds:
            print(make(labelled, kind, options.out).video)


if __name__ == "__main__":
    main()
