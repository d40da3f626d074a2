"""How many people were in the picture over time, as a small picture."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise

from people_pathing.analysis.summaries.figures import Stretch

WIDTH = 60
"""Columns of the picture. Each shows the most people in its share of the time."""
HEIGHT = 16


def column_peaks(stretches: Sequence[Stretch], duration_ms: int, columns: int = WIDTH) -> list[int]:
    """Returns the most people at once in each of some equal parts of a video.

    Args:
        stretches: when people were present, in any order.
        duration_ms: length of the video, above 0.
        columns: how many parts there are.
    """
    peaks = [0] * columns
    for start_ms, end_ms, present in _steps(stretches, duration_ms):
        for column in range(start_ms * columns // duration_ms, (end_ms - 1) * columns // duration_ms + 1):
            peaks[column] = max(peaks[column], present)
    return peaks


def sparkline_path(peaks: Sequence[int]) -> str:
    """Returns the path of a filled step chart for an SVG picture of WIDTH by HEIGHT.

    Args:
        peaks: the heights of all columns, from left to right. The highest column is as high as the picture.
    """
    most = max([*peaks, 1])
    path, at = f"M0 {HEIGHT}", 0
    for peak, equal in groupby(peaks):
        at += len(list(equal))
        path += f"V{round(HEIGHT * (1 - peak / most), 1):g}H{at * WIDTH // len(peaks)}"
    return f"{path}V{HEIGHT}Z"


def _steps(stretches: Sequence[Stretch], duration_ms: int) -> Iterator[tuple[int, int, int]]:
    """Yields times from a start to an end in which the same number of people is present."""
    changes = sorted(
        change
        for start_ms, end_ms in stretches
        if start_ms < min(end_ms, duration_ms)
        for change in ((start_ms, 1), (min(end_ms, duration_ms), -1))
    )
    present = 0
    for (at_ms, change), (next_ms, _) in pairwise(changes):
        present += change
        if at_ms < next_ms:
            yield at_ms, next_ms, present
