"""An account whose clients give prepared replies, which botocore checks against its own model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import boto3
from botocore.credentials import Credentials
from botocore.stub import Stubber

from people_pathing.cli.doctor.subjects import Account, Resource, Stack

ACCOUNT_ID = "123456789012"
REGION = "eu-west-1"
URL = "https://abc.lambda-url.eu-west-1.on.aws/"
CALLER = f"arn:aws:iam::{ACCOUNT_ID}:user/operator"
ROLES = f"arn:aws:iam::{ACCOUNT_ID}:role"
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT_ID}:AmazonRekognition-people"
ALARM_TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT_ID}:people-AlarmTopic"
OUTPUTS = {
    "JobTableName": "jobs",
    "VideoBucketName": "videos",
    "ResultsBucketName": "results",
    "ArtifactBucketName": "artifacts",
    "RekognitionEndpointUrl": URL,
    "CallTrackingPolicyArn": f"arn:aws:iam::{ACCOUNT_ID}:policy/call",
    "CompletionTopicArn": TOPIC,
    "CompletionRoleArn": f"{ROLES}/completion",
    "ServiceRoleArns": f"{ROLES}/api,{ROLES}/publish",
    "AlarmTopicArn": ALARM_TOPIC,
}
PARAMETERS = {
    "MaxConcurrentJobs": "20",
    "MaxConcurrentSegments": "5",
    "OtherNotificationRoleArns": "none",
    "SmokeTestHours": "24",
}
RESOURCES = (
    Resource("StartTracking", "AWS::Lambda::Function", "people-StartTracking"),
    Resource("PlanJob", "AWS::Lambda::Function", "people-PlanJob"),
    Resource("DetectSegment", "AWS::Lambda::Function", "people-DetectSegment"),
    Resource("Tick", "AWS::Events::Rule", "people-Tick"),
    Resource("SmokeTestAlarm", "AWS::CloudWatch::Alarm", "people-SmokeTestAlarm"),
)


class StubbedAws:
    """Creates real clients whose calls are answered in the order in which the replies were given."""

    def __init__(self) -> None:
        self._session: Any = boto3.Session("key", "secret", region_name=REGION)
        self._stubbers: dict[str, Stubber] = {}

    def answer(self, service: str, operation: str, **reply: Any) -> StubbedAws:
        self._stubber(service).add_response(operation, reply)
        return self

    def answer_to(
        self, service: str, operation: str, parameters: Mapping[str, str], **reply: Any
    ) -> StubbedAws:
        """Answers a call that must have these parameters."""
        self._stubber(service).add_response(operation, reply, dict(parameters))
        return self

    def refuse(self, service: str, operation: str, code: str) -> StubbedAws:
        self._stubber(service).add_client_error(operation, code, f"the message of {code}")
        return self

    def client(self, service: str) -> Any:
        return self._stubber(service).client

    def account(self, region: str | None = REGION, partition: str | None = "aws") -> Account:
        return Account(self.client, region, partition, Credentials("key", "secret"))

    def stack(
        self,
        status: str = "CREATE_COMPLETE",
        parameters: Mapping[str, str] = PARAMETERS,
        without: str = "",
    ) -> Stack:
        """Returns a stack.

        Args:
            status: its status.
            parameters: its parameters.
            without: an output that it does not have.
        """
        return Stack(
            account=self.account(),
            name="people",
            status=status,
            outputs={name: value for name, value in OUTPUTS.items() if name != without},
            parameters=parameters,
            resources={resource.logical_id: resource for resource in RESOURCES},
        )

    def assert_all_called(self) -> None:
        for stubber in self._stubbers.values():
            stubber.assert_no_pending_responses()

    def _stubber(self, service: str) -> Stubber:
        if service not in self._stubbers:
            self._stubbers[service] = Stubber(self._session.client(service))
            self._stubbers[service].activate()
        return self._stubbers[service]

    def quota(self, executions: int) -> StubbedAws:
        return self.answer(
            "lambda", "get_account_settings", AccountLimit={"UnreservedConcurrentExecutions": executions}
        )

    def caller(self, arn: str = CALLER) -> StubbedAws:
        return self.answer("sts", "get_caller_identity", Arn=arn)

    def simulation(self, **decisions: str) -> StubbedAws:
        """Answers one simulation. The names of actions have `_` for the colon."""
        results = [
            {"EvalActionName": action.replace("_", ":", 1), "EvalDecision": decision}
            for action, decision in decisions.items()
        ]
        return self.answer("iam", "simulate_principal_policy", EvaluationResults=results)
