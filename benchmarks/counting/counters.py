"""The two ways of counting that are compared, on MOTChallenge rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from benchmarks.counting.grid import WHOLE
from benchmarks.counting.tallies import Tally
from people_pathing.analysis.path_points import PathPoint, foot_point
from people_pathing.analysis.summaries.intervals import Recording
from people_pathing.analysis.video_counts import count_video
from people_pathing.analysis.zones_file.sections import Line, Rules, ZonesFile
from people_pathing.engine import VideoMetadata

Rows = Sequence[Sequence[float]]
"""MOTChallenge rows: frame from 1, person, left, top, width and height in pixels."""


def count_rows(rows: Rows, zones_file: ZonesFile, metadata: VideoMetadata, frames: int) -> Tally:
    """Counts by the rules of people-pathing."""
    size = metadata.frame_width, metadata.frame_height
    rate = metadata.frame_rate
    counts = count_video(
        _points(rows, size, rate),
        zones_file,
        aspect_ratio=size[0] / size[1],
        recording=Recording(0),
        interval_minutes=60,
    )
    zones = {zone.name: at for at, zone in enumerate(zones_file.zones)}
    occupancy = np.zeros((len(zones), frames))
    visits, dwell_s = np.zeros(len(zones)), np.zeros(len(zones))
    times_ms = np.arange(frames) * 1000 / rate
    for visit in counts.counted.visits:
        at = zones[visit.zone]
        occupancy[at] += (times_ms >= visit.enter.at_ms) & (times_ms < visit.exit.at_ms)
        visits[at] += 1
        dwell_s[at] += visit.dwell_ms / 1000
    crossings = [(line.crossings_in, line.crossings_out) for line in counts.whole.lines]
    return _tally(zones_file, crossings, visits, occupancy, dwell_s)


def count_unconfirmed(rows: Rows, zones_file: ZonesFile, metadata: VideoMetadata, frames: int) -> Tally:
    """Counts by the rules of people-pathing without confirmation: every step through a boundary counts."""
    at_once = replace(zones_file, rules=Rules(margin=0, confirm_ms=0))
    return count_rows(rows, at_once, metadata, frames)


def count_with_supervision(
    rows: Rows, zones_file: ZonesFile, metadata: VideoMetadata, frames: int, *, foot_point_only: bool
) -> Tally:
    """Counts with LineZone and PolygonZone of supervision.

    A visit begins when a person is in a zone and was not at the person's detection before.

    Args:
        rows: the people.
        zones_file: the lines and zones.
        metadata: size and rate of the frames.
        frames: how many the video has.
        foot_point_only: a line is crossed by the middle of the lower edge, as a zone always is; otherwise by
            all four corners of the box, which is the default of LineZone.
    """
    import supervision

    size = np.array([metadata.frame_width, metadata.frame_height])

    def line_zone(line: Line) -> supervision.LineZone:
        start, end = (supervision.Point(*(np.array(end) * size)) for end in (line.start, line.end))
        if foot_point_only:
            anchors = [supervision.Position.BOTTOM_CENTER]
            return supervision.LineZone(start, end, triggering_anchors=anchors)
        return supervision.LineZone(start, end)

    lines = [line_zone(line) for line in zones_file.lines]
    zones = [
        supervision.PolygonZone(np.rint(np.array(zone.polygon) * size).astype(int))
        for zone in zones_file.zones
    ]
    occupancy, visits = np.zeros((len(zones), frames)), np.zeros(len(zones))
    present: list[dict[int, bool]] = [{} for _ in zones]
    by_frame: defaultdict[int, list[Sequence[float]]] = defaultdict(list)
    for row in rows:
        by_frame[int(row[0])].append(row)
    for frame in range(1, frames + 1):
        found = np.array([row[:6] for row in by_frame[frame]], np.float64).reshape(-1, 6)
        detections = supervision.Detections(
            xyxy=np.hstack([found[:, 2:4], found[:, 2:4] + found[:, 4:6]]).astype(np.float32),
            tracker_id=found[:, 1].astype(int),
            class_id=np.zeros(len(found), int),
        )
        for line in lines:
            line.trigger(detections)
        for at, zone in enumerate(zones):
            inside = zone.trigger(detections)
            occupancy[at, frame - 1] = inside.sum()
            for person, is_inside in zip(found[:, 1].astype(int).tolist(), inside.tolist(), strict=True):
                visits[at] += is_inside and not present[at].get(person, False)
                present[at][person] = is_inside
    crossings = [(line.in_count, line.out_count) for line in lines]
    return _tally(zones_file, crossings, visits, occupancy, occupancy.sum(axis=1) / metadata.frame_rate)


def _tally(
    zones_file: ZonesFile,
    crossings: Sequence[tuple[int, int]],
    visits: NDArray[np.float64],
    occupancy: NDArray[np.float64],
    dwell_s: NDArray[np.float64],
) -> Tally:
    is_whole = np.array([line.name.startswith(WHOLE) for line in zones_file.lines])
    both = np.array(crossings, np.float64)
    return Tally(both[~is_whole], both[is_whole], visits, occupancy, dwell_s)


def _points(rows: Rows, size: tuple[int, int], rate: float) -> list[PathPoint]:
    width, height = size
    return [
        foot_point(
            int(person),
            int((frame - 1) * 1000 / rate),
            left / width,
            top / height,
            box_width / width,
            box_height / height,
        )
        for person, frame, left, top, box_width, box_height in sorted(
            (row[1], row[0], *row[2:6]) for row in rows
        )
    ]
