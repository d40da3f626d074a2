"""Draws the clip of `people-pathing smoke`: python -m tests.stack.smoke_clip."""

from pathlib import Path

from people_pathing.smoke_test import clip
from tests.stack.walkers import Walker, write_clip

COLOURS = (((60, 30, 30), (40, 40, 45)), ((30, 30, 110), (50, 40, 30)))


def draw(path: Path) -> None:
    """Writes the clip with the people whom the smoke test expects."""
    walkers = [
        Walker(person.start_x_px, person.speed_px, person.feet_y_px, person.height_px, coat, legs)
        for person, (coat, legs) in zip(clip.PEOPLE, COLOURS, strict=True)
    ]
    write_clip(path, walkers, clip.FRAME_COUNT)


if __name__ == "__main__":
    draw(clip.PATH)
