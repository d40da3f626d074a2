"""Parts of BoT-SORT that give the same results as those of `trackers` in less time.

Importing this module takes a second, because it imports `trackers`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from trackers import BaseIoU
from trackers.utils.kalman_filter import KalmanFilter
from trackers.utils.state_representations import XCYCWHStateEstimator

SMALLEST_AREA = float(np.finfo(np.float64).tiny)


class BoxOverlap(BaseIoU):
    """Intersection over union."""

    def _compute(self, boxes_1: NDArray[Any], boxes_2: NDArray[Any]) -> NDArray[np.float32]:
        """Returns (N, M) overlaps of (N, 4) and (M, 4) boxes."""
        one, other = boxes_1.astype(np.float64), boxes_2.astype(np.float64)
        sides = np.minimum(one[:, None, 2:], other[:, 2:]) - np.maximum(one[:, None, :2], other[:, :2])
        sides = np.maximum(sides, 0)
        shared = sides[:, :, 0] * sides[:, :, 1]
        areas = (one[:, 2] - one[:, 0]) * (one[:, 3] - one[:, 1])
        other_areas = (other[:, 2] - other[:, 0]) * (other[:, 3] - other[:, 1])
        covered = np.maximum(areas[:, None] + other_areas - shared, SMALLEST_AREA)
        return np.asarray(shared / covered, np.float32)


class BoxFilter(XCYCWHStateEstimator):
    """The Kalman filter of a box: its place, its size, and how fast both change."""

    def _create_filter(self, bbox: NDArray[Any]) -> KalmanFilter:
        general = super()._create_filter(bbox)
        fast = _FilterOfSeparateAxes(general.dim_x, general.dim_z)
        fast.set_state(general.get_state())
        fast.observation_mtx = general.observation_mtx
        return fast

    def state_to_bbox(self) -> NDArray[np.float64]:
        """Returns the box, (4,) xyxy."""
        x, y, width, height = self.kf.state[:4, 0].tolist()
        return np.array([x - width * 0.5, y - height * 0.5, x + width * 0.5, y + height * 0.5])


class _FilterOfSeparateAxes(KalmanFilter):
    """A filter that measures the first half of its state, with noise that is independent in each axis.

    The covariance of what it did not predict is then diagonal, so no matrix has to be inverted.
    """

    def update(self, z: NDArray[np.float64] | None) -> None:
        """Corrects the state by a measurement, (4,). See `KalmanFilter.update`."""
        if z is None:
            super().update(None)
            return
        measured = self.dim_z
        covariance = self.state_covariance[:, :measured]
        gain = covariance / (covariance[:measured] + self.measurement_noise).diagonal()
        self.state = self.state + gain @ (z[:, None] - self.state[:measured])
        self.state_covariance = self.state_covariance - gain @ covariance.T
