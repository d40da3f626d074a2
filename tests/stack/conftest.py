"""A clip in which two people cross."""

from pathlib import Path

import pytest

from tests.stack.walkers import Walker, write_clip

FRAME_COUNT = 40
# The first walks from left to right behind the second, who walks from right to left. They meet at frame 20.
WALKERS = [
    Walker(140, 9, 380, 200, coat=(60, 30, 30), legs=(40, 40, 45)),
    Walker(500, -9, 450, 250, coat=(30, 30, 110), legs=(50, 40, 30)),
]


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("clips") / "walkers.mp4"
    write_clip(path, WALKERS, FRAME_COUNT)
    return path
