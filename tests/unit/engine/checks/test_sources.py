import io
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from people_pathing.engine import plan_segments, read_metadata, summarize, track_video
from people_pathing.engine.checks.sources import check_source

FRAME = np.zeros((4, 4, 3), np.uint8)


@pytest.mark.parametrize(
    ("url", "advice"),
    [
        ("https://example.com/street.mp4", "download it first: curl -o street.mp4 URL"),
        ("HTTP://example.com/street.mp4", "download it first"),
        ("s3://bucket/street.mp4", "download it first"),
        ("rtsp://camera/stream", "record it to a file first: ffmpeg -i URL -t 60 street.mp4"),
        (Path("https://example.com/street.mp4"), "download it first"),
    ],
)
def test_a_url_is_an_error_that_says_how_to_get_a_file(url: str | Path, advice: str) -> None:
    with pytest.raises(ValueError, match=rf"is a URL, and only files are read; {re.escape(advice)}"):
        check_source(url)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (0, "not the camera 0; record it to a file first: ffmpeg -i INPUT -t 60 street.mp4"),
        (FRAME, "not an array; write the frames to a video file first"),
        ([FRAME, FRAME], "not a list of frames; write the frames to a video file first"),
        ((FRAME for _ in range(2)), "not an iterator; write the frames to a video file first"),
        (["a.mp4", Path("b.mp4")], "not several paths; call the function once for each of the 2"),
        (b"\x00\x00\x00", r"is bytes; wrap the content of a file in io\.BytesIO\(content\)"),
        (None, "not None"),
        (1.5, r"not 1\.5"),
        (io.StringIO("text"), "is open as text; open it in binary mode"),
    ],
)
def test_anything_but_a_path_or_a_file_is_a_type_error_that_says_what_is_right(
    source: Any, message: str
) -> None:
    with pytest.raises(TypeError, match=message):
        check_source(source)


def test_a_stream_that_cannot_seek_is_an_error() -> None:
    reading, writing = os.pipe()
    with (
        open(reading, "rb") as stream,  # noqa: PTH123 - a descriptor
        open(writing, "wb"),  # noqa: PTH123
        pytest.raises(ValueError, match="a stream without seeking; store it in a file first"),
    ):
        check_source(stream)


def test_a_folder_is_an_error_that_says_how_to_make_a_video_of_images(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError, match=r"this is a folder; .*ffmpeg -framerate 25 -i %06d\.jpg"):
        check_source(tmp_path)


def test_a_device_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"/dev/null is a device, .* ffmpeg -i /dev/null -t 60 street\.mp4"):
        check_source("/dev/null")


def test_an_empty_path_is_an_error() -> None:
    with pytest.raises(ValueError, match="the path of the video is empty"):
        check_source("")


@pytest.mark.parametrize("name", ["gone.mp4", "https:/a.mp4", "c:street.mp4", "street 12:30.mp4"])
def test_a_file_passes_whatever_its_name_is(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = Path(name)
    path.parent.mkdir(exist_ok=True)
    if name != "gone.mp4":
        path.touch()

    check_source(name)
    check_source(path)


def test_a_binary_file_passes() -> None:
    with Path(__file__).open("rb") as file:
        check_source(file)
    check_source(io.BytesIO(b"content"))


@pytest.mark.parametrize(
    "function", [read_metadata, summarize, lambda source: plan_segments(source, count=2)]
)
def test_every_function_that_opens_a_video_checks_the_source(function: Callable[[Any], object]) -> None:
    with pytest.raises(ValueError, match=r"https://example\.com/street\.mp4 is a URL"):
        function("https://example.com/street.mp4")
    with pytest.raises(TypeError, match="not an array; write the frames"):
        function(FRAME)


def test_the_source_is_checked_before_the_video_is_opened() -> None:
    with pytest.raises(TypeError, match="not the camera 0"):
        track_video(0)  # type: ignore[arg-type]
