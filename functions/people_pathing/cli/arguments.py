"""Argument types and options that several commands share."""

from __future__ import annotations

import argparse
import math
import stat
from datetime import UTC, datetime
from pathlib import Path

from people_pathing.engine.checks.sources import check_source
from people_pathing.engine.registries import DETECTORS
from people_pathing.engine.selection import (
    DEFAULT_DETECTOR,
    FALLBACK_DETECTOR,
    MAX_INPUT_PX,
    MIN_INPUT_PX,
)
from people_pathing.engine.video import POSSIBLE_RATES, check_frame_rate

MAX_PORT = 65_535
DEFAULT_PORT = 4566


def add_detector_options(parser: argparse.ArgumentParser) -> None:
    """Adds the options that choose the detectors of people and of faces, and the reidentifier."""
    parser.add_argument(
        "--detector",
        choices=DETECTORS.names(),
        help=f"the person detector (default: {DEFAULT_DETECTOR}, "
        f"or {FALLBACK_DETECTOR} if the default model is not available)",
    )
    parser.add_argument(
        "--model",
        type=model,
        metavar="FILE",
        help="an ONNX file, or a name that `people-pathing models` lists "
        "(default: the environment variable TRACKING_MODEL, or the detector's smallest model)",
    )
    parser.add_argument(
        "--input-px",
        type=input_px,
        metavar="N",
        help="longer side of the image that the detector sees (default: half the frame's, from 640 to 960)",
    )
    parser.add_argument(
        "--face-model",
        type=model,
        metavar="FILE",
        help="detect faces, too, with an ONNX file or with a name that `people-pathing models` lists",
    )
    parser.add_argument(
        "--reidentification-model",
        type=model,
        metavar="FILE",
        help="an ONNX file, a name that `people-pathing models` lists, or `none` to link people by their "
        "colours only (default: the environment variable REIDENTIFICATION_MODEL, or the known model)",
    )


def video_file(text: str) -> Path:
    """Returns the path of an existing file. For a URL, a device or a folder, the error says what to do."""
    mode = _mode(text, "give a video file")
    if mode is None or not stat.S_ISREG(mode):
        try:
            check_source(text)
        except IsADirectoryError as error:
            raise argparse.ArgumentTypeError(f"{text}: {error.strerror}") from error
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from error
        problem = (
            f"there is no file {text}" if mode is None else f"{text} is {_kind(mode)}; give a video file"
        )
        raise argparse.ArgumentTypeError(problem)
    return Path(text)


def input_file(text: str) -> Path:
    """Returns the path of an existing file that is no video."""
    mode = _mode(text, "give a file")
    if mode is None:
        raise argparse.ArgumentTypeError(f"there is no file {text}")
    if not stat.S_ISREG(mode):
        raise argparse.ArgumentTypeError(f"{text} is {_kind(mode)}; give a file")
    return Path(text)


def result_folder_path(text: str) -> Path:
    """Returns the path of a folder with the result files of one video. Whether it has them is not checked."""
    _require_text(text, "give a folder with result files")
    return Path(text)


def path_or_key(text: str) -> str:
    """Returns a path, or the key of a video, as it was written: a key may contain `//`."""
    _require_text(text, "give a path, or the key of a video")
    return text


def output_folder(text: str) -> Path:
    """Returns the path of a folder, which need not exist yet."""
    mode = _mode(text, "give a folder")
    if mode is not None and not stat.S_ISDIR(mode):
        raise argparse.ArgumentTypeError(f"{text} is {_kind(mode)}; give a folder")
    return Path(text)


def output_file(text: str) -> Path:
    """Returns the path of a file, which need not exist yet."""
    mode = _mode(text, "give a file")
    if mode is not None and stat.S_ISDIR(mode):
        raise argparse.ArgumentTypeError(f"{text} is a folder; give a file")
    return Path(text)


def model(text: str) -> str:
    """Returns the path of a model file or the name of a known model."""
    _require_text(
        text, "give an ONNX file or a name that `people-pathing models` lists, or leave the option out"
    )
    return text


def input_px(text: str) -> int:
    """Returns the longer side of a detector's input, in pixels."""
    if not text.isdecimal() or not MIN_INPUT_PX <= int(text) <= MAX_INPUT_PX:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a whole number from {MIN_INPUT_PX} to {MAX_INPUT_PX}"
        )
    return int(text)


def count_from_1(text: str) -> int:
    """Returns a whole number above 0."""
    # Python refuses to read thousands of digits.
    if not (text.isascii() and text.isdecimal() and len(text) < 10 and int(text) > 0):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1 to 999999999")
    return int(text)


def port(text: str) -> int:
    """Returns a TCP port; 0 stands for any free one."""
    if not text.isdecimal() or int(text) > MAX_PORT:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port from 0 to {MAX_PORT}")
    return int(text)


def sample_fps(text: str) -> float:
    """Returns a number of frames per second; "all" is infinity."""
    if text == "all":
        return math.inf
    try:
        rate = float(text)
    except ValueError:
        rate = math.nan
    if not 0 < rate < math.inf:
        raise argparse.ArgumentTypeError(
            f"{text!r} is neither a number of frames per second above 0 nor 'all'"
        )
    return rate


def frame_rate(text: str) -> float:
    """Returns the number of frames that a video has per second."""
    lowest, highest = POSSIBLE_RATES
    try:
        rate = float(text)
        check_frame_rate(rate)
    except ValueError as error:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a number of frames per second from {lowest} to {highest}"
        ) from error
    return rate


def time_ms(text: str) -> int:
    """Returns a date or a time, in milliseconds since the epoch. It is UTC if it names no other zone."""
    try:
        moment = datetime.fromisoformat(text)
        # In UTC, the year may be 0 or 10000, which Python cannot represent.
        in_utc = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a date such as 2026-01-31 or 2026-01-31T12:00Z"
        ) from error
    return int(in_utc.timestamp() * 1000)


def person_index(text: str) -> int:
    """Returns the number of a person in the results of one video."""
    if not (text.isascii() and text.isdecimal()):
        raise argparse.ArgumentTypeError(f"{text!r} is not the number of a person, such as 3")
    return int(text)


def non_empty(text: str) -> str:
    """Returns a text that is not empty."""
    _require_text(text, "give a value, or leave the argument out")
    return text


def _mode(text: str, what_is_right: str) -> int | None:
    """Returns the type and permissions of a file or folder, or None if there is none."""
    _require_text(text, what_is_right)
    try:
        return Path(text).stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        # For example: the name is too long, or a folder on the way may not be entered.
        raise argparse.ArgumentTypeError(f"{text}: {error.strerror}") from error


def _kind(mode: int) -> str:
    """Returns in words what a path leads to."""
    kinds = {
        stat.S_IFREG: "a file",
        stat.S_IFDIR: "a folder",
        stat.S_IFIFO: "a pipe",
        stat.S_IFSOCK: "a socket",
    }
    return kinds.get(stat.S_IFMT(mode), "a device")


def _require_text(text: str, what_is_right: str) -> None:
    # A script passes an empty value when it forgot to set a variable.
    if not text:
        raise argparse.ArgumentTypeError(f"the value is empty; {what_is_right}")
