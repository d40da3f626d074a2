"""`people-pathing track`: tracks one video with the engine alone, without AWS."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from people_pathing.cli.arguments import (
    add_detector_options,
    output_file,
    output_folder,
    sample_fps,
    video_file,
)
from people_pathing.cli.errors import CommandError, as_command_errors
from people_pathing.cli.messages import say
from people_pathing.cli.progress import progress
from people_pathing.exports import EXPORTS, load_export

if TYPE_CHECKING:
    from people_pathing.engine import TrackingResult

SUMMARY = "track the people of one video without AWS"
EXAMPLE = "people-pathing track street.mp4 --out out --mot out/street.txt"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of the command, and an option for each registered export format."""
    parser.add_argument("video", type=video_file, metavar="VIDEO", help="a video file")
    parser.add_argument(
        "--out",
        type=output_folder,
        metavar="DIR",
        help="write the result files into a folder in DIR that is named like the video",
    )
    parser.add_argument(
        "--sample-fps",
        type=sample_fps,
        metavar="N|all",
        help="frames per second in which people are detected (default: about 15)",
    )
    add_detector_options(parser)
    for name in EXPORTS.names():
        _add_export_option(parser, name)


def run(options: argparse.Namespace) -> int:
    """Tracks the video, writes the files that were asked for and prints the people."""
    from people_pathing.cli.outputs import require_no_inputs, require_outputs
    from people_pathing.cli.people_table import print_people, read_people
    from people_pathing.cli.result_folder import write_results

    exports, folder = _exports(options), _result_folder(options)
    require_outputs(_output_files(options))
    require_no_inputs(_output_files(options), {"the video": options.video})
    result = _track(options)
    with tempfile.TemporaryDirectory() as scratch:
        # The results come first, so that a failing export does not lose them.
        write_results(result, options.video, folder or Path(scratch))
        if folder:
            say(f"results in {folder}")
        for name, path in exports.items():
            load_export(name).write(result, path)
            say(f"{load_export(name).SUMMARY} in {path}")
        people = read_people(folder or Path(scratch))
    print_people(people)
    return 0


def _track(options: argparse.Namespace) -> TrackingResult:
    from people_pathing.cli.outputs import require_no_inputs
    from people_pathing.engine import DetectorError, VideoError, track_video
    from people_pathing.engine.selection import select_detector, select_face_detector

    with as_command_errors(DetectorError, VideoError):
        selection = select_detector(options.detector, options.model, input_px=options.input_px)
        faces = select_face_detector(options.face_model) if options.face_model else None
        models = {"the model": selection.model, "the face model": faces.model if faces else None}
        require_no_inputs(_output_files(options), models)
        if selection.warning:
            say(selection.warning)
        detector = selection.load()
        face_detector = faces.load() if faces else None
        with progress(f"tracking with {detector.name}") as report:
            return track_video(
                options.video,
                detector=detector,
                face_detector=face_detector,
                sample_fps=options.sample_fps,
                on_progress=report,
            )


def _result_folder(options: argparse.Namespace) -> Path | None:
    from people_pathing.cli.result_folder import result_folder

    return result_folder(options.out, options.video.name) if options.out else None


def _exports(options: argparse.Namespace) -> dict[str, Path]:
    """Returns the files of the export formats that were asked for."""
    chosen = ((name, getattr(options, _export_destination(name))) for name in EXPORTS.names())
    return {name: path for name, path in chosen if path}


def _output_files(options: argparse.Namespace) -> tuple[Path, ...]:
    from people_pathing.cli.result_folder import result_paths

    folder = _result_folder(options)
    return (*_exports(options).values(), *(result_paths(folder) if folder else ()))


def _add_export_option(parser: argparse.ArgumentParser, name: str) -> None:
    """Adds the option of an export format. Raises CommandError if the parser has an option of that name."""
    option = f"--{name.replace('_', '-')}"
    try:
        parser.add_argument(
            option,
            type=output_file,
            metavar="FILE",
            dest=_export_destination(name),
            help=f"write a file: {load_export(name).SUMMARY}",
        )
    except argparse.ArgumentError as error:
        raise CommandError(
            f"`people-pathing track` has an option {option} already; rename the module exports/{name}.py"
        ) from error


def _export_destination(name: str) -> str:
    # Without the prefix, an export named `video` would overwrite the argument VIDEO.
    return f"export_{name}"
