"""BoT-SORT of `trackers`, which calculates the Kalman filters of all tracks together: half the time.

Which detections continue, start and end tracks is decided by the library. Importing this module takes a
second, because it imports `trackers`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from trackers import BaseIoU, BoTSORTTracker
from trackers.core.botsort.tracklet import BoTSORTTracklet
from trackers.utils.motion_models import _NOMINAL_FRAME_STEP_TOLERANCE_SECONDS as NOMINAL_S
from trackers.utils.predict_timing import PredictTiming

from people_pathing.engine.interfaces import Boxes, Scores

SMALLEST_AREA = float(np.finfo(np.float64).tiny)
SMALLEST_SIDE_PX = 1e-3
PLACE_NOISE = BoTSORTTracklet._SIGMA_P
SPEED_NOISE = BoTSORTTracklet._SIGMA_V
BOX_NOISE = BoTSORTTracklet._SIGMA_M
"""Standard deviations in sides of the box: of its place and its speed in one step, and of a detected box."""
SIDES = (2, 3, 2, 3)


class FastBoTSORT(BoTSORTTracker):
    """BoT-SORT without compensation of camera motion.

    Attributes:
        filters: the Kalman filters of the tracks.
    """

    # Keeps this class out of the library's lists of trackers and of settings to tune.
    tracker_id: ClassVar[Any] = None
    search_space: ClassVar[dict[str, dict[str, Any]]] = {}

    def __init__(self, **settings: Any) -> None:
        """Starts without tracks. The settings are those of `BoTSORTTracker`."""
        super().__init__(enable_cmc=False, iou=BoxOverlap(), **settings)
        self.filters = BoxFilters()

    def identities(self, boxes: Boxes, scores: Scores, timestamp_s: float) -> NDArray[np.int64]:
        """Follows people into the next frame.

        Args:
            boxes: (N, 4) float32, xyxy.
            scores: (N,) float32, 0..1.
            timestamp_s: time of the frame in seconds.

        Returns:
            (N,) identities of the people from 0 on; -1 for detections that are not, or not yet, tracked.
        """
        frame: Any = _FrameBoxes(boxes, scores, np.arange(len(boxes)))
        tracked: Any = self.update(frame, timestamp=timestamp_s)
        identities = np.full(len(boxes), -1)
        if len(tracked):
            identities[tracked.positions] = tracked.tracker_id
        return identities

    def _predict_tracklets(self, tracklets: list[Any], timing: PredictTiming) -> None:
        """Moves all tracks to the time of the next frame; see `BaseTracker._predict_tracklets`."""
        self.filters.correct()
        self.filters.keep([track.row for track in tracklets])
        for row, track in enumerate(tracklets):
            track.row = row
        if timing.skip_predict:
            self.filters.predict(0, is_usual=False)
            return
        tolerance = NOMINAL_S * (timing.frame_rate or 0)
        self.filters.predict(timing.frame_step, is_usual=abs(timing.frame_step - 1) <= tolerance)
        for track in tracklets:
            track.time_since_update += 1
            track.time_since_update_seconds += timing.elapsed_seconds or 0

    def _spawn_new_tracks(
        self,
        detection_boxes: NDArray[Any],
        confidences: NDArray[Any],
        unmatched_high_local: list[int],
        high_indices: NDArray[Any],
        out_det_indices: list[int],
        out_tracker_ids: list[int],
        is_first_frame: bool = False,
    ) -> None:
        """Starts tracks; see `BoTSORTTracker._spawn_new_tracks`."""
        for position in high_indices[unmatched_high_local].tolist():
            track_id = -1
            if confidences[position] >= self.track_activation_threshold:
                track: Any = _Track(self.filters, detection_boxes[position])
                if is_first_frame and self.instant_first_frame_activation:
                    track.tracker_id = self._allocate_tracker_id()
                self.tracks.append(track)
                track_id = track.tracker_id
            out_det_indices.append(position)
            out_tracker_ids.append(track_id)


@dataclass(slots=True, eq=False)
class _FrameBoxes:
    """The detections of a frame, as far as BoT-SORT uses them. `supervision.Detections` checks them again."""

    xyxy: NDArray[Any]
    confidence: NDArray[Any]
    positions: NDArray[np.int64]
    tracker_id: NDArray[np.int64] | None = None

    def __len__(self) -> int:
        return len(self.xyxy)

    def __getitem__(self, index: NDArray[np.int64]) -> _FrameBoxes:
        return _FrameBoxes(self.xyxy[index], self.confidence[index], self.positions[index])


class _Track:
    """What BoT-SORT needs to know of a track; see `BoTSORTTracklet`."""

    def __init__(self, filters: BoxFilters, box: NDArray[Any]) -> None:
        self._filters = filters
        self.row = filters.add(box)
        self.tracker_id = -1
        self.time_since_update = 0
        self.time_since_update_seconds = 0.0
        self.number_of_successful_updates = 1

    def get_state_bbox(self) -> NDArray[np.float64]:
        box: NDArray[np.float64] = self._filters.boxes[self.row]
        return box

    def update(self, box: NDArray[Any]) -> None:
        self._filters.measure(self.row, box)
        self.time_since_update = 0
        self.time_since_update_seconds = 0.0
        self.number_of_successful_updates += 1


class BoxFilters:
    """The Kalman filters of all tracks, one row each.

    A filter estimates the centre, width and height of a box, and how fast they change. Their noise is
    independent, so each of these four axes has a covariance of its own, and no matrix has to be inverted.

    Attributes:
        state: (5, N, 4) float64: place, speed, and their covariance: of the place, of both, of the
            speed.
        boxes: (N, 4) float64, xyxy: as predicted.
    """

    def __init__(self) -> None:
        """Starts without tracks."""
        self.state = np.empty((5, 0, 4))
        self.boxes = np.empty((0, 4))
        self._measured: list[tuple[int, NDArray[Any]]] = []

    def add(self, box: NDArray[Any]) -> int:
        """Starts a filter with a box, (4,) xyxy. Returns its row."""
        place = _places(box[None])
        size = _sizes(place)
        new = [place, 0 * place, (2 * PLACE_NOISE * size) ** 2, 0 * place, (10 * SPEED_NOISE * size) ** 2]
        self.state = np.concatenate([self.state, new], axis=1)
        return self.state.shape[1] - 1

    def keep(self, rows: list[int]) -> None:
        """Drops all rows but the given ones, and puts them in this order."""
        self.state = self.state[:, rows]

    def measure(self, row: int, box: NDArray[Any]) -> None:
        """Notes a detected box, (4,) xyxy, for the next correction."""
        self._measured.append((row, box))

    def correct(self) -> None:
        """Corrects the states by the boxes that were detected since the last correction."""
        if not self._measured:
            return
        rows, boxes = zip(*self._measured, strict=True)
        self._measured = []
        at = list(rows)
        place, speed, place_variance, covariance, speed_variance = self.state[:, at]
        innovation_variance = place_variance + (BOX_NOISE * _sizes(place)) ** 2
        place_gain, speed_gain = place_variance / innovation_variance, covariance / innovation_variance
        innovation = _places(np.stack(boxes)) - place
        place += place_gain * innovation
        np.maximum(place[:, 2:], SMALLEST_SIDE_PX, out=place[:, 2:])
        self.state[:, at] = [
            place,
            speed + speed_gain * innovation,
            place_variance - place_gain * place_variance,
            covariance - place_gain * covariance,
            speed_variance - speed_gain * covariance,
        ]

    def predict(self, step: float, *, is_usual: bool) -> None:
        """Predicts the states after a step.

        Args:
            step: its duration, where 1 is the usual time between two frames.
            is_usual: whether the duration is the usual one, apart from rounding.
        """
        place, speed, place_variance, covariance, speed_variance = self.state
        size = _sizes(place)
        noise = (SPEED_NOISE * size) ** 2
        place += step * speed
        place_variance += step * (2 * covariance + step * speed_variance)
        covariance += step * speed_variance
        if is_usual:
            place_variance += (PLACE_NOISE * size) ** 2
            speed_variance += noise
        else:  # a random acceleration that lasts for the whole step
            place_variance += noise * (step**4 / 4)
            covariance += noise * (step**3 / 2)
            speed_variance += noise * step**2
        np.maximum(place[:, 2:], SMALLEST_SIDE_PX, out=place[:, 2:])
        half = place[:, 2:] / 2
        self.boxes = np.concatenate([place[:, :2] - half, place[:, :2] + half], axis=1)


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


def _places(boxes: NDArray[Any]) -> NDArray[np.float64]:
    """Returns centres, widths and heights (N, 4) of boxes (N, 4) xyxy."""
    corners = boxes.astype(np.float64)
    sizes = corners[:, 2:] - corners[:, :2]
    return np.concatenate([corners[:, :2] + sizes / 2, sizes], axis=1)


def _sizes(places: NDArray[np.float64]) -> NDArray[np.float64]:
    """Returns the side of the box that each axis's noise is proportional to: width, height, width, height."""
    return np.maximum(places[:, list(SIDES)], SMALLEST_SIDE_PX)
