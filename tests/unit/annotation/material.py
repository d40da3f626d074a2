"""Videos with sound and with known people, and what is in an annotated copy."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from numpy.typing import NDArray

from people_pathing.engine import read_metadata
from people_pathing.results.files.job_summary import VideoFile
from people_pathing.results.provenance import Provenance
from people_pathing.results.recording_time import RecordingTime
from people_pathing.results.stored_result import StoredResult
from tests.unit.exports.stored import seen, store

Picture = NDArray[np.uint8]
BoxSizes = tuple[float, float, float, float]
"""Left, top, width and height in ratios of the frame."""
RATE = 25
SAMPLE_RATE = 16_000


@dataclass(frozen=True)
class Sound:
    """A sound track: a click in silence.

    Attributes:
        click_s: when it clicks.
        start_s: when the track starts.
        end_s: when it ends.
        gap_s: a stretch that the track does not have, from a start to an end.
    """

    click_s: float
    start_s: float = 0
    end_s: float = 2
    gap_s: tuple[float, float] | None = None


def grey(number: int, width: int, height: int) -> Picture:
    """Draws a frame without anything in it."""
    return np.full((height, width, 3), 128, np.uint8)


def stripes(number: int, width: int, height: int) -> Picture:
    """Draws fine stripes in both directions, which any blur removes."""
    pattern = np.add.outer(np.arange(height) // 2, np.arange(width) // 2) % 2 * 255
    return np.repeat(pattern.astype(np.uint8)[:, :, None], 3, axis=2)


def write_video(
    path: Path,
    *,
    frames: int = 50,
    size: tuple[int, int] = (320, 240),
    sounds: Sequence[Sound] = (),
    draw: Callable[[int, int, int], Picture] = grey,
    metadata: dict[str, str] | None = None,
) -> Path:
    """Writes a video with constant frame rate and any number of sound tracks."""
    with av.open(path, "w") as file:
        file.metadata.update(metadata or {})
        stream = file.add_stream("libx264", rate=RATE, options={"crf": "1"})
        assert isinstance(stream, VideoStream)
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        tracks = [file.add_stream("aac", rate=SAMPLE_RATE, layout="mono") for _ in sounds]
        for number in range(frames):
            frame = VideoFrame.from_ndarray(draw(number, *size), format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, RATE)
            file.mux(stream.encode(frame))
        file.mux(stream.encode())
        for track, sound in zip(tracks, sounds, strict=True):
            assert isinstance(track, AudioStream)
            for block in _blocks(sound):
                file.mux(track.encode(block))
            file.mux(track.encode(None))
    return path


def _blocks(sound: Sound) -> Iterable[AudioFrame]:
    length = 1024
    for start in range(round(sound.start_s * SAMPLE_RATE), round(sound.end_s * SAMPLE_RATE), length):
        if sound.gap_s and sound.gap_s[0] <= start / SAMPLE_RATE < sound.gap_s[1]:
            continue
        times_s = (np.arange(length) + start) / SAMPLE_RATE
        near = np.abs(times_s - sound.click_s) < 0.01
        samples = np.where(near, np.sin(2 * np.pi * 1000 * times_s), 0).astype(np.float32)
        block = AudioFrame.from_ndarray(samples[None], format="fltp", layout="mono")
        block.sample_rate, block.time_base, block.pts = SAMPLE_RATE, Fraction(1, SAMPLE_RATE), start
        yield block


def results_of(
    video: Path,
    boxes: dict[int, dict[int, BoxSizes]],
    folder: Path,
    *,
    recorded: RecordingTime | None = None,
    faces: dict[int, dict[int, BoxSizes]] | None = None,
    provenance: Provenance | None = None,
) -> StoredResult:
    """Writes result files of a video: for each person, boxes by time in milliseconds."""
    metadata = read_metadata(video)
    persons = []
    for index, by_time in boxes.items():
        for at_ms, box in by_time.items():
            person = seen(index, at_ms, box)
            if face := (faces or {}).get(index, {}).get(at_ms):
                names = ("Left", "Top", "Width", "Height")
                person["Person"]["Face"] = {"BoundingBox": dict(zip(names, face, strict=True))}
            persons.append(person)
    described: dict[str, Any] = {
        "DurationMillis": metadata.duration_ms,
        "FrameRate": metadata.frame_rate,
        "FrameWidth": metadata.frame_width,
        "FrameHeight": metadata.frame_height,
    }
    return store(
        folder,
        persons,
        video=VideoFile(str(video)),
        metadata=described,
        recording_time=recorded,
        provenance=provenance,
    )


def standing(box: BoxSizes, *, until_ms: int = 2000, step_ms: int = 80) -> dict[int, BoxSizes]:
    """Returns the boxes of a person who does not move."""
    return dict.fromkeys(range(0, until_ms, step_ms), box)


def pictures_in(path: Path) -> list[tuple[float, Picture]]:
    """Returns the time in seconds and the RGB picture of each frame."""
    with av.open(path) as file:
        frames = [
            (float(frame.time or 0), frame.to_ndarray(format="rgb24")) for frame in file.decode(video=0)
        ]
    return [(time_s, picture.astype(np.uint8, copy=False)) for time_s, picture in frames]


def sound_in(path: Path) -> NDArray[np.float32]:
    """Returns the sound of a file as (N,) samples at 48 kHz from time zero, with silence in gaps."""
    with av.open(path) as file:
        resampler = AudioResampler(format="flt", layout="mono", rate=48_000)
        heard = np.zeros(0, np.float32)
        for frame in file.decode(audio=0):
            start = max(0, round(float(frame.time or 0) * 48_000))
            for converted in resampler.resample(frame):
                samples = converted.to_ndarray()[0].astype(np.float32)
                heard = np.append(heard[:start], np.zeros(max(0, start - len(heard)), np.float32))
                heard = np.append(heard, samples)
    return heard


def click_s(sound: NDArray[np.float32]) -> float:
    """Returns when a sound is loudest."""
    loud = np.flatnonzero(np.abs(sound) > 0.5 * np.abs(sound).max())
    return float(loud.mean()) / 48_000
