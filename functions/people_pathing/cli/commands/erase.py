"""`people-pathing erase`: erases a video and everything that a deployed stack stores about it."""

from __future__ import annotations

import argparse

from people_pathing.cli.aws import add_stack_name, aws_errors_reported, aws_session, stack_outputs
from people_pathing.cli.errors import CommandError, as_command_errors

SUMMARY = "erase a video and everything stored about it"
EXAMPLE = "people-pathing erase street.mp4"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of the command."""
    parser.add_argument("key", metavar="KEY", help="the video's key in the video bucket")
    parser.add_argument("--version", metavar="ID", help="only this version of the video (default: all)")
    parser.add_argument("--keep-video", action="store_true", help="erase the results but keep the video")
    add_stack_name(parser)


def run(options: argparse.Namespace) -> int:
    """Erases results, job records, the service's artifacts and the video.

    Raises:
        CommandError: a job for the video is running, or nothing is stored about the video.
    """
    session = aws_session("erase")
    from people_pathing.cli.deployed_stack import DeployedStack
    from people_pathing.pipeline.erasure import Eraser, JobInProgressError

    with aws_errors_reported(), as_command_errors(JobInProgressError):
        outputs = stack_outputs(session, options.stack_name)
        stack = DeployedStack.of(outputs, session.client("s3"), session.client("dynamodb"))
        eraser = Eraser(stack.s3, stack.job_table, stack.results_bucket, stack.artifact_bucket)
        erased = eraser.erase_video(stack.video_bucket, options.key, options.version)
        video_count = 0
        if not options.keep_video:
            video_count = eraser.erase_upload(stack.video_bucket, options.key, options.version)
    print(
        f"erased {erased.job_count} job records, {erased.object_count} objects of results and artifacts, "
        f"{video_count} versions of the video"
    )
    if not erased.job_count and not video_count:
        raise CommandError(f"nothing was stored about s3://{stack.video_bucket}/{options.key}")
    return 0
