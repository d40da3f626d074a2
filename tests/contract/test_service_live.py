"""Many concurrent callers of the deployed service."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from devstack.stack import LocalStack, rekognition_client
from tests.clients.scenario_stack import ScenarioStack

pytestmark = pytest.mark.stack


@pytest.fixture(scope="module")
def scenario_stack(stack: LocalStack) -> ScenarioStack:
    return ScenarioStack(stack)


def test_fifty_concurrent_identical_calls_are_one_job_with_one_execution_and_one_notice(
    stack: LocalStack, scenario_stack: ScenarioStack
) -> None:
    names = scenario_stack.names
    rekognition = rekognition_client(stack)
    tag = f"{time.time_ns()}:1/a=b"

    def start(_: int) -> str:
        job_id: str = rekognition.start_person_tracking(
            Video={"S3Object": {"Bucket": names["bucket"], "Name": names["text"]}},
            NotificationChannel={"SNSTopicArn": names["topic"], "RoleArn": names["role"]},
            ClientRequestToken=tag.partition(":")[0],
            JobTag=tag,
        )["JobId"]
        return job_id

    with ThreadPoolExecutor(50) as pool:
        job_ids = set(pool.map(start, range(50)))

    assert len(job_ids) == 1
    executions = stack.client("stepfunctions").list_executions(
        stateMachineArn=stack.outputs["TrackPeopleArn"]
    )
    assert [run["name"] for run in executions["executions"] if run["name"] in job_ids] == [*job_ids]
    assert [notice["JobTag"] for notice in scenario_stack.notices(2, timeout_s=8)] == [tag]
