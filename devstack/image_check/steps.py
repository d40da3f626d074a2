"""Runs the steps of a job inside the worker's image, through the image's own entry point.

This program runs in a container without a network. So it brings what a function needs: the Runtime API, and
moto's S3 and DynamoDB. Each function runs in a process of its own, which gets only what Lambda would give it.
The program prints one line per step. The exit status is 1 if a step fails or logs a warning. The worker logs
one if it does not find a model.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
from moto.moto_server.threaded_moto_server import ThreadedMotoServer

from devstack.lambda_runtime.execution_environment import ExecutionEnvironment
from devstack.lambda_runtime.function import Function, Invocation

if TYPE_CHECKING:
    from types_boto3_dynamodb.client import DynamoDBClient
    from types_boto3_s3.client import S3Client

    from people_pathing.service.result_pages.layout import Header
    from people_pathing.service.result_pages.person import PersonDetection

ENTRY_POINT = Path("/lambda-entrypoint.sh")
TASK_ROOT = Path("/var/task")
HANDLERS = "people_pathing.service.handlers.worker"
ANALYSIS_HANDLER = "people_pathing.pipeline.handlers.analyze_results.handler"
VIDEO_BUCKET, VIDEO_NAME = "videos", "clip.mp4"
ARTIFACT_BUCKET, RESULTS_BUCKET = "artifacts", "results"
RESULTS_PREFIX = f"{VIDEO_NAME}/v1/"
JOB_STORE_TABLE = "job-store"
JOB_ID = "0" * 64
REGION = "us-east-1"
TIMEOUT_S = 300

# Two segments and more, so that people are linked across their borders.
SEGMENT_S = "2"
# Lambda sets these for every function, or the image's environment does.
_OF_THE_IMAGE = ("LD_LIBRARY_PATH", "LAMBDA_RUNTIME_DIR", "MODEL_CACHE_DIR", "MPLCONFIGDIR", "TZ", "LANG")


class StepFailedError(Exception):
    """A step did not do what it should. The message is for the person who ran the check."""


@dataclass(frozen=True)
class Cloud:
    """What the functions find around them.

    Attributes:
        endpoint: the address of S3 and DynamoDB.
        s3: a client of this S3.
        dynamodb: a client of this DynamoDB.
    """

    endpoint: str
    s3: S3Client
    dynamodb: DynamoDBClient

    @classmethod
    def start(cls) -> Cloud:
        """Starts to serve S3 and DynamoDB on loopback, with empty buckets and tables."""
        # Each request would be one line.
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        server.start()
        host, port = server.get_host_and_port()
        endpoint = f"http://{host}:{port}"

        session = boto3.Session("image-check", "image-check", region_name=REGION)
        cloud = cls(
            endpoint,
            session.client("s3", endpoint_url=endpoint),
            session.client("dynamodb", endpoint_url=endpoint),
        )
        for bucket in (VIDEO_BUCKET, ARTIFACT_BUCKET, RESULTS_BUCKET):
            cloud.s3.create_bucket(Bucket=bucket)
        cloud.s3.put_bucket_versioning(Bucket=VIDEO_BUCKET, VersioningConfiguration={"Status": "Enabled"})
        cloud.dynamodb.create_table(
            TableName=JOB_STORE_TABLE,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        )
        return cloud


def function(name: str, handler: str, cloud: Cloud, settings: Mapping[str, str]) -> Function:
    """Describes one of the image's functions as Lambda would run it.

    Args:
        name: the function's name.
        handler: the dotted name of the handler.
        cloud: where the function's calls go.
        settings: the function's environment variables.
    """
    return Function(
        name=name,
        arn=f"arn:aws:lambda:{REGION}:123456789012:function:check",
        handler=handler,
        task_root=TASK_ROOT,
        command=(str(ENTRY_POINT),),
        environment={
            **{name: os.environ[name] for name in _OF_THE_IMAGE if name in os.environ},
            "PYTHONPATH": "/var/runtime",
            # Lambda's user has no home. What writes there fails here, too.
            "HOME": "/home/sbx_user1051",
            "TMPDIR": "/tmp",  # noqa: S108 - the only folder that a function may write to
            "AWS_ACCESS_KEY_ID": "image-check",
            "AWS_SECRET_ACCESS_KEY": "image-check",
            "AWS_ENDPOINT_URL": cloud.endpoint,
            "AWS_MAX_ATTEMPTS": "1",
            **settings,
        },
        timeout_s=TIMEOUT_S,
    )


def run_step(step: Function, event: object) -> Any:
    """Runs a function once, in a new process.

    Returns:
        What the handler returned.

    Raises:
        StepFailedError: the function failed, or logged a warning.
    """
    environment = ExecutionEnvironment(step, os.environ)
    try:
        invocation = environment.invoke(json.dumps(event).encode())
    finally:
        environment.close()
    reply = json.loads(invocation.payload or b"null")
    if invocation.error:
        reason = f"{reply['errorType']}: {reply['errorMessage']}" if isinstance(reply, dict) else str(reply)
        raise StepFailedError(f"{step.name} failed: {reason}\n{invocation.log.rstrip()}")
    if warnings := list(logged_warnings(invocation)):
        raise StepFailedError(f"{step.name} logged a warning: {'; '.join(warnings)}")
    print(f"{step.name}: ok in {invocation.duration_ms / 1000:.1f} s", flush=True)
    return reply


def logged_warnings(invocation: Invocation) -> Iterator[str]:
    """Yields the messages of the log lines that are worse than information."""
    for line in invocation.log.splitlines():
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        if isinstance(entry, dict) and entry.get("level") in {"WARNING", "ERROR", "CRITICAL"}:
            yield str(entry.get("message"))


def store_running_job(cloud: Cloud, clip: Path) -> None:
    """Uploads the clip and stores a job for it, as an accepted start does."""
    from people_pathing.common.clock import now_ms
    from people_pathing.service.job import Job, VideoObject
    from people_pathing.service.job_store import JobStore

    stored = cloud.s3.put_object(Bucket=VIDEO_BUCKET, Key=VIDEO_NAME, Body=clip.read_bytes())
    video = VideoObject(
        VIDEO_BUCKET, VIDEO_NAME, None, stored["VersionId"], stored["ETag"], clip.stat().st_size
    )
    job = Job(JOB_ID, "123456789012", video, None, None, "00" * 32, now_ms())
    JobStore(cloud.dynamodb, JOB_STORE_TABLE).add(job, digest="", limit=1)


def stored_result(cloud: Cloud) -> tuple[Header, list[PersonDetection]]:
    """Reads the stored result as the API does. Returns its header and its first observations."""
    from people_pathing.service.artifacts import observations_key
    from people_pathing.service.result_pages.layout import PAGE_SIZE, PageRange

    body = cloud.s3.get_object(Bucket=ARTIFACT_BUCKET, Key=observations_key(JOB_ID))["Body"].read()
    page = PageRange("INDEX", 0, PAGE_SIZE)
    data = body[page.start : page.end]
    header = page.header(data)
    if header is None:
        raise StepFailedError("the stored result has no header")
    return header, page.observations(data, header.observation_count)


def store_result_files(cloud: Cloud, header: Header, observations: Iterable[PersonDetection]) -> str:
    """Stores the result files as the pipeline does. Returns the key of job.json."""
    from people_pathing.results.chunks import ChunkWriter
    from people_pathing.results.files.job_summary import NAME, JobSummary, StoredVideo
    from people_pathing.results.observation import observations_in
    from people_pathing.results.provenance_header import read_header

    writer = ChunkWriter(None)
    writer.add(observations_in(observation.to_api() for observation in observations))
    summary = JobSummary(
        StoredVideo(VIDEO_BUCKET, VIDEO_NAME, None),
        header.metadata,
        writer.counts,
        read_header(header.provenance),
        job_id=JOB_ID,
        uploaded_ms=header.ended_ms,
    )
    for name, content in {**writer.end().pieces, NAME: summary.content()}.items():
        cloud.s3.put_object(Bucket=RESULTS_BUCKET, Key=f"{RESULTS_PREFIX}{name}", Body=content)
    return f"{RESULTS_PREFIX}{NAME}"


def run_job(cloud: Cloud, changes: Mapping[str, str]) -> None:
    """Runs plan, detect, associate and link for the stored job, as the state machine does.

    Args:
        cloud: where the job is stored.
        changes: environment variables of the functions that differ from the template's defaults.

    Raises:
        StepFailedError: a step failed.
    """
    settings = {
        "POWERTOOLS_SERVICE_NAME": "service",
        "POWERTOOLS_METRICS_NAMESPACE": "PeoplePathing/check",
        "ARTIFACT_BUCKET": ARTIFACT_BUCKET,
        "JOB_STORE_TABLE": JOB_STORE_TABLE,
        "SAMPLE_FPS": "default",
        "SEGMENT_S": SEGMENT_S,
        "TRACKING_MODEL": "",
        "DETECTOR": "auto",
        "INPUT_PX": "default",
        "FACE_MODEL": "",
        "REIDENTIFICATION_MODEL": "",
        **changes,
    }
    plan, detect, associate, link = (
        function(name, f"{HANDLERS}.{name}", cloud, settings)
        for name in ("plan", "detect", "associate", "link")
    )
    planned = run_step(plan, {"job_id": JOB_ID})
    for segment in planned["segments"]:
        run_step(detect, {"job_id": JOB_ID, "segment": segment})
    for window in planned["windows"]:
        run_step(associate, {"job_id": JOB_ID, "window": window})
    ended = run_step(link, {"job_id": JOB_ID})
    if ended.get("status") != "SUCCEEDED":
        raise StepFailedError(f"link ended the job with {ended}")


def run_analysis(cloud: Cloud, job_json_key: str) -> None:
    """Runs AnalyzeResults, which writes tables and a report of the stored result files.

    Raises:
        StepFailedError: the function failed, or stored no table or no report.
    """
    settings = {
        "POWERTOOLS_SERVICE_NAME": "pipeline",
        "POWERTOOLS_METRICS_NAMESPACE": "PeoplePathing/check",
        "RESULTS_BUCKET": RESULTS_BUCKET,
        "VIDEO_BUCKETS": VIDEO_BUCKET,
        "RECOUNT_ON_ZONES_CHANGE": "none",
    }
    record = {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "eventTime": "2026-11-26T12:00:00.000Z",
        "eventName": "ObjectCreated:Put",
        "awsRegion": REGION,
        "s3": {
            "bucket": {"name": RESULTS_BUCKET},
            "object": {"key": job_json_key, "size": 1, "eTag": "0" * 32, "sequencer": "0055AED6DCD90281E5"},
        },
    }
    run_step(function("analyze", ANALYSIS_HANDLER, cloud, settings), {"Records": [record]})
    listed = cloud.s3.list_objects_v2(Bucket=RESULTS_BUCKET).get("Contents", [])
    endings = {Path(found["Key"]).suffix for found in listed}
    if missing := {".parquet", ".html"} - endings:
        raise StepFailedError(f"AnalyzeResults stored no file that ends with {' or '.join(sorted(missing))}")


def main() -> int:
    """Runs the check. Returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("clip", type=Path, help="a video of people")
    parser.add_argument("people", type=int, help="how many they are")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="an environment variable of the functions",
    )
    arguments = parser.parse_args()
    cloud = Cloud.start()
    store_running_job(cloud, arguments.clip)
    try:
        run_job(cloud, dict(pair.split("=", 1) for pair in arguments.set))
        header, observations = stored_result(cloud)
        people = {observation.person_index for observation in observations}
        print(f"{len(people)} people, {header.observation_count} observations", flush=True)
        if len(people) != arguments.people:
            raise StepFailedError(f"the clip shows {arguments.people} people")
        run_analysis(cloud, store_result_files(cloud, header, observations))
    except StepFailedError as error:
        print(f"failed: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
