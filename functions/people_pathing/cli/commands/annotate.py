"""`people-pathing annotate`: writes a copy of a video that shows its people."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from people_pathing.annotation.checks import BEST_CRF, WORST_CRF
from people_pathing.annotation.choices import Codec, Layers
from people_pathing.cli.annotating.blur_option import LEFT_OVER, add_blur_option
from people_pathing.cli.annotating.early_checks import require_blur, require_possible
from people_pathing.cli.arguments import (
    frame_rate,
    input_file,
    output_file,
    path_or_key,
    result_folder_path,
    video_file,
)
from people_pathing.cli.errors import CommandError, as_command_errors
from people_pathing.cli.messages import say, show
from people_pathing.cli.progress import format_duration, progress
from people_pathing.common.clock import now_ms
from people_pathing.results import annotated_video

if TYPE_CHECKING:
    from people_pathing.annotation.whole_video import AnnotatedVideo
    from people_pathing.cli.annotating.stack_video import StackVideo

SUMMARY = "write a copy of a video that shows its people"
EXAMPLE = """\
people-pathing annotate street.mp4 --results out/street.mp4.paths
people-pathing annotate street.mp4 --blur faces --no-boxes --out blurred.webm
people-pathing annotate street.mp4 --blur all-but 3 --out person3.webm
people-pathing annotate cam7/door.mp4 --stack-name people-pathing"""
LAYERS = {
    "boxes": "leave out the boxes and numbers of people",
    "trails": "leave out where people walked in the last two seconds",
    "zones": "leave out zones, lines and masks, and their counts",
    "counts": "leave out how many people are here, and how many were here so far",
    "clock": "leave out the time",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of the command."""
    parser.add_argument(
        "video",
        nargs="?",
        type=path_or_key,
        metavar="VIDEO|KEY",
        help="a video file that was tracked; with --stack-name, the key of a video in the bucket",
    )
    parser.add_argument(
        "--results",
        type=result_folder_path,
        metavar="FOLDER",
        help="the folder with the result files (default: VIDEO.paths, beside the video)",
    )
    parser.add_argument(
        "--out",
        type=output_file,
        metavar="FILE",
        help=f"the WebM file to write (default: {annotated_video.NAME} beside the result files; with "
        "--stack-name, in the results bucket)",
    )
    parser.add_argument(
        "--stack-name",
        metavar="NAME",
        help="fetch video, results and zones from this CloudFormation stack",
    )
    parser.add_argument(
        "--zones",
        type=input_file,
        metavar="FILE",
        help="zones.json: zones, lines and masks to draw (default: those of the report; with --stack-name, "
        "those that apply to the key)",
    )
    add_blur_option(parser)
    parser.add_argument(
        "--keep-sound",
        action="store_true",
        help="keep the sound although something is blurred. Voices identify people",
    )
    parser.add_argument(
        "--codec",
        choices=get_args(Codec),
        default="vp9",
        help="vp9 plays everywhere; av1 gives smaller files for newer players (default: %(default)s)",
    )
    parser.add_argument(
        "--crf",
        type=_crf,
        metavar="N",
        help=f"quality of the pictures, from {BEST_CRF} (best) to {WORST_CRF}. Six more make the file "
        "about a third smaller (default: 32 for vp9, 35 for av1)",
    )
    for layer, meaning in LAYERS.items():
        parser.add_argument(f"--no-{layer}", dest=_shown(layer), action="store_false", help=meaning)
    parser.add_argument(
        "--frame-rate",
        type=frame_rate,
        metavar="N",
        help="the frames per second that the video was tracked with, if they were stated",
    )
    parser.add_argument(
        "--time-zone",
        metavar="NAME",
        help="the time zone of the clock, for example Europe/Berlin (default: that of the zones, or UTC)",
    )


def run(options: argparse.Namespace) -> int:
    """Writes the annotated video and prints where it is."""
    text = _video_argument(options)
    if options.stack_name is None:
        _annotate_file(text, options)
    else:
        _annotate_key(text, options)
    return 0


def _annotate_file(text: str, options: argparse.Namespace) -> None:
    from people_pathing.cli.outputs import require_no_inputs, require_no_link, require_outputs
    from people_pathing.cli.reports.result_report import update_result_report
    from people_pathing.results import file_names
    from people_pathing.results.stored_result import StoredResultError, open_stored_result

    try:
        video = video_file(text)
    except argparse.ArgumentTypeError as error:
        raise CommandError(f"{error}; a key in a bucket needs --stack-name") from error
    folder = options.results or _folder_beside(video)
    with as_command_errors(StoredResultError):
        stored = open_stored_result(folder)
    if Path(stored.key).name != video.name:
        say(f"the results in {folder} are of {stored.key}")
    out = options.out or folder / annotated_video.NAME
    if options.out is None:
        require_no_link(out)
    require_outputs([out])
    inputs = {f"the result file {name}": folder / name for name in file_names()}
    require_no_inputs([out], {"the video": video, "the file of zones": options.zones, **inputs})
    with tempfile.TemporaryDirectory() as scratch:
        zones = options.zones or _report_zones(folder, Path(scratch))
        _annotate(video, folder, out, zones, options)
    if options.out is None:
        update_result_report(folder)
    show(str(out))


def _annotate_key(key: str, options: argparse.Namespace) -> None:
    from people_pathing.cli.aws import aws_session, stack_outputs

    if options.results:
        raise CommandError("--results is for a video file; with --stack-name, the stack has the results")
    require_possible(options.out, options.zones, options.time_zone, options.codec)
    session = aws_session("annotate")
    from people_pathing.cli.annotating.stack_video import StackVideo, is_annotated
    from people_pathing.cli.deployed_stack import DeployedStack
    from people_pathing.cli.outputs import require_outputs

    outputs = stack_outputs(session, options.stack_name)
    stack = DeployedStack.of(outputs, session.client("s3"), session.client("dynamodb"))
    found = StackVideo.find(stack, key)
    if options.out:
        require_outputs([options.out])
    elif is_annotated(stack, found.record):
        say(f"{found.uri} is there already; it is replaced when the new one is complete")
    with tempfile.TemporaryDirectory() as scratch:
        place = _annotate_found(found, Path(scratch), options)
    show(place)


def _annotate_found(found: StackVideo, scratch: Path, options: argparse.Namespace) -> str:
    """Downloads a video and its results, and writes or uploads the copy. Returns where it is."""
    folder, video = scratch / "results", scratch / "video"
    found.stack.fetch_results(found.record, folder)
    zones = options.zones or found.download_zones(scratch / "zones.json")
    # Before the download, which may take long.
    require_blur(folder, zones, options.blur)
    out: Path = options.out or scratch / annotated_video.NAME
    found.download(video)
    _annotate(video, folder, out, zones, options)
    if options.out:
        return str(out)
    found.upload(out)
    return found.uri


def _annotate(video: Path, folder: Path, out: Path, zones: Path | None, options: argparse.Namespace) -> None:
    """Writes the copy, shows the progress and says what to know about it."""
    from people_pathing.annotation.errors import AnnotationError
    from people_pathing.annotation.whole_video import annotate_video
    from people_pathing.cli.counting.zones import load_zones
    from people_pathing.engine import DetectorError, VideoError
    from people_pathing.results.stored_result import StoredResultError

    zones_file = load_zones(zones) if zones else None
    if out.exists():
        say(f"{out} is there already; it is replaced when the new one is complete")
    began_ms = now_ms()
    with (
        as_command_errors(AnnotationError, DetectorError, StoredResultError, VideoError),
        progress("annotating") as report,
    ):
        written = annotate_video(
            video,
            folder,
            out,
            zones=zones_file,
            blur=options.blur,
            keep_sound=True if options.keep_sound else None,
            codec=options.codec,
            crf=options.crf,
            layers=Layers(**{layer: getattr(options, _shown(layer)) for layer in LAYERS}),
            frame_rate=options.frame_rate,
            timezone=options.time_zone,
            on_progress=report,
        )
    _say_what_to_know(written, options, now_ms() - began_ms)


def _say_what_to_know(written: AnnotatedVideo, options: argparse.Namespace, needed_ms: int) -> None:
    for warning in written.warnings:
        say(warning)
    if options.blur is not None:
        sound = "" if options.keep_sound else " The sound is left out; --keep-sound keeps it."
        say(
            "faces and people that were not detected are still visible; watch the video before you pass it "
            f"on.{sound}"
        )
    say(f"{written.frame_count:,} frames annotated in {format_duration(needed_ms)}")


def _video_argument(options: argparse.Namespace) -> str:
    """Returns VIDEO|KEY, also if it follows --blur. Raises CommandError if it is not there once."""
    words = [*([] if options.video is None else [options.video]), *getattr(options, LEFT_OVER)]
    if len(words) != 1 or not words[0]:
        problem = f"only one is possible, not {' and '.join(words)}" if len(words) > 1 else "none is given"
        raise CommandError(f"give VIDEO|KEY, a video file or the key of a video: {problem}")
    return str(words[0])


def _folder_beside(video: Path) -> Path:
    """Returns the folder that `track` writes beside a video. Raises CommandError if there is none."""
    from people_pathing.cli.result_folder import FOLDER_SUFFIX

    name = f"{video.name}{FOLDER_SUFFIX}"
    folder = video.with_name(name)
    if folder.is_dir():
        return folder
    found = next((path for path in sorted(video.parent.glob(f"*/{name}")) if path.is_dir()), None)
    advice = (
        f"add --results {found}"
        if found
        else f"track it first: people-pathing track {video} --out {video.parent}"
    )
    raise CommandError(f"there are no results in {folder}; {advice}")


def _report_zones(folder: Path, scratch: Path) -> Path | None:
    """Writes the zones that the report beside the results counts in to a file; None if there are none."""
    from people_pathing.cli.reports.result_report import report_path
    from people_pathing.report.written_page import read_written

    page = report_path(folder)
    text = read_written(page).zones_text if page.is_file() else None
    if text is None:
        return None
    say(f"zones of {page}")
    path = scratch / "zones.json"
    path.write_text(text, "utf-8")
    return path


def _shown(layer: str) -> str:
    # --zones names a file.
    return f"shows_{layer}"


def _crf(text: str) -> int:
    if not text.isdecimal() or not BEST_CRF <= int(text) <= WORST_CRF:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from {BEST_CRF} to {WORST_CRF}")
    return int(text)
