"""People who walk along known lines: their results, and a video in which each is a filled box."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

from people_pathing.results.files.job_summary import VideoFile
from people_pathing.results.provenance import Provenance
from people_pathing.results.recording_time import RecordingSource, RecordingTime
from people_pathing.results.stored_result import StoredResult
from tests.unit.exports.stored import seen, store

WIDTH_PX, HEIGHT_PX = 640, 360
FRAMES_PER_S = 20
SAMPLE_FPS = 10
STEP_MS = 1000 // SAMPLE_FPS
RECORDED_AT_MS = 1_772_442_000_000
"""2026-03-02, 9:00 in UTC."""

PROVENANCE = Provenance(
    version="0.0.0",
    tracked_at="2026-03-02T10:00:00Z",
    detector="generated",
    model_sha256=None,
    reidentifier=None,
    reidentification_model_sha256=None,
    face_detector=None,
    face_model_sha256=None,
    sample_fps=SAMPLE_FPS,
    search_fps=SAMPLE_FPS,
    input_width_px=WIDTH_PX,
    input_height_px=HEIGHT_PX,
    masked_areas=0,
    frames_decoded=160,
    frames_expected=160,
    picture_start_ms=0,
)


@dataclass(frozen=True, slots=True)
class Walker:
    """A person with a constant speed. Lengths are ratios of the frame, speeds are ratios in each second."""

    index: int
    start_ms: int
    end_ms: int
    left: float
    top: float
    speed_x: float
    speed_y: float
    width: float = 0.05
    height: float = 0.25

    def box(self, at_ms: int) -> tuple[float, float, float, float]:
        """Returns left, top, width and height."""
        seconds = (at_ms - self.start_ms) / 1000
        left, top = self.left + self.speed_x * seconds, self.top + self.speed_y * seconds
        # The service reports single precision.
        return _single(left), _single(top), _single(self.width), _single(self.height)

    def is_seen(self, at_ms: int) -> bool:
        """Whether the person is in the picture."""
        return self.start_ms <= at_ms <= self.end_ms


def crowd(count: int, duration_ms: int) -> list[Walker]:
    """Returns people who come one after the other from the left, the right and the top."""
    walkers = []
    for index in range(count):
        start_ms = round(index * duration_ms / (count + 2)) // STEP_MS * STEP_MS
        end_ms = min(start_ms + 4000, duration_ms - STEP_MS)
        lane = 0.1 + 0.6 * (index * 0.618 % 1)
        ways = ((0.0, lane, 0.2, 0.01), (0.9, lane, -0.2, 0.0), (lane, 0.0, 0.03, 0.15))
        walkers.append(Walker(index, start_ms, end_ms, *ways[index % len(ways)]))
    return walkers


def store_walkers(
    folder: Path,
    walkers: Sequence[Walker],
    duration_ms: int,
    *,
    video: str = "walkers.webm",
    picture_start_ms: float = 0,
) -> StoredResult:
    """Writes the result files.

    Args:
        folder: where they go.
        walkers: sorted by index.
        duration_ms: length of the video.
        video: its path in job.json.
        picture_start_ms: time of the first frame in the player's time.
    """
    metadata = {
        "Codec": "vp8",
        "DurationMillis": duration_ms,
        "Format": "WebM",
        "FrameRate": float(FRAMES_PER_S),
        "FrameHeight": HEIGHT_PX,
        "FrameWidth": WIDTH_PX,
    }
    return store(
        folder,
        _observations(walkers),
        video=VideoFile(video),
        metadata=metadata,
        recording_time=RecordingTime(RECORDED_AT_MS, RecordingSource.CONTAINER),
        provenance=replace(PROVENANCE, picture_start_ms=picture_start_ms),
    )


def write_video(path: Path, walkers: Sequence[Walker], duration_ms: int) -> None:
    """Encodes the video as VP8 in WebM, with a box for each person where the results have it."""
    with av.open(path, "w") as container:
        stream = container.add_stream("libvpx", rate=FRAMES_PER_S)
        stream.width, stream.height, stream.pix_fmt = WIDTH_PX, HEIGHT_PX, "yuv420p"
        stream.options = {"deadline": "realtime", "cpu-used": "8", "b": "1M"}
        for number in range(duration_ms * FRAMES_PER_S // 1000):
            container.mux(stream.encode(_frame(walkers, number * 1000 // FRAMES_PER_S)))
        container.mux(stream.encode())


@dataclass(frozen=True, slots=True)
class UnusualVideo:
    """A video whose frames do not have the usual times.

    Attributes:
        name: of the file.
        codec: FFmpeg's name of the encoder.
        start_ms: time of the first frame in the file.
        steps_ms: the times between two frames, repeated.
        sound: FFmpeg's name of the sound's encoder. The sound begins at 0. None for no sound.
        options: of the encoder.
    """

    name: str
    codec: str
    start_ms: int = 0
    steps_ms: tuple[int, ...] = (1000 // FRAMES_PER_S,)
    sound: str | None = None
    options: tuple[tuple[str, str], ...] = ()

    def write(self, folder: Path, walkers: Sequence[Walker], duration_ms: int) -> Path:
        """Writes the video into a folder. Returns its path."""
        path = folder / self.name
        with av.open(path, "w") as container:
            stream = container.add_stream(self.codec, rate=FRAMES_PER_S, options=dict(self.options))
            assert isinstance(stream, av.VideoStream)
            stream.width, stream.height, stream.pix_fmt = WIDTH_PX, HEIGHT_PX, "yuv420p"
            stream.codec_context.time_base = Fraction(1, 1000)
            sound = None if self.sound is None else container.add_stream(self.sound, rate=48_000)
            packets = []
            at_ms, number = 0, 0
            while at_ms < duration_ms:
                frame = _frame(walkers, at_ms)
                frame.pts, frame.time_base = self.start_ms + at_ms, Fraction(1, 1000)
                packets += stream.encode(frame)
                at_ms, number = at_ms + self.steps_ms[number % len(self.steps_ms)], number + 1
            packets += stream.encode()
            if isinstance(sound, av.AudioStream):
                packets += _silence(sound, self.start_ms + duration_ms)
            packets.sort(key=lambda packet: (packet.dts or 0) * (packet.time_base or 0))
            container.mux(packets)
        return path


def _frame(walkers: Sequence[Walker], at_ms: int) -> av.VideoFrame:
    image = np.full((HEIGHT_PX, WIDTH_PX, 3), 235, np.uint8)
    for walker in walkers:
        if walker.is_seen(at_ms):
            left, top, width, height = walker.box(at_ms)
            rows = slice(max(0, round(top * HEIGHT_PX)), round((top + height) * HEIGHT_PX))
            columns = slice(max(0, round(left * WIDTH_PX)), round((left + width) * WIDTH_PX))
            image[rows, columns] = 90 + 25 * (walker.index % 4)
    return av.VideoFrame.from_ndarray(image, format="rgb24")


def _silence(stream: av.AudioStream, duration_ms: int) -> list[av.Packet[av.AudioStream]]:
    stream.layout = "mono"
    samples = 960
    packets = []
    for start in range(0, duration_ms * 48, samples):
        frame = av.AudioFrame.from_ndarray(np.zeros((1, samples), np.int16), format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = 48_000, start, Fraction(1, 48_000)
        packets += stream.encode(frame)
    return [*packets, *stream.encode()]


def _observations(walkers: Sequence[Walker]) -> Iterator[dict[str, Any]]:
    for walker in walkers:
        for at_ms in range(walker.start_ms, walker.end_ms + 1, STEP_MS):
            yield seen(walker.index, at_ms, walker.box(at_ms))


def _single(number: float) -> float:
    return float(np.float32(number))
