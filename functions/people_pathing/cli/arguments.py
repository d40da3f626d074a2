"""Argument types and options that several commands share."""

from __future__ import annotations

import argparse
import math
from pathlib import Path

from people_pathing.engine.registries import DETECTORS
from people_pathing.engine.selection import (
    DEFAULT_DETECTOR,
    FALLBACK_DETECTOR,
    MAX_INPUT_PX,
    MIN_INPUT_PX,
)

MAX_PORT = 65_535


def add_detector_options(parser: argparse.ArgumentParser) -> None:
    """Adds the options that choose the detectors of people and of faces."""
    parser.add_argument(
        "--detector",
        choices=DETECTORS.names(),
        help=f"the person detector (default: {DEFAULT_DETECTOR}, "
        f"or {FALLBACK_DETECTOR} if the default model is not available)",
    )
    parser.add_argument(
        "--model",
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
        metavar="FILE",
        help="detect faces, too, with an ONNX file or with a name that `people-pathing models` lists",
    )


def video_file(text: str) -> Path:
    """Returns the path of an existing file."""
    path = Path(text)
    if not path.is_file():
        raise argparse.ArgumentTypeError(f"there is no file {text}")
    return path


def output_folder(text: str) -> Path:
    """Returns the path of a folder, which need not exist yet."""
    path = Path(text)
    if path.exists() and not path.is_dir():
        raise argparse.ArgumentTypeError(f"{text} is a file; give a folder")
    return path


def output_file(text: str) -> Path:
    """Returns the path of a file, which need not exist yet."""
    path = Path(text)
    if path.is_dir():
        raise argparse.ArgumentTypeError(f"{text} is a folder; give a file")
    return path


def input_px(text: str) -> int:
    """Returns the longer side of a detector's input, in pixels."""
    if not text.isdecimal() or not MIN_INPUT_PX <= int(text) <= MAX_INPUT_PX:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a whole number from {MIN_INPUT_PX} to {MAX_INPUT_PX}"
        )
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
