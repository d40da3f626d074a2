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
    parser.add_argument(
        "--zones",
        type=input_file,
        metavar="FILE",
        help="zones.json: count the reviewed tracks with it (default: counts in the folder are made again "
        "with their own zones)",
    )


def run(options: argparse.Namespace) -> int:
    """Checks the reviewed tracks, keeps the original files, writes new ones and counts again."""
    from people_pathing.analysis.count_files import COUNT_NAMES
    from people_pathing.cli.counting.recount import outdated_files, planned_recount, write_recount
    from people_pathing.cli.outputs import require_no_inputs, require_outputs
    from people_pathing.cli.reports.result_report import report_path, write_result_report
    from people_pathing.cli.result_folder import replaced_files, result_paths
    from people_pathing.results.stored_result import StoredResultError, open_stored_result
    from people_pathing.review.cvat_format import CvatError
    from people_pathing.review.replacement import ORIGINAL, keep_original, original_folder, write_reviewed
    from people_pathing.review.reviewed_tracks import check_reviewed_tracks, require_no_erased_people
    from people_pathing.review.sampled_frames import FrameNumberError

    folder: Path = options.results
    try:
        with as_command_errors(StoredResultError, FrameNumberError):
            current = open_stored_result(folder)
            # Frames and times are those of the original, also if an earlier review left people out.
            original = open_stored_result(original_folder(folder))
            paths = [*result_paths(folder), report_path(folder), *result_paths(folder / ORIGINAL)]
            count_paths = [folder / name for name in COUNT_NAMES]
            require_outputs([*paths, *count_paths])
            require_no_inputs(count_paths, {"the file of zones": options.zones})
            recount = planned_recount(folder, options.zones)
            had_counts = any(path.is_file() for path in count_paths)
            tracks = check_reviewed_tracks(options.cvat, original)
            require_no_erased_people(tracks, current)
            for number in tracks.unsampled_tracks:
                say(f"track {number} is left out, because it is in no frame in which people were reported")
            with replaced_files(folder) as scratch:
                written = write_reviewed(tracks, scratch)
                counted = recount.count(scratch) if recount else None
                # The files of the original may move, but not before everything is checked.
                keep_original(folder, COUNT_NAMES)
    except CvatError as error:
        raise CommandError(f"{options.cvat}: {error}") from error
    say(f"the original result files are in {folder / ORIGINAL}")
    if counted:
        write_recount(*counted, folder)
    elif had_counts:
        say(
            "the earlier counts do not say which zones they counted, or are damaged, so they were taken out "
            f"of the folder; count again: people-pathing count {folder} --zones FILE --out DIR"
        )
    say(f"report in {write_result_report(folder, zones=options.zones)}")
    for path in outdated_files(folder, original.video):
        if not path.samefile(options.cvat):
            say(f"{path} is about the earlier tracks; make it again")
    show(f"people: {written['people']}, observations: {written['observations']}, in {folder}")
    return 0
