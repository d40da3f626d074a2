"""Holds a step of a job for as long as a test wants, so that the job is in the middle of its execution."""

from __future__ import annotations

import time
from pathlib import Path

# Python runs this module when a process starts. It wraps what AWS's runtime client does with each event.
_SITECUSTOMIZE = """
import os
import pathlib
import time

if os.environ.get("_HANDLER", "").endswith(".detect"):
    from awslambdaric import bootstrap

    FOLDER = pathlib.Path({folder!r})
    handle_event_request = bootstrap.handle_event_request

    def handle_after_hold(*arguments, **options):
        try:
            (FOLDER / "wanted").rename(FOLDER / f"held-{{time.monotonic_ns()}}")
        except FileNotFoundError:
            pass
        else:
            while not (FOLDER / "released").exists():
                time.sleep(0.1)
        return handle_event_request(*arguments, **options)

    bootstrap.handle_event_request = handle_after_hold
"""


class HeldSteps:
    """Holds events of the function DetectSegment.

    Args:
        folder: an empty folder for the files that tell the processes what to hold.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def image_of(self, functions: Path, image: Path) -> Path:
        """Makes a folder for an image: the code in another folder, and a module that can hold events.

        Args:
            functions: the folder with the code.
            image: the folder to make.
        """
        image.mkdir()
        (image / "people_pathing").symlink_to(functions / "people_pathing")
        (image / "sitecustomize.py").write_text(_SITECUSTOMIZE.format(folder=str(self._folder)))
        return image

    def hold_next(self) -> None:
        """Lets the next event wait, before the function sees it."""
        (self._folder / "released").unlink(missing_ok=True)
        (self._folder / "wanted").touch()

    def held_count(self) -> int:
        """Returns how many events have been held so far."""
        return len(list(self._folder.glob("held-*")))

    def wait_until_held(self, count: int, timeout_s: float = 60) -> None:
        """Waits until a number of events has been held."""
        deadline = time.monotonic() + timeout_s
        while self.held_count() < count:
            assert time.monotonic() < deadline, f"no event was held in {timeout_s} s"
            time.sleep(0.1)

    def release(self) -> None:
        """Lets all held events continue."""
        (self._folder / "released").touch()
