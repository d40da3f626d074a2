"""The video and the results of a deployed stack that `people-pathing annotate` works with."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from people_pathing.cli.deployed_stack import video_object
from people_pathing.cli.errors import CommandError, as_command_errors
from people_pathing.cli.messages import say
from people_pathing.cli.progress import progress
from people_pathing.common.aws_errors import NOT_FOUND_CODES, error_code
from people_pathing.common.s3_archives import archive_of
from people_pathing.common.zones_objects import ZonesContentError, find_zones, zones_text
from people_pathing.results import annotated_video

if TYPE_CHECKING:
    from people_pathing.cli.deployed_stack import DeployedStack
    from people_pathing.pipeline.job_record import JobRecord

SPACE_FACTOR = 2
"""The video and its annotated copy need at most about so many times the size of the video."""


@dataclass(frozen=True, slots=True)
class StackVideo:
    """A video in S3 whose results a stack has.

    Attributes:
        stack: the deployed stack.
        record: the job of the video.
        size_bytes: its size.
    """

    stack: DeployedStack
    record: JobRecord
    size_bytes: int

    @classmethod
    def find(cls, stack: DeployedStack, key: str) -> StackVideo:
        """Finds the newest version of a video that has results.

        Raises:
            CommandError: there are no results, the video was deleted, or it must be restored first.
        """
        from botocore.exceptions import ClientError

        from people_pathing.cli.counting.stack_results import newest_records

        record = newest_records(stack, [key])[key]
        try:
            head = stack.s3.head_object(**video_object(record))
        except ClientError as error:
            if error_code(error) in NOT_FOUND_CODES:
                raise CommandError(
                    f"the video s3://{record.bucket}/{key} was deleted; its results are still there"
                ) from error
            raise
        if (archive := archive_of(head)) and 'ongoing-request="false"' not in head.get("Restore", ""):
            raise CommandError(f"s3://{record.bucket}/{key} is in the archive {archive}; restore it first")
        return cls(stack, record, int(head["ContentLength"]))

    @property
    def uri(self) -> str:
        """Where the annotated video is stored."""
        return f"s3://{self.stack.results_bucket}/{annotated_key(self.record)}"

    def download(self, path: Path) -> None:
        """Downloads the video.

        Raises:
            CommandError: the disk has too little space.
        """
        free_bytes = shutil.disk_usage(path.parent).free
        needed_bytes = SPACE_FACTOR * self.size_bytes
        if free_bytes < needed_bytes:
            raise CommandError(
                f"{path.parent} has {free_bytes / 1e9:.1f} GB left, but the video and its copy need about "
                f"{needed_bytes / 1e9:.1f} GB; set TMPDIR to a folder on a larger disk"
            )
        done_bytes = 0
        with progress("fetching the video") as report:

            def received(count: int) -> None:
                nonlocal done_bytes
                done_bytes += count
                report(done_bytes / max(1, self.size_bytes))

            video = video_object(self.record)
            bucket, key = video.pop("Bucket"), video.pop("Key")
            self.stack.s3.download_file(bucket, key, str(path), ExtraArgs=video, Callback=received)

    def download_zones(self, path: Path) -> Path | None:
        """Downloads the zones file that applies to the video. Returns None if there is none.

        Raises:
            CommandError: the file is too large, or not UTF-8.
        """
        zones = find_zones(self.stack.s3, self.record.bucket, self.record.key)
        if zones is None:
            return None
        with as_command_errors(ZonesContentError):
            path.write_text(zones_text(zones), "utf-8")
        say(f"zones of {zones.uri}")
        return path

    def upload(self, path: Path) -> None:
        """Stores the annotated video beside the results.

        Raises:
            CommandError: the video was erased in the meantime. Then nothing of it is left.
        """
        stack = self.stack
        stack.s3.upload_file(
            str(path),
            stack.results_bucket,
            annotated_key(self.record),
            ExtraArgs={"ContentType": annotated_video.CONTENT_TYPE},
        )
        from people_pathing.common.s3_erasure import erase_versions

        if stack.job_table.get(self.record.video_id) != self.record:
            key = annotated_key(self.record)
            erase_versions(stack.s3, stack.results_bucket, key, key.__eq__)
            raise CommandError("the video was erased or tracked again in the meantime; nothing was stored")


def annotated_key(record: JobRecord) -> str:
    """Returns the key of a video's annotated copy in the results bucket."""
    return record.results_prefix + annotated_video.NAME


def is_annotated(stack: DeployedStack, record: JobRecord) -> bool:
    """Tells whether a stack has an annotated copy of a video."""
    from botocore.exceptions import ClientError

    try:
        stack.s3.head_object(Bucket=stack.results_bucket, Key=annotated_key(record))
    except ClientError as error:
        if error_code(error) in NOT_FOUND_CODES:
            return False
        raise
    return True
