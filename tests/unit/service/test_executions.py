from __future__ import annotations

import boto3
import pytest
from botocore.stub import Stubber

from people_pathing.service.executions import Executions

MACHINE = "arn:aws:states:us-east-1:123456789012:stateMachine:TrackPeople"
EXECUTION = "arn:aws:states:us-east-1:123456789012:execution:TrackPeople:a-job"


@pytest.mark.parametrize("given", [f"{MACHINE}:live", MACHINE], ids=["alias", "state machine"])
def test_jobs_start_through_what_is_given_and_are_found_by_the_state_machine(given: str) -> None:
    """Executions that another version runs, or that no alias started, must be found, too."""
    client = boto3.client("stepfunctions", region_name="us-east-1")
    started = {"executionArn": EXECUTION, "startDate": 0}
    with Stubber(client) as stub:
        stub.add_response(
            "start_execution",
            started,
            {"stateMachineArn": given, "name": "a-job", "input": '{"job_id": "a-job"}'},
        )
        stub.add_response(
            "list_executions",
            {
                "executions": [
                    {**started, "stateMachineArn": MACHINE, "name": "a-job", "status": "RUNNING"},
                ]
            },
            {"stateMachineArn": MACHINE, "statusFilter": "RUNNING"},
        )
        stub.add_response(
            "describe_execution",
            {**started, "stateMachineArn": MACHINE, "status": "SUCCEEDED"},
            {"executionArn": EXECUTION},
        )
        executions = Executions(client, given)

        executions.start("a-job")
        assert executions.running_jobs() == {"a-job"}
        assert executions.status("a-job") == "SUCCEEDED"
