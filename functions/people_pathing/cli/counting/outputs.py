"""The files that `people-pathing count` writes: where they go, and in which order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from people_pathing.analysis import count_files
from people_pathing.analysis.count_folder import write_count_files
from people_pathing.analysis.path_points import ObservationsError
from people_pathing.analysis.video_counts import VideoCounts
from people_pathing.cli.counting.names import TOTAL
from people_pathing.cli.counting.sources import CountSource
from people_pathing.cli.errors import as_command_errors
from people_pathing.cli.messages import say
from people_pathing.cli.outputs import require_no_inputs, require_outputs
from people_pathing.cli.result_folder import result_folder


def require_count_outputs(out: Path, zones: Path, sources: Sequence[CountSource]) -> None:
    """Makes sure that the counts can be written. Raises CommandError if not."""
    names = [source.name for source in sources]
    if len(names) > 1:
        names.append(TOTAL)
    folders = [result_folder(out, name) for name in names]
    files = [folder / name for folder in folders for name in count_files.ALL_NAMES]
    require_outputs(files)
    inputs = {f"the file of observations {source.observations}": source.observations for source in sources}
    require_no_inputs(files, {"the file of zones": zones, **inputs})


def write_counts(
    counts: VideoCounts, document: Mapping[str, object], folder: Path, observations: Path | None
) -> None:
    """Writes counts.json and the tables.

    Args:
        counts: of one video, or of several files together.
        document: the content of counts.json.
        folder: where the files go.
        observations: the file that was counted, for positions on the floor; None for several files.
    """
    with as_command_errors(ObservationsError):
        write_count_files(counts, document, observations, folder)
    say(f"counts in {folder}")
