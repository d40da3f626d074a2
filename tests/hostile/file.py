"""One hostile file, and the clips that many of them are made of."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from tests import clips

Outcome = Literal["tracked", "rejected", "either"]
Builder = Callable[[Path], bytes]


@dataclass(frozen=True, slots=True)
class HostileFile:
    """One file.

    Attributes:
        name: class and description.
        build: makes the content; the folder is for temporary files.
        outcome: how its job must end. What is left of a damaged file may be trackable or not.
        advice: a text that the reason for its rejection contains.
    """

    name: str
    build: Builder
    outcome: Outcome = "either"
    advice: str = ""


@cache
def clip(name: str) -> bytes:
    """Returns one of the clips that the files are made of. All show 30 frames at 30 per second."""
    settings: dict[str, dict[str, Any]] = {
        "first.mp4": {"container_options": {"movflags": "faststart"}},
        "fragments.mp4": {"container_options": {"movflags": "frag_keyframe+empty_moov+default_base_moof"}},
        "a.avi": {"codec": "mpeg4"},
        "a.mpg": {"codec": "mpeg2video"},
        "a.flv": {"codec": "flv1"},
        "a.webm": {"codec": "libvpx"},
        "mjpeg.avi": {"codec": "mjpeg", "pixels": "yuvj420p"},
    }
    with tempfile.TemporaryDirectory() as folder:
        return clips.write_clip(Path(folder, name), frames=30, **settings.get(name, {})).read_bytes()


def constant(content: bytes, _: Path) -> bytes:
    """Builds a file of this content."""
    return content
