"""The scheduled smoke test in a stack that calls an existing service instead of its own."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from devstack.stack import LocalStack
from people_pathing.cli.deployed_stack import DeployedStack
from people_pathing.common.smoke_clips import SCHEDULED_PREFIX
from tests.stack.test_existing_service import JOB_ID, ExistingService, service
from tests.stack.test_scheduled_smoke_test import failure, left_keys

__all__ = ["service"]

pytestmark = [pytest.mark.stack, pytest.mark.local_only("needs a service that reports what the test wants")]


def test_the_test_asks_the_existing_service_and_compares_what_it_reports(service: ExistingService) -> None:
    endpoint_url = f"http://127.0.0.1:{service.server_port}"
    parameters = {"RekognitionEndpointUrl": endpoint_url, "SmokeTestHours": "24"}
    with LocalStack(parameters=parameters) as stack, ThreadPoolExecutor() as executor:
        pipeline = DeployedStack.of(stack.outputs, stack.client("s3"), stack.client("dynamodb"))
        running = executor.submit(failure, stack)
        publish_notice(stack, pipeline)
        reason = running.result(timeout=300)

        # The service reports one person for every video.
        assert reason == "people: the clip shows 2 people, and 1 were found"
        assert left_keys(pipeline) == set()
    [(_, authorization, started)] = [each for each in service.requests if each[0] == "StartPersonTracking"]
    assert started["Video"]["S3Object"]["Name"].startswith(SCHEDULED_PREFIX)
    assert "/rekognition/aws4_request" in authorization


def publish_notice(stack: LocalStack, pipeline: DeployedStack) -> None:
    """Waits until the job of the clip is started, and publishes its completion notice."""
    deadline_s = time.monotonic() + 120
    while not (records := list(pipeline.job_table.find(pipeline.video_bucket))) or records[0].job_id is None:
        assert time.monotonic() < deadline_s, records
        time.sleep(0.2)
    notice = {
        "JobId": JOB_ID,
        "Status": "SUCCEEDED",
        "API": "StartPersonTracking",
        "JobTag": records[0].video_id,
        "Timestamp": int(time.time() * 1000),
        "Video": {"S3ObjectName": records[0].key, "S3Bucket": records[0].bucket},
    }
    stack.client("sns").publish(TopicArn=stack.outputs["CompletionTopicArn"], Message=json.dumps(notice))
