"""What the page of `people-pathing up` shows, opens and uploads."""

from __future__ import annotations

import io
import json
import mimetypes
import re
import sys
import threading
import time
from collections.abc import Generator, Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from people_pathing.cli.deployed_stack import video_object
from people_pathing.cli.overview.stack_entries import SummaryReader, newest_jobs, stack_entry
from people_pathing.cli.reports.stack_report import report_of_stack
from people_pathing.common.aws_errors import error_code
from people_pathing.pipeline.events.skip_reasons import skip_reason
from people_pathing.pipeline.job_record import JobState
from people_pathing.pipeline.video import MAX_KEY_BYTES
from people_pathing.report.overview.entry import VideoEntry, newest_first
from people_pathing.report.overview.html_file import (
    LiveAddresses,
    Overview,
    embedded_entries,
    overview_text,
)

if TYPE_CHECKING:
    from _typeshed import SupportsRead

    from people_pathing.cli.deployed_stack import DeployedStack
    from people_pathing.pipeline.job_record import JobRecord

ALL = sys.maxsize
"""A stack on this machine has no more jobs than fit into its memory."""
FRESH_S = 1.0
"""How long a listing is used again: several open pages must not read the table at the same time."""
BLOCK_BYTES = 1024 * 1024
PART_BYTES = 16 * 1024 * 1024
"""Of an upload. A few parts are in memory at a time."""
NOT_THERE = {"NoSuchKey", "NoSuchVersion", "404", "MethodNotAllowed"}
_RANGE = re.compile(r"bytes=(\d+-\d*|-\d+)")


@dataclass(frozen=True, slots=True)
class VideoPart:
    """A video, or the bytes of it that a player asked for.

    Attributes:
        status: of the HTTP reply.
        headers: of the HTTP reply.
        blocks: the bytes, piece by piece. Closing it releases the connection to the bucket.
    """

    status: int
    headers: Mapping[str, str]
    blocks: Generator[bytes]


class LiveStack:
    """The videos of a running stack, for the page that follows them. Several threads may use it.

    Args:
        stack: the running stack.
    """

    def __init__(self, stack: DeployedStack) -> None:
        self._stack = stack
        self._summaries = SummaryReader(stack)
        self._lock = threading.Lock()
        self._listed_s = -FRESH_S
        self._entries: list[VideoEntry] = []

    def page(self) -> str:
        """Returns the page."""
        addresses = LiveAddresses(videos="videos.json", uploads="uploads/")
        return overview_text(Overview("Videos of the local stack", self._listed(), live=addresses))

    def videos(self) -> bytes:
        """Returns the videos as JSON."""
        return json.dumps(embedded_entries(self._listed()), separators=(",", ":")).encode()

    def report(self, video_id: str) -> bytes | None:
        """Returns the report of a video; None if it has no results.

        It is made for every reader and not kept, because people may be erased from the results.

        Raises:
            StoredResultError: the results are damaged.
        """
        record = self._record(video_id)
        if record is None or record.state is not JobState.SUCCEEDED:
            return None
        # The video is beside the report: .../VIDEO_ID/report.html and .../VIDEO_ID/video.
        return report_of_stack(self._stack, record, "video")

    def video(self, video_id: str, byte_range: str | None) -> VideoPart | None:
        """Opens a video; None if it is not there.

        Args:
            video_id: of the video.
            byte_range: the header Range of the request; None for the whole video.
        """
        from botocore.exceptions import ClientError

        record = self._record(video_id)
        if record is None:
            return None
        request = video_object(record)
        if byte_range and _RANGE.fullmatch(byte_range):
            request["Range"] = byte_range
        try:
            reply = self._stack.s3.get_object(**request)
        except ClientError as error:
            if error_code(error) == "InvalidRange":
                return VideoPart(416, {"Content-Length": "0"}, _blocks(io.BytesIO()))
            if error_code(error) in NOT_THERE:
                return None
            raise
        headers = {
            "Accept-Ranges": "bytes",
            "Content-Length": str(reply["ContentLength"]),
            "Content-Type": _content_type(record.key),
        }
        # S3 ignores a range that is not valid, and sends everything.
        if "ContentRange" not in reply:
            return VideoPart(200, headers, _blocks(reply["Body"]))
        headers["Content-Range"] = reply["ContentRange"]
        return VideoPart(206, headers, _blocks(reply["Body"]))

    def upload_refusal(self, name: str, byte_count: int) -> str | None:
        """Returns why a file cannot be uploaded, or None if it can.

        Args:
            name: of the file.
            byte_count: its size.
        """
        if not name or "/" in name or len(name.encode()) > MAX_KEY_BYTES:
            return f"{name[:50]}: a name must have 1 to {MAX_KEY_BYTES:,} bytes and no slash; rename the file"
        if name in {".", ".."} or not name.isprintable():
            return f"{name[:50]!r}: a name must not be a dot name or have control characters; rename the file"
        if byte_count == 0:
            return f"{name} is empty"
        return skip_reason(name)

    def upload(self, name: str, content: SupportsRead[bytes]) -> None:
        """Stores a file in the video bucket. A video of the same name gets a new version.

        Args:
            name: of the file, which becomes the key.
            content: is read to its end. If reading fails, nothing is stored.
        """
        from boto3.s3.transfer import TransferConfig

        config = TransferConfig(multipart_chunksize=PART_BYTES, max_concurrency=2)
        self._stack.s3.upload_fileobj(content, self._stack.video_bucket, name, Config=config)

    def _record(self, video_id: str) -> JobRecord | None:
        return self._stack.job_table.get(video_id)

    def _listed(self) -> list[VideoEntry]:
        with self._lock:
            if time.monotonic() - self._listed_s >= FRESH_S:
                self._entries = self._list()
                self._listed_s = time.monotonic()
            return self._entries

    def _list(self) -> list[VideoEntry]:
        jobs = newest_jobs(self._stack.job_table, ALL)
        read = self._summaries.read_all(jobs.records)
        return newest_first(
            stack_entry(
                record,
                read.get(record.video_id),
                progress=self._progress(record),
                report_address=f"videos/{record.video_id}/report.html",
            )
            for record in jobs.records
        )

    def _progress(self, record: JobRecord) -> float | None:
        return self._stack.progress(record) if record.state is JobState.IN_PROGRESS else None


def _blocks(body: Any) -> Generator[bytes]:
    with closing(body):
        while block := body.read(BLOCK_BYTES):
            yield block


def _content_type(key: str) -> str:
    """Returns the type of a video. An upload must not choose another one, such as a page with scripts."""
    guessed = mimetypes.guess_type(key)[0] or ""
    return guessed if guessed.startswith(("video/", "audio/")) else "application/octet-stream"
