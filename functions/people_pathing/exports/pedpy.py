"""PedPy: foot points in metres, as the text that its `load_trajectory_from_txt` reads.

The format is that of the Pedestrian Dynamics Data Archive: lines of id, frame, x, y and z, after comments
that name the frame rate and the unit.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from people_pathing.analysis.path_points import ObservationsError
from people_pathing.common.complete_file import complete_file
from people_pathing.exports import ExportError, ExportSource, Needs, as_export_errors, require_frames

if TYPE_CHECKING:
    from people_pathing.analysis.zones_file.sections import Matrix
    from people_pathing.results.stored_result import StoredResult

SUMMARY = "foot points in metres as PedPy reads them (`load_trajectory_from_txt`)"
FILE_NAME = "pedpy.txt"
NEEDS = Needs(zones=True)

_DECIMALS_M = 4


def write(source: ExportSource, path: Path) -> None:
    """Writes the trajectories. Observations without a box are left out.

    Raises:
        ExportError: there is no calibration, or the frame rate or the frame size of the video is unknown.
    """
    calibration = source.zones_file.calibration if source.zones_file else None
    if calibration is None:
        raise ExportError(
            "positions in metres need a calibration; add it to zones.json with `people-pathing calibrate`"
        )
    require_frames(source.stored)
    with (
        as_export_errors(source.stored.folder, ObservationsError),
        complete_file(path) as written,
        written.open("w", encoding="utf-8") as file,
    ):
        file.write(f"# framerate: {source.stored.frame_rate!r}\n# id frame x/m y/m z/m\n")
        file.writelines(_lines(source.stored, calibration.homography))


def _lines(stored: StoredResult, homography: Matrix) -> Iterator[str]:
    from people_pathing.analysis.floor.homography import floor_position
    from people_pathing.analysis.path_points import stored_path_points

    for point in stored_path_points(stored):
        x_m, y_m = floor_position(homography, (point.x, point.y))
        place = f"{x_m:.{_DECIMALS_M}f} {y_m:.{_DECIMALS_M}f} 0"
        yield f"{point.person} {stored.frame_number(point.at_ms)} {place}\n"
