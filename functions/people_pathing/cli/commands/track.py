"""`people-pathing track`: tracks one video with the engine alone, without AWS."""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from people_pathing.cli.arguments import (
    add_detector_options,
    frame_rate,
    input_file,
    output_file,
    output_folder,
    sample_fps,
    video_file,
)
from people_pathing.cli.errors import CommandError, as_command_errors
from people_pathing.cli.messages import flush_output, say
from people_pathing.cli.progress import Report, format_duration, progress
from people_pathing.cli.tables import print_json
from people_pathing.cli.tracking.recording import add_recording_options, recording_time
from people_pathing.common.clock import now_ms
from people_pathing.engine.whole_video import DETECTION_SHARE
from people_pathing.exports import EXPORTS, load_export

if TYPE_CHECKING:
    from people_pathing.engine import TrackingResult
    from people_pathing.results.provenance import Provenance

SUMMARY = "track the people of one video without AWS"
EXAMPLE = """\
people-pathing track street.mp4 --out out
people-pathing track street.mp4 --out out --mot out/street.txt
people-pathing track 20260302_090000.mp4 --time-zone Europe/Berlin --out out
people-pathing track street.mp4 --sample-fps 5 --json"""

DETECTING = (
    "detector",
    "model",
    "input_px",
    "face_model",
    "reidentification_model",
    "recognise_returns",
    "sample_fps",
    "zones",
)
"""Options that need the pixels of the video."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of the command, and an option for each registered export format."""
    parser.add_argument("video", type=video_file, metavar="VIDEO", help="a video file")
    parser.add_argument(
        "--out",
        type=output_folder,
        metavar="DIR",
        help="write the result files and report.html, a page to look at, into the folder DIR/NAME.paths; "
        "NAME is the name of the video",
    )
    parser.add_argument(
        "--sample-fps",
        type=sample_fps,
        metavar="N|all",
        help="search and report people in N frames per second (default: report them in about 15, and search "
        "every second one of these)",
    )
    parser.add_argument(
        "--frame-rate",
        type=frame_rate,
        metavar="N",
        help="the video's frames per second, if the file states none or a wrong one",
    )
    parser.add_argument(
        "--json", action="store_true", help="print JSON: an array with a line for each person"
    )
    add_recording_options(parser)
    add_detector_options(parser)
    parser.add_argument(
        "--recognise-returns",
        action="store_true",
        default=None,
        help="let a person who comes back later keep the number; needs the re-identification model",
    )
    parser.add_argument(
        "--zones",
        type=input_file,
        metavar="FILE",
        help="zones.json: the areas in its masks are never analysed, and the report counts in its zones",
    )
    parser.add_argument(
        "--detections",
        type=input_file,
        metavar="FILE",
        help="track these detections of another program, as MOTChallenge rows: frame from 1, id (ignored), "
        "left, top, width, height, score",
    )
    for name in _formats():
        _add_export_option(parser, name)


def run(options: argparse.Namespace) -> int:
    """Tracks the video, writes the files that were asked for and prints the people."""
    from people_pathing.cli.listings.people import json_members, people_count, print_people, read_people
    from people_pathing.cli.outputs import require_no_inputs, require_outputs
    from people_pathing.cli.reports.result_report import write_result_report
    from people_pathing.cli.result_folder import require_not_reviewed, write_results
    from people_pathing.exports import ExportError, ExportSource
    from people_pathing.results.stored_result import open_stored_result

    exports, folder = _exports(options), _result_folder(options)
    with as_command_errors(ExportError):
        for name in exports:
            load_export(name).NEEDS.require_library()
    require_outputs(_output_files(options))
    if folder:
        require_not_reviewed(folder)
    inputs = {
        "the video": options.video,
        "the file of detections": options.detections,
        "the file of zones": options.zones,
    }
    require_no_inputs(_output_files(options), inputs)
    recording_time(options.recorded_at, options.time_zone, options.video.name, None)
    began_ms = now_ms()
    result, provenance = _track_given(options) if options.detections else _track(options)
    _say_each(result.warnings)
    if options.frame_rate is not None:
        warning = _rate_warning(options.frame_rate)
        provenance = replace(provenance, warnings=(*provenance.warnings, warning))
    recorded = recording_time(
        options.recorded_at, options.time_zone, options.video.name, result.metadata.created_ms
    )
    with tempfile.TemporaryDirectory() as scratch:
        # The results come first, so that a failing export does not lose them.
        write_results(result, provenance, options.video, folder or Path(scratch), recorded)
        if folder:
            say(f"results in {folder}")
            say(f"report in {write_result_report(folder, video=options.video, zones=options.zones)}")
        source = ExportSource(open_stored_result(folder or Path(scratch)), result)
        for name, path in exports.items():
            with as_command_errors(ExportError):
                load_export(name).write(source, path)
            say(f"{load_export(name).SUMMARY} in {path}")
        people = read_people(folder or Path(scratch))
    if options.json:
        print_json(json_members(people))
    else:
        print_people(people)
    flush_output()
    duration, needed = (format_duration(ms) for ms in (result.metadata.duration_ms, now_ms() - began_ms))
    say(f"{people_count(len(people))} in {duration} of video, tracked in {needed}")
    return 0


def _track(options: argparse.Namespace) -> tuple[TrackingResult, Provenance]:
    """Detects and tracks people. The provenance has the warnings of the models and of the result."""
    from people_pathing.cli.counting.zones import load_zones
    from people_pathing.cli.outputs import require_no_inputs
    from people_pathing.engine import DetectorError, TrackerSettings, VideoError, track_video
    from people_pathing.engine.selection import select_detector, select_face_detector, select_reidentifier
    from people_pathing.service import provenance

    masks = tuple(mask.polygon for mask in load_zones(options.zones).masks) if options.zones else ()
    with as_command_errors(DetectorError, VideoError):
        people = select_detector(options.detector, options.model, input_px=options.input_px)
        faces = select_face_detector(options.face_model) if options.face_model else None
        reidentification = select_reidentifier(options.reidentification_model)
        models = {
            "the model": people.model,
            "the face model": faces.model if faces else None,
            "the re-identification model": reidentification.model,
        }
        require_no_inputs(_output_files(options), models)
        if options.recognise_returns and reidentification.model is None:
            reason = reidentification.warning or "re-identification is off"
            raise CommandError(f"--recognise-returns needs the re-identification model; {reason}")
        warnings = tuple(selection.warning for selection in (people, reidentification) if selection.warning)
        _say_each(warnings)
        detector, reidentifier = people.load(), reidentification.load()
        face_detector = faces.load() if faces else None
        with progress(f"tracking with {detector.name}") as report:
            result = track_video(
                options.video,
                detector=detector,
                face_detector=face_detector,
                reidentifier=reidentifier,
                sample_fps=options.sample_fps,
                frame_rate=options.frame_rate,
                settings=TrackerSettings(recognises_returns=bool(options.recognise_returns)),
                masks=masks,
                on_progress=_saying_what_follows(report),
            )
    known = provenance.planned(
        result.metadata,
        detector,
        face_detector=face_detector,
        reidentifier=reidentifier,
        sample_fps=options.sample_fps,
        masks=masks,
    )
    return result, _completed(known, result, warnings)


def _saying_what_follows(report: Report) -> Report:
    """Says once that all people are detected, because the rest reports little progress."""
    is_said = False

    def reported(share: float) -> None:
        nonlocal is_said
        report(share)
        if share >= DETECTION_SHARE and not is_said:
            is_said = True
            say("all people are detected; joining their detections to paths")

    return reported


def _track_given(options: argparse.Namespace) -> tuple[TrackingResult, Provenance]:
    """Tracks the detections of another program."""
    from people_pathing import __version__
    from people_pathing.engine import VideoError, read_metadata, track_detections
    from people_pathing.results.provenance import UNKNOWN, Provenance

    for name in DETECTING:
        if getattr(options, name) is not None:
            raise CommandError(
                f"with --detections, the pixels are not read; leave out --{name.replace('_', '-')}"
            )
    with as_command_errors(VideoError):
        metadata = read_metadata(options.video, frame_rate=options.frame_rate)
    say(f"tracking the detections in {options.detections}")
    with as_command_errors(ValueError):
        result = track_detections(options.detections, metadata)
    known = Provenance(
        version=__version__,
        model_sha256=None,
        reidentifier=None,
        reidentification_model_sha256=None,
        face_detector=None,
        face_model_sha256=None,
        picture_start_ms=metadata.start_ms,
    )
    # The frames were not decoded.
    return result, replace(_completed(known, result, ()), frames_decoded=UNKNOWN, frames_expected=UNKNOWN)


def _rate_warning(frame_rate: float) -> str:
    return (
        f"The times follow the stated rate of {frame_rate:g} frames per second. If the file says another "
        "rate, players show the video at another speed, and boxes in the report are not where people are."
    )


def _say_each(warnings: tuple[str, ...]) -> None:
    for warning in warnings:
        say(warning)


def _completed(known: Provenance, result: TrackingResult, warnings: tuple[str, ...]) -> Provenance:
    from people_pathing.service import provenance

    counts = result.frame_count, result.expected_frame_count
    return provenance.completed(known, *counts, (*warnings, *result.warnings), now_ms())


def _result_folder(options: argparse.Namespace) -> Path | None:
    from people_pathing.cli.result_folder import FOLDER_SUFFIX, result_folder

    return result_folder(options.out, f"{options.video.name}{FOLDER_SUFFIX}") if options.out else None


def _exports(options: argparse.Namespace) -> dict[str, Path]:
    """Returns the files of the export formats that were asked for."""
    chosen = ((name, getattr(options, _export_destination(name))) for name in _formats())
    return {name: path for name, path in chosen if path}


def _formats() -> tuple[str, ...]:
    """Returns the export formats that need nothing but the video."""
    return tuple(name for name in EXPORTS.names() if not load_export(name).NEEDS.zones)


def _output_files(options: argparse.Namespace) -> tuple[Path, ...]:
    from people_pathing.cli.reports.result_report import report_path
    from people_pathing.cli.result_folder import result_paths

    folder = _result_folder(options)
    return (*_exports(options).values(), *((*result_paths(folder), report_path(folder)) if folder else ()))


def _add_export_option(parser: argparse.ArgumentParser, name: str) -> None:
    """Adds the option of an export format. Raises CommandError if the parser has an option of that name."""
    option = f"--{name}"
    try:
        parser.add_argument(
            option,
            type=output_file,
            metavar="FILE",
            dest=_export_destination(name),
            help=f"write a file: {load_export(name).SUMMARY}",
        )
    except argparse.ArgumentError as error:
        module = f"exports/{name.replace('-', '_')}.py"
        raise CommandError(
            f"`people-pathing track` has an option {option} already; rename the module {module}"
        ) from error


def _export_destination(name: str) -> str:
    # Without the prefix, an export named `video` would overwrite the argument VIDEO.
    return f"export_{name}"
