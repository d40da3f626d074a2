"""How much of a file without a duration the plan step reads from S3, and how long that takes on AWS."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from people_pathing.engine import summarize
from people_pathing.service.job import VideoObject
from people_pathing.service.videos import reader
from people_pathing.service.videos.lookup import MAX_VIDEO_BYTES
from people_pathing.service.videos.reader import RUN_BLOCKS, open_video
from tests.template.translated import deployed

MOST_PASSES = 2.5
"""How often the plan step reads a file at most. FFmpeg seeks in an FLV file by reading all that precedes."""
# "Performance design patterns for Amazon S3" in the Amazon S3 User Guide: the slow end of both ranges.
FIRST_BYTE_S = 0.2
BYTES_PER_S = 85e6
# Measured: 0.59 s of one core for the 188 MB of a raw stream, doubled for the slowest processors of Lambda.
BYTES_PER_CPU_S = 188e6 / 0.59 / 2


class _Objects:
    """S3 with one object, which counts the bytes that it returns."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.returned_bytes = 0
        self.requests = 0

    def get_object(self, *, Range: str, **_: object) -> dict[str, Any]:  # noqa: N803  # S3's name
        first, last = Range.removeprefix("bytes=").split("-")
        part = self.content[int(first) : int(last) + 1]
        self.returned_bytes += len(part)
        self.requests += 1
        return {"Body": _Body(part)}


class _Body:
    def __init__(self, data: bytes) -> None:
        self.data = data

    def read(self) -> bytes:
        return self.data


def write_noise(path: Path, container: str, codec: str, options: dict[str, str]) -> None:
    noise = np.random.default_rng(1)
    with av.open(str(path), "w", format=container, options=options) as output:
        stream: Any = output.add_stream(codec, rate=30)
        stream.width, stream.height, stream.pix_fmt, stream.bit_rate = 320, 240, "yuv420p", 20_000_000
        for _ in range(60):
            picture = noise.integers(0, 256, (240, 320, 3), np.uint8)
            output.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        output.mux(stream.encode())


@pytest.mark.parametrize(
    ("container", "codec", "options"),
    [
        ("m4v", "mpeg4", {}),
        ("matroska", "mpeg4", {"live": "1"}),
        ("flv", "flv", {"flvflags": "no_duration_filesize"}),
        ("mpegts", "mpeg2video", {}),
    ],
)
def test_a_file_without_a_duration_is_read_in_few_passes_and_long_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, container: str, codec: str, options: dict[str, str]
) -> None:
    path = tmp_path / "clip"
    write_noise(path, container, codec, options)
    size = path.stat().st_size
    monkeypatch.setattr(reader, "BLOCK_BYTES", size // 100)
    s3 = _Objects(path.read_bytes())

    with open_video(s3, VideoObject("videos", "clip", None, None, "etag", size)) as file:  # type: ignore[arg-type]
        summary = summarize(file)

    assert summary.metadata.duration_ms == pytest.approx(2000, abs=100)
    assert s3.returned_bytes <= MOST_PASSES * size
    assert s3.requests <= MOST_PASSES * 100 / RUN_BLOCKS + 12


def test_the_plan_step_has_time_for_the_largest_file_without_a_duration() -> None:
    read_bytes = MOST_PASSES * MAX_VIDEO_BYTES
    requests = read_bytes / (RUN_BLOCKS * reader.BLOCK_BYTES)
    longest_s = requests * FIRST_BYTE_S + read_bytes / BYTES_PER_S + MAX_VIDEO_BYTES * 2 / BYTES_PER_CPU_S

    timeout_s = deployed()["Resources"]["PlanJob"]["Properties"]["Timeout"]
    assert longest_s < 0.9 * timeout_s
