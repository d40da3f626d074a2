"""Checks that a source of video is a file, and says how to make one out of everything else."""

from __future__ import annotations

import errno
import os
import re
import stat
from pathlib import Path

ADDRESS = re.compile(r"[a-z][a-z0-9+.-]+:/", re.IGNORECASE)
"""How a URL begins. `Path` drops one of two slashes, and a drive of Windows has one letter only."""
SHOWN_CHARACTERS = 60

DOWNLOAD = "download it first: curl -o street.mp4 URL"
RECORD = "record it to a file first: ffmpeg -i INPUT -t 60 street.mp4"
WRITE_FRAMES = "write the frames to a video file first; docs/python.md has an example"
JOIN_IMAGES = "to track images, make a video of them first: ffmpeg -framerate 25 -i %06d.jpg street.mp4"
LIVE = frozenset({"rtsp", "rtsps", "rtmp", "rtmps", "rtp", "udp", "tcp", "srt", "mms", "hls"})


def check_source(source: object) -> None:
    """Raises an error if a source is neither a path nor a seekable binary file.

    A path that does not exist passes, because opening it gives the usual error.

    Raises:
        ValueError: The path is a URL, a device or empty.
        IsADirectoryError: The path is a folder.
        TypeError: The source is anything else, for example the number of a camera, an array of frames or a
            list of paths.
    """
    if isinstance(source, str | os.PathLike):
        _check_path(os.fspath(source))
    elif isinstance(source, bytes | bytearray | memoryview):
        raise TypeError("the source is bytes; wrap the content of a file in io.BytesIO(content)")
    elif isinstance(source, int):
        raise TypeError(f"the source must be a video file, not the camera {source}; {RECORD}")
    elif not (hasattr(source, "read") and hasattr(source, "seek")):
        raise TypeError(f"the source must be the path of a video or a binary file, not {_described(source)}")
    elif hasattr(source, "encoding"):
        raise TypeError('the source is open as text; open it in binary mode: open(path, "rb")')
    elif hasattr(source, "seekable") and not source.seekable():
        raise ValueError("the source is a stream without seeking; store it in a file first")


def _check_path(path: str | bytes) -> None:
    if isinstance(path, bytes):
        raise TypeError("the source is bytes; decode a path with os.fsdecode(path)")
    if not path:
        raise ValueError("the path of the video is empty")
    try:
        mode = Path(path).stat().st_mode
    except (OSError, ValueError):
        if ADDRESS.match(path):
            advice = RECORD.replace("INPUT", "URL") if path.split(":")[0].lower() in LIVE else DOWNLOAD
            raise ValueError(f"{path} is a URL, and only files are read; {advice}") from None
        return
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, f"this is a folder; {JOIN_IMAGES}", path)
    if stat.S_ISCHR(mode) or stat.S_ISBLK(mode):
        raise ValueError(f"{path} is a device, and only files are read; {RECORD.replace('INPUT', path)}")


def _described(source: object) -> str:
    """Describes what was given instead of a source, with what to do about it."""
    if hasattr(source, "__array__"):
        return f"an array; {WRITE_FRAMES}"
    if isinstance(source, list | tuple | set | frozenset):
        if any(isinstance(one, str | os.PathLike) for one in source):
            return f"several paths; call the function once for each of the {len(source)}"
        return f"a {type(source).__name__} of frames; {WRITE_FRAMES}"
    if hasattr(source, "__next__"):
        return f"an iterator; {WRITE_FRAMES}"
    if hasattr(source, "read") or hasattr(source, "grab"):
        return f"{type(source).__name__}, which cannot seek; store the video in a file first"
    shown = repr(source)
    return shown if len(shown) <= SHOWN_CHARACTERS else f"an object of type {type(source).__name__}"
