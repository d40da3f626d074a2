"""Clients of all services, as fakes and as moto, for the tests that both have to pass."""

from __future__ import annotations

import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.simulation.fakes.bucket import Bucket
from tests.simulation.fakes.channels import Channels, Sns, Sts
from tests.simulation.fakes.dynamodb import Dynamodb
from tests.simulation.fakes.s3 import S3
from tests.simulation.fakes.stepfunctions import Executions, Stepfunctions
from tests.simulation.fakes.table import Index, Table
from tests.simulation.tape import Tape
from tests.simulation.world import START_S, Process

ACCOUNT = "123456789012"
REGION = "us-east-1"
MACHINE_ARN = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:Machine"
ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/publisher"
TOPIC_ARN = f"arn:aws:sns:{REGION}:{ACCOUNT}:topic"
TABLE: Any = {
    "BillingMode": "PAY_PER_REQUEST",
    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
    "AttributeDefinitions": [
        {"AttributeName": "pk", "AttributeType": "S"},
        {"AttributeName": "state", "AttributeType": "S"},
        {"AttributeName": "due", "AttributeType": "N"},
    ],
    "GlobalSecondaryIndexes": [
        {
            "IndexName": "state-due",
            "KeySchema": [
                {"AttributeName": "state", "KeyType": "HASH"},
                {"AttributeName": "due", "KeyType": "RANGE"},
            ],
            "Projection": {"ProjectionType": "ALL"},
        }
    ],
}


class QuietNetwork:
    """Carries every call at once, without faults."""

    def __init__(self) -> None:
        self.world = SimpleNamespace(
            now_s=START_S, tape=Tape(recorded=()), current=lambda: Process("Test"), process=None
        )

    def call(self, _service: str, _operation: str, _subject: str, effect: Callable[[], Any], **_: Any) -> Any:
        self.world.now_s += 1
        return effect()


def fakes() -> SimpleNamespace:
    network: Any = QuietNetwork()
    tables = {"table": Table("pk", {"state-due": Index("state", "due")})}
    channels = Channels(lambda _topic, _message: None, {ROLE_ARN}, {TOPIC_ARN})
    executions = Executions(lambda _execution, _starter: None)
    return SimpleNamespace(
        dynamodb=Dynamodb(network, tables),
        s3=S3(network, {"plain": Bucket(), "versioned": Bucket(is_versioned=True)}),
        stepfunctions=Stepfunctions(network, executions),
        sts=Sts(network, channels),
        sns=Sns(network, channels, ROLE_ARN),
    )


def motos() -> SimpleNamespace:
    clients = SimpleNamespace(
        **{
            name: boto3.client(name, region_name=REGION)
            for name in ("dynamodb", "s3", "stepfunctions", "sts", "sns")
        }
    )
    clients.dynamodb.create_table(TableName="table", **TABLE)
    clients.s3.create_bucket(Bucket="plain")
    clients.s3.create_bucket(Bucket="versioned")
    clients.s3.put_bucket_versioning(Bucket="versioned", VersioningConfiguration={"Status": "Enabled"})
    definition = {"StartAt": "End", "States": {"End": {"Type": "Succeed"}}}
    clients.stepfunctions.create_state_machine(
        name="Machine", roleArn=ROLE_ARN, definition=json.dumps(definition)
    )
    clients.sns.create_topic(Name="topic")
    return clients


def error_of(call: Callable[..., object], **arguments: Any) -> Any:
    """Returns the response of the error that a call raises."""
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    return caught.value.response


def code_of(call: Callable[..., object], **arguments: Any) -> str:
    """Returns the code of the error that a call raises."""
    return str(error_of(call, **arguments)["Error"]["Code"])
