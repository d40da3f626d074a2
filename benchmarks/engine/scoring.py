"""Compares tracks with ground truth."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.engine.ground_truth import PEDESTRIAN, Labelled
from people_pathing.engine import Detections, Track, TrackingResult, VideoMetadata
from people_pathing.engine.motchallenge.writing import mot_rows

NOBODY = (1, 1, -9, -9, 1, 1, 1)
"""The reader of MOTChallenge files does not accept an empty one."""


@dataclass(frozen=True, slots=True)
class Score:
    """The accuracy on one sequence, or a statistic of several.

    Attributes:
        mota: percent.
        idf1: percent.
        hota: percent.
        switches: number of exchanged identities.
    """

    mota: float
    idf1: float
    hota: float
    switches: float


def evaluate(labelled: Labelled, found: Sequence[Sequence[float]]) -> Score:
    """Compares MOTChallenge rows with the ground truth by TrackEval's rules."""
    from trackers.eval import evaluate_mot_sequence

    truth = [[*row, PEDESTRIAN] for row in labelled.truth.tolist()] + labelled.others.tolist()
    with tempfile.TemporaryDirectory() as folder:
        paths = Path(folder, "truth.txt"), Path(folder, "found.txt")
        for path, rows in zip(paths, (truth, [row[:7] for row in found or [NOBODY]]), strict=True):
            path.write_text("".join(",".join(f"{value:.9g}" for value in row) + "\n" for row in rows))
        result = evaluate_mot_sequence(*paths, metrics=["CLEAR", "HOTA", "Identity"])
    assert result.CLEAR
    assert result.Identity
    assert result.HOTA
    return Score(
        mota=100 * result.CLEAR.MOTA,
        idf1=100 * result.Identity.IDF1,
        hota=100 * result.HOTA.HOTA,
        switches=result.CLEAR.IDSW,
    )


def score_tracks(
    labelled: Labelled, metadata: VideoMetadata, detections: Detections, tracks: tuple[Track, ...]
) -> Score:
    """Compares tracks with the ground truth."""
    result = TrackingResult(
        metadata=metadata,
        frame_count=detections.frame_count,
        expected_frame_count=detections.expected_frame_count,
        sampled_frames=detections.frame_numbers,
        tracks=tracks,
    )
    return evaluate(labelled, list(mot_rows(result)))


def mean(scores: Sequence[Score]) -> Score:
    """Returns the mean of each figure."""
    return Score(*_columns(scores).mean(axis=0).tolist())


def worst_tenth(scores: Sequence[Score]) -> Score:
    """Returns the 10th percentile of each figure; of switches the 90th, because fewer are better."""
    mota, idf1, hota = np.percentile(_columns(scores)[:, :3], 10, axis=0).tolist()
    switches = float(np.percentile(_columns(scores)[:, 3], 90))
    return Score(mota, idf1, hota, switches)


def _columns(scores: Sequence[Score]) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    return np.array([[score.mota, score.idf1, score.hota, score.switches] for score in scores], np.float64)
