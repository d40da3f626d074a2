"""Clients of real services, in the account of the stack under test, for the tests of the fakes.

The tests name a table, buckets, a state machine and a topic. Each client replaces these names in its requests
by those of resources that were created for this run.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from types import SimpleNamespace
from typing import Any

from tests.aws_beliefs import buckets
from tests.aws_beliefs.function import Role, once_rights_apply
from tests.simulation.both_clients import MACHINE_ARN, TABLE, TOPIC_ARN
from tests.stack_under_test import LOCAL_ACCOUNT, StackUnderTest

# Indexes of DynamoDB follow a change after a moment.
INDEX_DELAY_S = 2
NAMES_IN = ("TableName", "Bucket", "stateMachineArn", "executionArn", "TopicArn")
WAITING = {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 300, "End": True}}}


@contextmanager
def resources(account: StackUnderTest, new_name: Callable[[str], str]) -> Iterator[dict[str, str]]:
    """Creates what the tests need, and yields its names by those in the tests."""
    dynamodb, sns = account.client("dynamodb"), account.client("sns")
    table, plain, versioned = map(new_name, ("table", "plain", "versioned"))
    with ExitStack() as cleanup:
        dynamodb.create_table(TableName=table, **TABLE)
        cleanup.callback(dynamodb.delete_table, TableName=table)
        for bucket in (plain, versioned):
            buckets.create(account, bucket, is_versioned=bucket == versioned)
            cleanup.callback(buckets.delete, account, bucket)
        topic = sns.create_topic(Name=new_name("fakes"))["TopicArn"]
        cleanup.callback(sns.delete_topic, TopicArn=topic)
        nothing = {"Effect": "Deny", "Action": "*", "Resource": "*"}
        role = Role(account, new_name("fakes"), {"Service": "states.amazonaws.com"}, nothing)
        cleanup.callback(role.delete)
        dynamodb.get_waiter("table_exists").wait(TableName=table)
        yield {"table": table, "plain": plain, "versioned": versioned, TOPIC_ARN: topic, "role": role.arn}


@contextmanager
def deployed_clients(
    account: StackUnderTest, names: dict[str, str], machine_name: str
) -> Iterator[SimpleNamespace]:
    """Yields clients of empty resources, and empties them again."""
    states = account.client("stepfunctions")
    # An execution's name can be used once, so each test has a state machine of its own.
    machine: str = once_rights_apply(
        lambda: states.create_state_machine(
            name=machine_name, roleArn=names["role"], definition=json.dumps(WAITING)
        )
    )["stateMachineArn"]
    names = {**names, MACHINE_ARN: machine}
    clients = {
        service: account.client(service) for service in ("dynamodb", "s3", "stepfunctions", "sts", "sns")
    }
    for service, client in clients.items():
        client.meta.events.register(
            f"provide-client-params.{service}", lambda params, **_: replaced(params, names)
        )
    if account.account != LOCAL_ACCOUNT:
        clients["dynamodb"].meta.events.register(
            "before-call.dynamodb.Query", lambda **_: time.sleep(INDEX_DELAY_S)
        )
    yield SimpleNamespace(**clients)
    for page in states.get_paginator("list_executions").paginate(
        stateMachineArn=machine, statusFilter="RUNNING"
    ):
        for execution in page["executions"]:
            states.stop_execution(executionArn=execution["executionArn"])
    states.delete_state_machine(stateMachineArn=machine)
    for bucket in ("plain", "versioned"):
        buckets.empty(account, names[bucket])
    dynamodb = account.client("dynamodb")
    for item in dynamodb.scan(TableName=names["table"], ConsistentRead=True)["Items"]:
        dynamodb.delete_item(TableName=names["table"], Key={"pk": item["pk"]})


def replaced(value: Any, names: dict[str, str], member: str = "") -> Any:
    """Returns the parameters of a request with the names of real resources."""
    if isinstance(value, dict):
        return {key: replaced(each, names, key) for key, each in value.items()}
    if isinstance(value, list):
        return [replaced(each, names, member) for each in value]
    if member not in NAMES_IN or not isinstance(value, str):
        return value
    execution = MACHINE_ARN.replace(":stateMachine:", ":execution:")
    if value.startswith(execution):
        return value.replace(execution, names[MACHINE_ARN].replace(":stateMachine:", ":execution:"))
    if value.startswith(TOPIC_ARN):
        return value.replace(TOPIC_ARN, names[TOPIC_ARN])
    return names.get(value, value)
