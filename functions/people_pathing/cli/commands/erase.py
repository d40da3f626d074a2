"""`people-pathing erase`: erases a video and everything that a deployed stack stores about it."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from typing import TYPE_CHECKING

from people_pathing.cli.aws import add_stack_name, aws_session, stack_outputs
from people_pathing.cli.errors import CommandError, as_command_errors
from people_pathing.cli.messages import show

if TYPE_CHECKING:
    from people_pathing.cli.deployed_stack import DeployedStack

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

    outputs = stack_outputs(session, options.stack_name)
    stack = DeployedStack.of(outputs, session.client("s3"), session.client("dynamodb"))
    erased = erase_video(stack, options.key, options.version, keep_video=options.keep_video)
    show(
        f"erased {erased.record_count} job records, {erased.object_count} objects of results and artifacts, "
        f"{erased.video_count} versions of the video"
    )
    if not erased.record_count and not erased.video_count:
        raise CommandError(f"nothing was stored about s3://{stack.video_bucket}/{options.key}")
    return 0


@dataclass(frozen=True, slots=True)
class Erased:
    """How much was erased. Each version and each delete marker of an object counts.

    Attributes:
        record_count: job records.
        object_count: objects in the results bucket and in the service's bucket.
        video_count: versions of the video itself.
    """

    record_count: int
    object_count: int
    video_count: int


def erase_video(stack: DeployedStack, key: str, version: str | None, *, keep_video: bool) -> Erased:
    """Erases one version of a video, or all, and everything that both halves of the system store about it.

    The order matters. Nothing is erased until both halves have confirmed that no job is running, because a
    running job would write again what is erased. The job records are erased last: they say what there is, so
    the command can be repeated after a failure.

    Raises:
        CommandError: a job for the video is running. Nothing is erased then.
    """
    from people_pathing.pipeline import erasure as pipeline_erasure
    from people_pathing.service import erasure as service_erasure

    video = (stack.video_bucket, key, version)
    pipeline = pipeline_erasure.Eraser(stack.s3, stack.job_table, stack.results_bucket)
    service = service_erasure.Eraser(stack.s3, stack.artifact_bucket) if stack.artifact_bucket else None
    with as_command_errors(pipeline_erasure.JobInProgressError, service_erasure.JobInProgressError):
        plan = pipeline.prepare(*video)
        job_ids = plan.job_ids | (service.prepare(*video) if service else frozenset())
        pipeline.withdraw_waiting(plan)
    object_count = service.erase(job_ids) if service else 0
    erased = pipeline.erase(plan)
    video_count = 0 if keep_video else pipeline.erase_upload(*video)
    return Erased(erased.record_count, object_count + erased.object_count, video_count)
