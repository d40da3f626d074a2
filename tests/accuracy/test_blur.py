"""How much of labelled people `annotate --blur` covers; docs/annotate.md reports the figures."""

from __future__ import annotations

import math
import os
import re
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks.engine.ground_truth import Labelled, Rows, sequences
from people_pathing import (
    Layers,
    TrackingResult,
    annotate_video,
    load_detector,
    track_video,
)
from people_pathing.annotation.choices import Part
from people_pathing.annotation.covered_areas import Coverage
from people_pathing.annotation.people_paths import tracked_paths
from people_pathing.engine.decoding import open_video
from people_pathing.engine.video import Segment
from tests.accuracy.conftest import Tracked

PAGE = Path(__file__).parents[2] / "docs" / "annotate.md"
HEAD_HEIGHT, HEAD_WIDTH = 0.15, 0.5
"""A head in a labelled box, as shares of its height and width: in the middle of the upper edge."""
COVERED = 0.99
TOLERANCE = 0.5
"""Percentage points that a change may cost before it has to be explained in docs/annotate.md."""
NOTHING = Layers(boxes=False, trails=False, zones=False, counts=False, clock=False)

pytestmark = [pytest.mark.accuracy, pytest.mark.timeout(900)]


def _sequences() -> list[object]:
    folder = os.environ.get("TRACKING_DATA")
    reason = "TRACKING_DATA names no folder with videos and ground truth"
    missing = pytest.param(None, id="no data", marks=pytest.mark.skip(reason))
    found = sequences(Path(folder)) if folder else ()
    return [pytest.param(sequence, id=sequence.name) for sequence in found] or [missing]


@pytest.fixture(scope="module", params=_sequences())
def sequence(request: pytest.FixtureRequest) -> Labelled:
    assert isinstance(request.param, Labelled)
    return request.param


@pytest.fixture(scope="module")
def result(sequence: Labelled, tracked: Tracked) -> TrackingResult:
    return tracked(sequence.video, None)


def reported() -> dict[tuple[str, str], float]:
    """Reads the table of docs/annotate.md: sequence and what is blurred -> covered share in percent."""
    rows = re.findall(r"^\| ([\w-]+) \| ([\d.]+) % \| ([\d.]+) % \|", PAGE.read_text("utf-8"), re.MULTILINE)
    figures: dict[tuple[str, str], float] = {
        (name, part): float(share)
        for name, *shares in rows
        for part, share in zip(PARTS, shares, strict=True)
    }
    assert figures
    return figures


PARTS: tuple[Part, ...] = ("people", "faces")


@pytest.mark.parametrize("part", PARTS)
def test_the_reported_share_of_people_is_covered(
    part: Part, sequence: Labelled, result: TrackingResult
) -> None:
    if (figure := reported().get((sequence.name, part))) is None:
        pytest.skip(f"docs/annotate.md has no figures for {sequence.name}")
    covered = covered_shares(sequence, result, part) >= COVERED

    print(f"{sequence.name}, {part}: {100 * covered.mean():.1f} % of {len(covered)} boxes are covered")
    assert 100 * covered.mean() >= figure - TOLERANCE


def test_nobody_is_found_again_in_a_blurred_copy(
    sequence: Labelled, result: TrackingResult, tmp_path: Path
) -> None:
    copy = tmp_path / "copy.webm"
    annotate_video(sequence.video, result, copy, blur="people", layers=NOTHING)

    detector = load_detector("yolox", os.environ["TRACKING_MODEL"])
    again = track_video(copy, detector=detector, reidentifier=None)

    print(f"{sequence.name}: {len(result)} people, {len(again)} in the blurred copy")
    assert len(again) == 0


def covered_shares(sequence: Labelled, result: TrackingResult, part: Part) -> NDArray[np.float64]:
    """Returns the covered share of each labelled box, or of the head in it, in all frames."""
    metadata = result.metadata
    size_px = metadata.frame_width, metadata.frame_height
    coverage = Coverage(tracked_paths(result), part, size_px[0] / size_px[1])
    with open_video(sequence.video) as video:
        times_ms = [frame.timestamp_us // 1000 for frame in video.frames(Segment(0, 0, None), math.inf)]
    shares = []
    for number, at_ms in enumerate(times_ms, 1):
        mask = np.zeros(size_px[::-1], np.bool_)
        for area in coverage.at(at_ms):
            _pixels(mask, np.array(area) * (*size_px, *size_px))[:] = True
        labelled: Rows = sequence.truth[sequence.truth[:, 0] == number]
        for left, top, width, height in labelled[:, 2:6]:
            box = np.array((left, top, left + width, top + height))
            if part == "faces":
                margin = width * (1 - HEAD_WIDTH) / 2
                box = np.array((left + margin, top, left + width - margin, top + HEAD_HEIGHT * height))
            if (inside := _pixels(mask, box)).size:
                shares.append(inside.mean())
    return np.array(shares)


def _pixels(mask: NDArray[np.bool_], box: NDArray[np.float64]) -> NDArray[np.bool_]:
    left, top = np.maximum(0, np.floor(box[:2])).astype(int)
    right, bottom = np.maximum(0, np.ceil(box[2:])).astype(int)
    return mask[top:bottom, left:right]
