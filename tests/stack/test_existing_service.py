"""Deploys the template without its own service, for an endpoint that already serves the two operations."""

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from devstack.stack import LocalStack
from people_pathing.cli.deployed_stack import DeployedStack
from tests.stack.jobs import read_observations, wait_for_job

pytestmark = [pytest.mark.stack, pytest.mark.local_only("deploys a stack of its own")]

JOB_ID = "0123456789abcdef" * 4
PERSON = {
    "Timestamp": 100,
    "Person": {"Index": 0, "BoundingBox": {"Left": 0.25, "Top": 0.25, "Width": 0.125, "Height": 0.5}},
}
METADATA = {
    "Codec": "h264",
    "DurationMillis": 200,
    "Format": "QuickTime / MOV",
    "FrameRate": 10.0,
    "FrameHeight": 480,
    "FrameWidth": 640,
}


class ExistingService(ThreadingHTTPServer):
    """Accepts every job, and reports one person as its result."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _ExistingServiceHandler)
        self.requests: list[tuple[str, str, Any]] = []


class _ExistingServiceHandler(BaseHTTPRequestHandler):
    server: ExistingService

    def log_message(self, *args: object) -> None:
        pass

    def do_POST(self) -> None:
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        operation = self.headers["X-Amz-Target"].rpartition(".")[2]
        self.server.requests.append((operation, self.headers["Authorization"], request))
        started = self.server.requests[0][2]
        found = {
            "JobStatus": "SUCCEEDED",
            "JobId": JOB_ID,
            "Video": started["Video"],
            "VideoMetadata": METADATA,
            "Persons": [PERSON],
        }
        reply = {"StartPersonTracking": {"JobId": JOB_ID}, "GetPersonTracking": found}[operation]
        body = json.dumps(reply).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/x-amz-json-1.1")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def service() -> Iterator[ExistingService]:
    with ExistingService() as service:
        serving = threading.Thread(target=service.serve_forever, args=(0.05,), daemon=True)
        serving.start()
        yield service
        service.shutdown()
        serving.join()


def test_uploads_are_tracked_by_the_existing_service(
    service: ExistingService, clip: Path, tmp_path: Path
) -> None:
    endpoint_url = f"http://127.0.0.1:{service.server_port}"
    with LocalStack(parameters={"RekognitionEndpointUrl": endpoint_url}) as stack:
        assert stack.outputs["RekognitionEndpointUrl"] == endpoint_url
        assert "TrackPeopleArn" not in stack.outputs
        pipeline = DeployedStack.of(stack.outputs, stack.client("s3"), stack.client("dynamodb"))
        video = pipeline.upload(clip, "street.mp4")
        deadline = time.monotonic() + 60
        while (record := pipeline.record(video)) is None or record.job_id is None:
            assert time.monotonic() < deadline, record
            time.sleep(0.2)
        [(operation, authorization, request)] = service.requests
        assert operation == "StartPersonTracking"
        assert "/rekognition/aws4_request" in authorization

        channel = request["NotificationChannel"]
        assert channel["SNSTopicArn"] == stack.outputs["CompletionTopicArn"]
        notice = {
            "JobId": JOB_ID,
            "Status": "SUCCEEDED",
            "API": "StartPersonTracking",
            "JobTag": request["JobTag"],
            "Timestamp": int(time.time() * 1000),
            "Video": {"S3ObjectName": video.key, "S3Bucket": video.bucket},
        }
        stack.client("sns").publish(TopicArn=channel["SNSTopicArn"], Message=json.dumps(notice))
        record = wait_for_job(pipeline, video)
        assert record.state == "SUCCEEDED", record.reason
        pipeline.fetch_results(record, tmp_path)
    assert read_observations(tmp_path) == [PERSON]
