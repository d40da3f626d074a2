"""`people-pathing import`: replaces the tracks of one video by reviewed ones."""

from __future__ import annotations

import argparse
from pathlib import Path

from people_pathing.cli.arguments import input_file, result_folder_path
from people_pathing.cli.errors import CommandError, as_command_errors
from people_pathing.cli.messages import say, show

SUMMARY = "replace tracks by ones that were reviewed in CVAT"
EXAMPLE = "people-pathing import out/street.mp4.paths --cvat street.zip"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of the command."""
    parser.add_argument(
        "results",
        type=result_folder_path,
        metavar="FOLDER",
        help="a folder with the result files of one video; they are replaced, and the original ones are kept "
        "in its folder `original`",
    )
    parser.add_argument(
        "--cvat",
        type=input_file,
        metavar="FILE",
        required=True,
        help="the export of the task from CVAT as `CVAT for video 1.1`: a zip file or its annotations.xml",
    )


def run(options: argparse.Namespace) -> int:
    """Checks the reviewed tracks, keeps the original files, writes new ones and prints their counts."""
    from people_pathing.cli.outputs import require_outputs
    from people_pathing.cli.result_folder import replaced_files, result_paths
    from people_pathing.results.stored_result import StoredResultError, open_stored_result
    from people_pathing.review.cvat_format import CvatError
    from people_pathing.review.replacement import ORIGINAL, keep_original, original_folder, write_reviewed
    from people_pathing.review.reviewed_tracks import check_reviewed_tracks
    from people_pathing.review.sampled_frames import FrameNumberError

    folder: Path = options.results
    try:
        with as_command_errors(StoredResultError, FrameNumberError):
            open_stored_result(folder)
            # Frames and times are those of the original, also if an earlier review left people out.
            original = open_stored_result(original_folder(folder))
            require_outputs([*result_paths(folder), *result_paths(folder / ORIGINAL)])
            tracks = check_reviewed_tracks(options.cvat, original)
            for number in tracks.unsampled_tracks:
                say(f"track {number} is left out, because it is in no frame in which people were reported")
            # The files of the original may move, but not before everything is checked.
            keep_original(folder)
            with replaced_files(folder) as scratch:
                counts = write_reviewed(tracks, scratch)
    except CvatError as error:
        raise CommandError(f"{options.cvat}: {error}") from error
    say(f"the original result files are in {folder / ORIGINAL}")
    show(f"people: {counts['people']}, observations: {counts['observations']}, in {folder}")
    return 0
