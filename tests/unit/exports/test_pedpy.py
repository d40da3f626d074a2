"""Trajectories in metres, as PedPy reads them."""

from pathlib import Path

import pedpy
import pytest

from people_pathing.exports import ExportError, ExportSource
from people_pathing.exports import pedpy as export
from tests.unit.exports.stored import METADATA, ZONES, complete_source, seen, store

WALK = [seen(3, 80 * step, (0.1 + 0.016 * step, 0.25, 0.1, 0.25)) for step in range(26)]
"""Two seconds. The picture is 10 m wide, so this is 2 m/s."""


def test_pedpy_reads_positions_in_metres_and_the_frame_rate(tmp_path: Path) -> None:
    export.write(complete_source(store(tmp_path, WALK)), tmp_path / "walk.txt")

    trajectory = pedpy.load_trajectory_from_txt(trajectory_file=tmp_path / "walk.txt")

    assert trajectory.frame_rate == 25
    assert trajectory.data["id"].unique().tolist() == [3]
    assert trajectory.data["frame"].tolist() == list(range(0, 52, 2))
    first = trajectory.data.iloc[0]
    assert (first["x"], first["y"]) == pytest.approx((1.5, 3.0), abs=1e-4)


def test_pedpy_computes_the_speed_although_only_every_second_frame_is_sampled(tmp_path: Path) -> None:
    export.write(complete_source(store(tmp_path, WALK)), tmp_path / "walk.txt")
    trajectory = pedpy.load_trajectory_from_txt(trajectory_file=tmp_path / "walk.txt")

    speed = pedpy.compute_individual_speed(traj_data=trajectory, frame_step=5)

    assert speed["speed"].tolist() == pytest.approx([2.0] * 16, abs=0.01)


def test_observations_without_a_box_are_left_out(tmp_path: Path) -> None:
    export.write(complete_source(store(tmp_path, [*WALK, seen(4, 0)])), tmp_path / "walk.txt")

    trajectory = pedpy.load_trajectory_from_txt(trajectory_file=tmp_path / "walk.txt")

    assert len(trajectory.data) == len(WALK)


@pytest.mark.parametrize("missing", ["FrameRate", "FrameHeight"])
def test_a_video_whose_metadata_is_unknown_is_refused(tmp_path: Path, missing: str) -> None:
    metadata = {name: value for name, value in METADATA.items() if name != missing}

    with pytest.raises(ExportError, match=r"the frame rate or the frame size of .* is unknown"):
        export.write(complete_source(store(tmp_path, WALK, metadata=metadata)), tmp_path / "walk.txt")


def test_an_impossible_time_is_refused(tmp_path: Path) -> None:
    stored = store(tmp_path, [seen(0, 10**13, (0, 0, 1, 1))])

    with pytest.raises(ExportError, match="a time is within 31 days"):
        export.write(ExportSource(stored, zones_file=ZONES), tmp_path / "walk.txt")
