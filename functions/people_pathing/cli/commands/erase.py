"""`people-pathing erase`: erases videos and everything stored about them, or people from results."""

from __future__ import annotations

import argparse
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from people_pathing.cli.arguments import non_empty, output_file, path_or_key, person_index, time_ms
from people_pathing.cli.aws import DEFAULT_STACK_NAME, aws_session, stack_outputs
from people_pathing.cli.errors import CommandError
from people_pathing.cli.messages import show
from people_pathing.cli.progress import wait_until
from people_pathing.cli.tables import print_json, print_table
from people_pathing.common.clock import utc_text_to_second

if TYPE_CHECKING:
    from people_pathing.cli.deployed_stack import DeployedStack
    from people_pathing.cli.erasing.videos import Found, Selection

SUMMARY = "erase videos with everything stored, or people"
EXAMPLE = """\
people-pathing erase street.mp4
people-pathing erase street.mp4 --index 3 --index 7
people-pathing erase out/street.mp4.paths --index 3"""

_URI = "s3://"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of the command."""
    parser.add_argument(
        "key",
        nargs="?",
        type=path_or_key,
        metavar="KEY|FOLDER",
        help="the key of one video in the bucket, or s3://BUCKET/KEY; with --index and without --stack-name, "
        "also a folder with the result files of one video",
    )
    parser.add_argument(
        "--index",
        type=person_index,
        action="append",
        metavar="N",
        help="erase only this person, from the results of one video; several times for several people. The "
        "other people keep their numbers, and the video stays",
    )
    parser.add_argument(
        "--version", type=non_empty, metavar="ID", help="only this version of the video (default: all)"
    )
    parser.add_argument(
        "--prefix",
        type=non_empty,
        metavar="PREFIX",
        help="all videos whose keys begin with PREFIX, or s3://BUCKET/PREFIX",
    )
    parser.add_argument(
        "--before",
        type=time_ms,
        metavar="DATE",
        help="only videos that were uploaded before this date, such as 2026-01-31 or 2026-01-31T12:00Z "
        "(UTC, unless it says otherwise)",
    )
    parser.add_argument(
        "--bucket",
        type=non_empty,
        metavar="NAME",
        help="the bucket of the videos (default: the stack's video bucket)",
    )
    parser.add_argument("--keep-video", action="store_true", help="erase the results but keep the videos")
    parser.add_argument(
        "--dry-run", action="store_true", help="show what would be erased, and change nothing"
    )
    parser.add_argument(
        "--report",
        type=output_file,
        metavar="FILE",
        help="append to this file when what was erased, as one line of JSON",
    )
    parser.add_argument(
        "--json",
        action="store_true",
        help="print JSON: with --dry-run, an array with an object for everything that would be erased; "
        "otherwise one object, as in the report",
    )
    parser.add_argument(
        "--stack-name",
        metavar="NAME",
        help=f"the CloudFormation stack (default: {DEFAULT_STACK_NAME})",
    )


def run(options: argparse.Namespace) -> int:
    """Erases results, job records, the service's jobs and artifacts, and the videos.

    Raises:
        CommandError: a job for one of the videos is running, or nothing is stored about them.
    """
    if options.index:
        from people_pathing.cli.erasing import people_command

        people_command.require_one_video(options)
        if people_command.is_of_folder(options):
            people_command.erase_from_folder(options)
            return 0
    else:
        _require_one_choice(options)
    options.stack_name = options.stack_name or DEFAULT_STACK_NAME
    session = aws_session("erase")
    from people_pathing.cli.deployed_stack import DeployedStack

    outputs = stack_outputs(session, options.stack_name)
    stack = DeployedStack.of(outputs, session.client("s3"), session.client("dynamodb"))
    selection = select(options, stack.video_bucket)
    if options.index:
        people_command.erase_from_stack(options, stack, selection, wait_until)
    else:
        _erase_videos(stack, selection, options)
    return 0


def _erase_videos(stack: DeployedStack, selection: Selection, options: argparse.Namespace) -> None:
    from people_pathing.cli.erasing.reporting import report_line, reported
    from people_pathing.cli.erasing.videos import VideoErasure

    erasure = VideoErasure(stack, selection, options.keep_video, wait_until)
    found = erasure.find()
    if not (found.records or found.job_ids or found.uploads or found.delete_markers):
        raise CommandError(f"nothing is stored about {_describe(selection)}")
    if options.dry_run:
        _show_found(found, as_json=options.json)
        return
    about = _about(selection, options)

    def line(is_complete: bool) -> str:
        return report_line(about, is_complete, erasure.erased)

    with reported(options.report, line, lambda: erasure.has_begun):
        erasure.run(found)
    if options.json:
        show(line(True))
        return
    count = erasure.erased
    show(
        f"erased {count.job_records} job records, {count.jobs} jobs of the service, "
        f"{count.objects} objects of results and artifacts, {count.video_versions} versions "
        f"and {count.delete_markers} delete markers of videos"
    )


def select(options: argparse.Namespace, video_bucket: str) -> Selection:
    """Returns the selection that the arguments describe.

    Args:
        options: the arguments.
        video_bucket: the bucket, if the arguments name none.
    """
    from people_pathing.cli.erasing.videos import Selection

    text = options.prefix if options.key is None else options.key
    bucket = options.bucket or video_bucket
    # With --bucket, the key is taken as it is: a key may begin with s3:// itself.
    if text and text.startswith(_URI) and not options.bucket:
        bucket, _, text = text.removeprefix(_URI).partition("/")
        if not bucket or (options.key is not None and not text):
            raise CommandError(f"{options.key or options.prefix} is not like s3://BUCKET/KEY")
    return Selection(
        bucket=bucket,
        key=text if options.key is not None else None,
        version=options.version,
        prefix="" if options.key is not None else text or "",
        before_ms=options.before,
    )


def _require_one_choice(options: argparse.Namespace) -> None:
    if options.key is not None and options.prefix is not None:
        raise CommandError("give KEY or --prefix, not both")
    if options.version is not None and options.key is None:
        raise CommandError("--version is about one video; give its KEY, too")
    if options.key is None and options.prefix is None and options.before is None:
        raise CommandError("say what to erase: KEY, --prefix or --before")


def _describe(selection: Selection) -> str:
    uri = f"{_URI}{selection.bucket}/{selection.listed_prefix}"
    return uri if selection.key is not None else f"videos in {uri}* that match"


@dataclass(frozen=True, slots=True)
class _Line:
    """One thing that would be erased."""

    what: str
    key: str | None = None
    version: str | None = None
    state: str | None = None
    job_id: str | None = None


def _show_found(found: Found, *, as_json: bool) -> None:
    lines = [
        *(_Line("video", key, version) for key, version in found.uploads),
        *(_Line("delete marker", key, version) for key, version in found.delete_markers),
        *(_Line("job record", one.key, one.version, one.state.value, one.job_id) for one in found.records),
        *(_Line("job of the service", job_id=job_id) for job_id in sorted(found.job_ids)),
    ]
    if as_json:
        print_json(map(asdict, lines))
        return
    rows = [(one.what, one.key or "", one.version or "", one.state or one.job_id or "") for one in lines]
    print_table(("what", "key", "version", "state or id"), rows)
    show("nothing was erased, because of --dry-run")


def _about(selection: Selection, options: argparse.Namespace) -> dict[str, Any]:
    """Returns what the report says about the command. Its only texts about videos are what the user typed."""
    before = None if options.before is None else utc_text_to_second(options.before)
    typed = {"key": options.key, "version": options.version, "prefix": options.prefix, "before": before}
    return {
        "stack": options.stack_name,
        "bucket": selection.bucket,
        **{name: value for name, value in typed.items() if value is not None},
        "keep_video": options.keep_video,
    }
