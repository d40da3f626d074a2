"""The report of a video whose results a deployed stack has."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from people_pathing.cli.deployed_stack import video_object
from people_pathing.cli.errors import as_command_errors
from people_pathing.cli.reports.result_report import report_path
from people_pathing.common.zones_objects import find_zones
from people_pathing.pipeline.counting.result_counts import valid_zones_text
from people_pathing.report.page_file import NAME, write_report
from people_pathing.results.stored_result import StoredResultError

if TYPE_CHECKING:
    import boto3

    from people_pathing.cli.deployed_stack import DeployedStack
    from people_pathing.pipeline.job_record import JobRecord

VIDEO_S = 3600
"""How long the address of the video works, in seconds."""


def write_stack_report(
    stack: DeployedStack,
    record: JobRecord,
    video_address: str,
    zones_text: str | None,
    annotated_address: str | None = None,
) -> Path:
    """Fetches results and writes their report into a new folder that only the user may read.

    Args:
        stack: the deployed stack.
        record: of the video.
        video_address: of the video, as `temporary_address` returns it.
        zones_text: the content of zones.json; None for the zones that the stack has for the video.
        annotated_address: of its annotated copy; None if there is none.

    Returns:
        The report's path. The result files are not kept.

    Raises:
        CommandError: the results are damaged.
    """
    with as_command_errors(StoredResultError):
        page = report_of_stack(
            stack, record, video_address, annotated_source=annotated_address, zones_text=zones_text
        )
    path = report_path(Path(tempfile.mkdtemp(prefix="people-pathing-")))
    path.write_bytes(page)
    return path


def report_of_stack(
    stack: DeployedStack,
    record: JobRecord,
    video_source: str,
    *,
    annotated_source: str | None = None,
    zones_text: str | None = None,
) -> bytes:
    """Fetches results and returns their report.

    Args:
        stack: the deployed stack.
        record: of the video.
        video_source: the address of the video, absolute or relative to where the report will be.
        annotated_source: the same of its annotated copy; None if there is none.
        zones_text: the content of zones.json; None for the zones that the stack has for the video.

    Raises:
        StoredResultError: the results are damaged.
    """
    if zones_text is None and (zones := find_zones(stack.s3, record.bucket, record.key)):
        zones_text = valid_zones_text(zones)
    with tempfile.TemporaryDirectory() as scratch:
        results, path = Path(scratch) / "results", Path(scratch) / NAME
        stack.fetch_results(record, results)
        write_report(
            results,
            path,
            video_source=video_source,
            annotated_source=annotated_source,
            zones_text=zones_text,
        )
        return path.read_bytes()


def temporary_address(session: boto3.Session, record: JobRecord) -> str:
    """Returns an address that gives the video to everyone who has it, for VIDEO_S seconds."""
    return _address(session, video_object(record))


def temporary_annotated_address(
    session: boto3.Session, stack: DeployedStack, record: JobRecord
) -> str | None:
    """Returns the same kind of address for the annotated copy of a video; None if the stack has none."""
    from people_pathing.cli.annotating.stack_video import annotated_key, is_annotated

    if not is_annotated(stack, record):
        return None
    return _address(session, {"Bucket": stack.results_bucket, "Key": annotated_key(record)})


def _address(session: boto3.Session, parameters: Mapping[str, str]) -> str:
    address: str = _signing_client(session).generate_presigned_url(
        "get_object", Params=parameters, ExpiresIn=VIDEO_S
    )
    return address


def _signing_client(session: boto3.Session) -> Any:
    """Returns a client whose addresses lead to the bucket's own region.

    Without a style, botocore signs for the global endpoint, which redirects. The page's policy allows no
    other server than that in the address.
    """
    from botocore.config import Config

    client = session.client("s3", config=Config(signature_version="s3v4"))
    if ".amazonaws.com" not in client.meta.endpoint_url:
        return client
    regional = Config(signature_version="s3v4", s3={"addressing_style": "virtual"})
    return session.client("s3", config=regional)
