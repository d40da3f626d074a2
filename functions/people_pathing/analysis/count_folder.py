"""Writes counts into a folder."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from people_pathing.analysis import count_files
from people_pathing.analysis.path_points import read_path_points
from people_pathing.analysis.video_counts import VideoCounts
from people_pathing.common.complete_file import complete_own_file


def write_count_files(
    counts: VideoCounts, document: Mapping[str, object], observations: Path | None, folder: Path
) -> None:
    """Writes counts.json and the tables. A file of an earlier run stays until the new one is complete.

    Args:
        counts: of one video, or of several files together.
        document: what `count_files.counts_document` returns for them.
        observations: the file that was counted, for positions on the floor; None for several files.
        folder: where to write; created if necessary.

    Raises:
        ObservationsError: the observations are damaged.
        OSError: a file cannot be written.
    """
    texts = {
        count_files.EVENTS: count_files.events_csv(counts),
        count_files.INTERVALS: count_files.intervals_csv(counts),
        count_files.FLOWS: count_files.flows_csv(counts),
    }
    for name, text in texts.items():
        with complete_own_file(folder / name) as path:
            path.write_text(text, "utf-8")
    if counts.zones_file.calibration and observations:
        with (
            complete_own_file(folder / count_files.FLOOR_PATHS) as path,
            path.open("w", encoding="utf-8") as file,
        ):
            file.writelines(count_files.floor_paths_csv(counts, read_path_points(observations)))
    else:
        # Earlier zones may have had a calibration.
        (folder / count_files.FLOOR_PATHS).unlink(missing_ok=True)
    # The last file: if it is new, all are.
    with complete_own_file(folder / count_files.COUNTS) as path:
        path.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", "utf-8")
