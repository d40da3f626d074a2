"""Clips of one drawn walker, with and without a face, and what tracking them must find."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from tests.portrait import LANDMARKS
from tests.stack.walkers import HEAD, HEIGHT_PX, WIDTH_PX, Walker, write_clip

FRAME_COUNT = 20
"""Frames of a clip by default: two seconds."""
WALKER = Walker(140, 9, 380, 200, coat=(60, 30, 30), legs=(40, 40, 45))
WITH_FACE = Walker(160, 9, 450, 300, coat=(60, 30, 30), legs=(40, 40, 45), has_face=True)


def write_walker_clip(folder: Path, frame_count: int = FRAME_COUNT) -> Path:
    path = folder / "one walker.mp4"
    write_clip(path, [WALKER], frame_count)
    return path


def write_face_clip(folder: Path, frame_count: int = FRAME_COUNT) -> Path:
    path = folder / "one face.mp4"
    write_clip(path, [WITH_FACE], frame_count)
    return path


def assert_the_walker_shows_its_face(persons: list[dict[str, Any]], frame_count: int = FRAME_COUNT) -> None:
    """The face is there in at least half of the frames, and each landmark is where it is drawn."""
    seen = [person for person in persons if "Face" in person["Person"]]
    assert len(seen) >= frame_count / 2
    assert len({person["Person"]["Index"] for person in seen}) == 1
    scale = WITH_FACE.height_px / 100
    left, top, right, bottom = HEAD
    drawn_at = (LANDMARKS - [left, top]) / [right - left, bottom - top] * [14 * scale, 18 * scale]
    for person in seen:
        face = person["Person"]["Face"]
        assert list(face) == ["BoundingBox", "Landmarks", "Pose", "Quality", "Confidence"]
        assert 50 <= face["Confidence"] <= 100
        centre_x, centre_y = WITH_FACE.centre(person["Timestamp"] // 100)
        head = np.array([centre_x - 7 * scale, centre_y - 50 * scale])
        found = [(point["X"] * WIDTH_PX, point["Y"] * HEIGHT_PX) for point in face["Landmarks"]]
        assert np.abs(drawn_at + head - found).max() < 6, person
        assert max(map(abs, face["Pose"].values())) < 25
