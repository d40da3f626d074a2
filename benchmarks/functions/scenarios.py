"""What each function is measured with: its events, as AWS sends them."""

from __future__ import annotations

import contextlib
import io
import json
import os
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
from moto import mock_aws

from benchmarks.functions import pages
from benchmarks.functions.aws_resources import VIDEO_NAME, create_resources
from benchmarks.functions.environment import ACCOUNT, ENVIRONMENT, ROLE_ARN, TOPIC_ARN
from benchmarks.functions.recorded_calls import Answer, RecordedSession, Recording

EVENTS = Path(__file__).parents[2] / "events"
PAGES = 3
CONTEXT: Any = SimpleNamespace(
    function_name="benchmark",
    memory_limit_in_mb=512,
    invoked_function_arn=f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:benchmark",
    aws_request_id="11111111-2222-3333-4444-555555555555",
    get_remaining_time_in_millis=lambda: 600_000,
)

Handler = Callable[[], object]


class Stack:
    """The functions in this process, and AWS in moto."""

    def __init__(self) -> None:
        os.environ.update(ENVIRONMENT)
        mock_aws().start()
        # A replayed handler recognises its own writes by these.
        secrets.token_hex = lambda nbytes=None: "ab" * (nbytes or 32)
        boto3.Session = RecordedSession  # type: ignore[misc]
        self._video_version = create_resources()

    def record(self, handler: Handler) -> Recording:
        """Runs a handler, and returns its calls and their answers."""
        recording = Recording(self._responders())
        RecordedSession.recording = recording
        quietly(handler)
        return recording

    def _reply(self, handler: Handler) -> dict[str, Any]:
        RecordedSession.recording = None
        reply: dict[str, Any] = json.loads(quietly(handler)["body"])
        return reply

    def _responders(self) -> Mapping[str, Callable[[Any], Answer]]:
        # moto does not have these operations.
        page = pages.page(0, 1, self._video_version, observation_count=1)
        return {
            "rekognition.StartPersonTracking": lambda _: Answer(b'{"JobId":"job"}'),
            "rekognition.GetPersonTracking": lambda _: Answer(page),
        }

    def finished_job(self, page_count: int) -> str:
        """Starts a job, ends it with a result of so many pages, and returns its JobId."""
        from people_pathing.service.handlers import api, finish

        start = url_event("StartPersonTracking", self._start_parameters())
        job_id: str = self._reply(lambda: api.handler(start, CONTEXT))["JobId"]
        self._store_result(job_id, page_count * pages.PAGE_SIZE, faces=0)
        quietly(lambda: finish.publish({"job_id": job_id, "status": "SUCCEEDED"}, CONTEXT))
        return job_id

    def scenarios(self) -> Iterator[tuple[str, Handler]]:
        """Yields the handlers in an order in which each finds what the ones before it have stored."""
        from people_pathing.pipeline.handlers import collect_results, reconcile_jobs, start_tracking
        from people_pathing.service.handlers import api, finish, sweep

        upload, notice = self._upload(), self._notice()
        yield "StartTracking, one video", lambda: start_tracking.handler(upload, CONTEXT)
        yield "StartTracking, repeated event", lambda: start_tracking.handler(upload, CONTEXT)
        yield "ReconcileJobs, nothing to do", lambda: reconcile_jobs.handler({}, CONTEXT)
        yield "CollectResults, one observation", lambda: collect_results.handler(notice, CONTEXT)
        yield "CollectResults, repeated notice", lambda: collect_results.handler(notice, CONTEXT)
        start = url_event("StartPersonTracking", self._start_parameters())
        yield "TrackingApi, start", lambda: api.handler(start, CONTEXT)
        yield "TrackingApi, repeated start", lambda: api.handler(start, CONTEXT)
        job_id = self._reply(lambda: api.handler(start, CONTEXT))["JobId"]
        parameters = {"JobId": job_id, "MaxResults": 1000, "SortBy": "INDEX"}
        get = url_event("GetPersonTracking", parameters)
        yield "TrackingApi, running job", lambda: api.handler(get, CONTEXT)
        yield "SweepJobs, one running job", lambda: sweep.handler({}, CONTEXT)
        self._store_result(job_id, PAGES * pages.PAGE_SIZE, faces=0)
        end = {"job_id": job_id, "status": "SUCCEEDED"}
        yield "PublishCompletion", lambda: finish.publish(end, CONTEXT)
        yield "SweepJobs, nothing to do", lambda: sweep.handler({}, CONTEXT)
        yield "TrackingApi, first page", lambda: api.handler(get, CONTEXT)
        token = self._reply(lambda: api.handler(get, CONTEXT))["NextToken"]
        get_next = url_event("GetPersonTracking", parameters | {"NextToken": token})
        yield "TrackingApi, next page", lambda: _out_of_turn(api.handler, get_next)
        yield "TrackingApi, next page of another video", lambda: _with_new_numbers(api.handler, get_next)
        self._store_result(job_id, pages.PAGE_SIZE, faces=pages.PAGE_SIZE)
        yield "TrackingApi, a page with faces", lambda: api.handler(get, CONTEXT)

    def _upload(self) -> dict[str, Any]:
        event: dict[str, Any] = json.loads((EVENTS / "s3-put.json").read_text())
        event["Records"][0]["s3"]["bucket"]["name"] = "videos"
        event["Records"][0]["s3"]["object"] |= {"key": VIDEO_NAME, "versionId": self._video_version}
        return event

    def _notice(self) -> dict[str, Any]:
        from people_pathing.pipeline.video import Video

        event: dict[str, Any] = json.loads((EVENTS / "sns-succeeded.json").read_text())
        sns = event["Records"][0]["Sns"]
        video_id = Video("videos", VIDEO_NAME, self._video_version, self._video_version).video_id
        message = {"JobId": "job", "JobTag": video_id}
        sns["Message"] = json.dumps(json.loads(sns["Message"]) | message)
        return event

    def _start_parameters(self) -> dict[str, Any]:
        return {
            "Video": {"S3Object": {"Bucket": "videos", "Name": VIDEO_NAME}},
            "NotificationChannel": {"SNSTopicArn": TOPIC_ARN, "RoleArn": ROLE_ARN},
            "ClientRequestToken": "token",
        }

    def _store_result(self, job_id: str, count: int, faces: int) -> None:
        """Stores a result with so many observations. The first `faces` of them have faces."""
        import numpy as np

        from people_pathing.service.artifacts import observations_key
        from people_pathing.service.job_store import JobStore
        from people_pathing.service.result_pages.from_tracks import FACE, PERSON, Observations, blocks
        from people_pathing.service.result_pages.layout import Header

        RecordedSession.recording = None
        job = JobStore(boto3.Session().client("dynamodb"), ENVIRONMENT["JOB_STORE_TABLE"]).get(job_id)
        assert job is not None
        persons = np.zeros(count, PERSON)
        persons["timestamp_ms"] = np.arange(len(persons)) * pages.FRAME_MS
        persons["box"] = np.concatenate([pages.path(number) for number in range(count // pages.PAGE_SIZE)])
        header = Header(
            job_id=job_id,
            account=ACCOUNT,
            secret=job.job.secret,
            ended_ms=int(time.time() * 1000),
            observation_count=len(persons),
            video=job.job.video.as_requested(),
            job_tag=None,
            metadata=pages.METADATA,
        )
        described = pages.faces(persons["box"][:faces]) if faces else np.zeros(0, FACE)
        observations = Observations(persons, np.arange(faces), described)
        body = b"".join(blocks(header, observations))
        boto3.Session().client("s3").put_object(Bucket="artifacts", Key=observations_key(job_id), Body=body)


def _out_of_turn(handler: Callable[[Any, Any], object], event: Any) -> object:
    """Handles a page of a result that the process has not read lately."""
    from people_pathing.service.composition.api import compose_operations

    get: Any = compose_operations()["GetPersonTracking"]
    get._reads._sequences.clear()
    return handler(event, CONTEXT)


def _with_new_numbers(handler: Callable[[Any, Any], object], event: Any) -> object:
    """Handles a page whose numbers the process has not written before."""
    from people_pathing.service.result_pages import person

    person._number.cache_clear()
    return _out_of_turn(handler, event)


def url_event(operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Returns a request as a Function URL with AuthType AWS_IAM passes it on."""
    iam = {"accountId": ACCOUNT, "userArn": f"arn:aws:iam::{ACCOUNT}:user/benchmark"}
    return {
        "version": "2.0",
        "rawPath": "/",
        "headers": {
            "content-type": "application/x-amz-json-1.1",
            "x-amz-target": f"RekognitionService.{operation}",
        },
        "requestContext": {"http": {"method": "POST", "path": "/"}, "authorizer": {"iam": iam}},
        "body": json.dumps(parameters),
        "isBase64Encoded": False,
    }


def drop_logs() -> None:
    """Makes the functions write their logs into memory, so that they still cost their time."""
    from people_pathing.pipeline import observability as pipeline
    from people_pathing.service import observability as service

    for logger in (pipeline.logger, service.logger):
        output: Any = logger.registered_handler
        output.setStream(io.StringIO())


def quietly(handler: Handler) -> Any:
    """Runs a handler and drops the metrics that it prints."""
    with contextlib.redirect_stdout(io.StringIO()):
        return handler()
