"""What the caller chooses for an annotated video."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Codec = Literal["vp9", "av1"]
Part = Literal["faces", "people"]


@dataclass(frozen=True, slots=True)
class AllBut:
    """Blurs all people except one, for example to give that person access to the video.

    Attributes:
        index: the person's number in the results.
    """

    index: int


Blur = Part | AllBut


@dataclass(frozen=True, slots=True)
class Layers:
    """What is drawn.

    Attributes:
        boxes: a box with a number around each person.
        trails: where each person walked in the last two seconds.
        zones: the zones, lines and masks of zones.json, with running counts.
        counts: how many people are in the picture and how many there were.
        clock: the time of recording, or the time from the start of the video.
    """

    boxes: bool = True
    trails: bool = True
    zones: bool = True
    counts: bool = True
    clock: bool = True
