import errno
import math
import os
from argparse import ArgumentTypeError
from collections.abc import Callable
from pathlib import Path

import pytest

from people_pathing.cli.arguments import (
    frame_rate,
    input_file,
    input_px,
    model,
    output_file,
    output_folder,
    port,
    sample_fps,
    video_file,
)


@pytest.mark.parametrize(("text", "pixels"), [("32", 32), ("4096", 4096)])
def test_an_input_size_is_a_whole_number_of_pixels(text: str, pixels: int) -> None:
    assert input_px(text) == pixels


@pytest.mark.parametrize("text", ["31", "4097", "-640", "640.5", "large", ""])
def test_an_input_size_out_of_range_is_rejected_with_the_range(text: str) -> None:
    with pytest.raises(ArgumentTypeError, match="not a whole number from 32 to 4096"):
        input_px(text)


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("65535", 65_535)])
def test_a_port_is_a_whole_number(text: str, number: int) -> None:
    assert port(text) == number


@pytest.mark.parametrize("text", ["65536", "-1", "http"])
def test_a_port_out_of_range_is_rejected_with_the_range(text: str) -> None:
    with pytest.raises(ArgumentTypeError, match="not a port from 0 to 65535"):
        port(text)


@pytest.mark.parametrize(("text", "rate"), [("all", math.inf), ("12.5", 12.5)])
def test_a_sampling_rate_is_a_number_or_all(text: str, rate: float) -> None:
    assert sample_fps(text) == rate


@pytest.mark.parametrize("text", ["0", "-1", "nan", "inf", "many"])
def test_a_sampling_rate_that_is_not_above_0_is_rejected(text: str) -> None:
    with pytest.raises(ArgumentTypeError, match="neither a number of frames per second above 0 nor 'all'"):
        sample_fps(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("gone.mp4", r"^there is no file gone\.mp4$"),
        ("https://example.com/street.mp4", r"is a URL, .* download it first: curl -o street\.mp4 URL$"),
        ("rtsp://camera/1", r"is a URL, .* record it to a file first"),
        ("/dev/null", "is a device, .* record it to a file first"),
        (".", r"^\.: this is a folder; to track images, make a video of them first"),
    ],
)
def test_anything_but_a_video_file_is_rejected_with_what_is_right(
    text: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ArgumentTypeError, match=message):
        video_file(text)


def test_a_file_of_detections_must_exist(tmp_path: Path) -> None:
    with pytest.raises(ArgumentTypeError, match="there is no file"):
        input_file(str(tmp_path / "det.txt"))


def test_what_is_no_file_is_called_by_its_kind(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")

    with pytest.raises(ArgumentTypeError, match="is a folder; give a file"):
        input_file(str(tmp_path))
    with pytest.raises(ArgumentTypeError, match="is a pipe; give a file"):
        input_file(str(tmp_path / "pipe"))
    with pytest.raises(ArgumentTypeError, match="is a pipe; give a video file"):
        video_file(str(tmp_path / "pipe"))
    with pytest.raises(ArgumentTypeError, match="/dev/null is a device; give a folder"):
        output_folder("/dev/null")


@pytest.mark.parametrize(("text", "rate"), [("25", 25.0), ("29.97", 29.97), ("1000", 1000.0)])
def test_a_frame_rate_is_a_number(text: str, rate: float) -> None:
    assert frame_rate(text) == rate


@pytest.mark.parametrize("text", ["0", "-25", "nan", "inf", "1001", "PAL", ""])
def test_a_frame_rate_that_is_not_possible_is_rejected(text: str) -> None:
    with pytest.raises(ArgumentTypeError, match="not a number of frames per second from 1/3600 to 1000"):
        frame_rate(text)


def test_an_output_folder_need_not_exist(tmp_path: Path) -> None:
    assert output_folder(str(tmp_path / "new")) == tmp_path / "new"


def test_an_output_folder_must_not_be_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ArgumentTypeError, match="is a file; give a folder"):
        output_folder(str(tmp_path / "file"))


def test_an_output_file_need_not_exist(tmp_path: Path) -> None:
    assert output_file(str(tmp_path / "new.txt")) == tmp_path / "new.txt"


def test_an_output_file_must_not_be_a_folder(tmp_path: Path) -> None:
    with pytest.raises(ArgumentTypeError, match="is a folder; give a file"):
        output_file(str(tmp_path))


@pytest.mark.parametrize("argument", [video_file, input_file, output_folder, output_file, model])
def test_an_empty_value_is_rejected_with_what_is_right(argument: Callable[[str], object]) -> None:
    with pytest.raises(ArgumentTypeError, match=r"the value is empty; give an? "):
        argument("")


@pytest.mark.parametrize("argument", [video_file, output_folder, output_file])
def test_a_path_in_a_folder_that_may_not_be_entered_is_rejected_with_the_reason(
    argument: Callable[[str], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: Path) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "stat", refuse)

    with pytest.raises(ArgumentTypeError, match=r"^locked/street\.mp4: Permission denied$"):
        argument("locked/street.mp4")


def test_a_link_that_leads_to_itself_is_rejected_with_the_reason(tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(link)

    with pytest.raises(ArgumentTypeError, match="link: Too many levels of symbolic links"):
        output_file(str(link))
