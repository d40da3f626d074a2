"""The kinds of test videos that `benchmarks.material` makes: what each of their frames shows."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial

import numpy as np

SHARE = 2 / 3
"""Width and height of a window, of the source's."""

Window = tuple[float, float, float, float]
"""Left, top, width and height in pixels of the source."""


@dataclass(frozen=True, slots=True)
class Source:
    """What a recipe needs to know of a labelled video.

    Attributes:
        frame_count: number of its frames.
        rate: frames per second.
        size: width and height in pixels.
    """

    frame_count: int
    rate: Fraction
    size: tuple[int, int]


@dataclass(frozen=True, slots=True)
class View:
    """One frame of a made video.

    Attributes:
        frame: the source's frame, counted from 0.
        window: the part of it that is shown.
        scene: how many cuts there are before.
        noise: whether noise is added, because the frame was shown before.
    """

    frame: int
    window: Window
    scene: int = 0
    noise: bool = False


@dataclass(frozen=True, slots=True)
class Material:
    """A video to be made.

    Attributes:
        views: its frames; those of the source ascend.
        rate: frames per second.
        size: width and height in pixels, even.
    """

    views: tuple[View, ...]
    rate: Fraction
    size: tuple[int, int]


WindowPath = Callable[[float], tuple[float, float, float]]
"""From seconds to the window's place, 0..1 of the way from left to right and from top to bottom, and its size
as a share of the source's."""


def moving(source: Source, at: WindowPath) -> Material:
    """Returns a window that moves over all frames of the source."""
    views = tuple(
        View(frame, _window(source.size, *at(float(frame / source.rate))))
        for frame in range(source.frame_count)
    )
    return Material(views, source.rate, _even(source.size, SHARE))


def fixed(source: Source) -> Material:
    """Returns a window that stands still: the same part of the picture as the moving ones at their start."""
    return moving(source, lambda _: (0.5, 0.5, SHARE))


def pan(source: Source) -> Material:
    """Returns a window that swings from side to side in four seconds, and a little up and down."""
    return moving(source, lambda s: (_swing(s, 4.0), _swing(s, 5.0, 0.3), SHARE))


def shake(source: Source) -> Material:
    """Returns a window that shakes as in a hand: five oscillations of 0.5 to 6 Hz in each direction."""
    chance = np.random.default_rng(12)
    frequencies = np.geomspace(0.5, 6, 5)
    phases = chance.uniform(0, 2 * np.pi, (2, 5))

    def at(seconds: float) -> tuple[float, float, float]:
        x, y = 0.5 + (0.12 / frequencies * np.sin(2 * np.pi * frequencies * seconds + phases)).sum(axis=1)
        return float(x), float(y), SHARE

    return moving(source, at)


def zoom(source: Source) -> Material:
    """Returns a window around the middle that grows and shrinks by half in six seconds."""
    return moving(source, lambda s: (0.5, 0.5, 0.75 * _zoomed(s)))


def pan_zoom(source: Source) -> Material:
    """Returns a window that swings as in `pan` and zooms as in `zoom`."""
    return moving(source, lambda s: (_swing(s, 4.0), _swing(s, 5.0, 0.3), 0.7 * _zoomed(s)))


def every(source: Source, step: int) -> Material:
    """Returns every `step`-th frame of the source, at the time at which the source shows it."""
    views = tuple(View(frame, whole(source.size)) for frame in range(0, source.frame_count, step))
    return Material(views, source.rate / step, _even(source.size, 1))


def cuts(source: Source) -> Material:
    """Returns three stretches of the source, each with another window, with a cut between them."""
    stretches = _stretches(source, [(0.0, 0.0, SHARE), (1.0, 1.0, SHARE), (0.5, 0.5, 0.5)])
    return Material(stretches, source.rate, _even(source.size, SHARE))


def jumps(source: Source) -> Material:
    """Returns three stretches of the whole picture, as a camera makes them that starts and stops."""
    return Material(_stretches(source, [(0.5, 0.5, 1.0)] * 3), source.rate, _even(source.size, 1))


def still(source: Source) -> Material:
    """Returns the source, stopped for four seconds after every two. Only noise changes while it stops."""
    views = []
    for frame in range(source.frame_count):
        views.append(View(frame, whole(source.size)))
        if (frame + 1) % round(2 * source.rate) == 0:
            views += [View(frame, whole(source.size), noise=True)] * round(4 * source.rate)
    return Material(tuple(views), source.rate, _even(source.size, 1))


KINDS: dict[str, Callable[[Source], Material]] = {
    "fixed": fixed,
    "pan": pan,
    "shake": shake,
    "zoom": zoom,
    "pan-zoom": pan_zoom,
    "cuts": cuts,
    "jumps": jumps,
    "still": still,
    **{f"every-{step}": partial(every, step=step) for step in (2, 3, 5, 10)},
}
"""What can be made, by name."""


def _stretches(source: Source, places: Sequence[tuple[float, float, float]]) -> tuple[View, ...]:
    """Returns a stretch for each place of the window. As many frames are left out between them."""
    length = source.frame_count // (2 * len(places) - 1)
    return tuple(
        View(frame, _window(source.size, *place), scene)
        for scene, place in enumerate(places)
        for frame in range(2 * scene * length, (2 * scene + 1) * length)
    )


def _window(size: tuple[int, int], across: float, down: float, share: float) -> Window:
    width, height = size[0] * share, size[1] * share
    return (size[0] - width) * across, (size[1] - height) * down, width, height


def whole(size: tuple[int, int]) -> Window:
    """Returns the window that shows everything."""
    return 0.0, 0.0, float(size[0]), float(size[1])


def _even(size: tuple[int, int], share: float) -> tuple[int, int]:
    """Returns a share of a width and a height, rounded to even numbers, as the codec needs them."""
    width, height = (2 * round(side * share / 2) for side in size)
    return width, height


def _swing(seconds: float, period_s: float, reach: float = 1.0) -> float:
    """Returns 0.5 at the start, and then values up to `reach` apart around it, as a pendulum moves."""
    return 0.5 + reach / 2 * math.sin(2 * math.pi * seconds / period_s)


def _zoomed(seconds: float) -> float:
    """Returns a factor that swings between 1/1.2 and 1.2 in six seconds."""
    return math.pow(1.2, 2 * _swing(seconds, 6.0) - 1)
