"""A small account: a bucket of videos, the private bucket, a role, a topic and a state machine."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from moto import mock_aws

from people_pathing.service.composition.api import compose_operations
from people_pathing.service.composition.finish import compose_finish
from people_pathing.service.composition.sweep import compose_sweep
from people_pathing.service.composition.worker import (
    compose_models,
    compose_worker,
)
from people_pathing.service.observability import logger
from tests.unit.service.world import (
    ACCOUNT,
    ARTIFACT_BUCKET,
    REGION,
    VIDEO_BUCKET,
    World,
    make_job_store,
    put_video,
)

if TYPE_CHECKING:
    from types_boto3_stepfunctions.client import SFNClient


@pytest.fixture(scope="session")
def session() -> boto3.Session:
    """One session for all tests: reading the models of AWS's services takes longer than most tests."""
    return boto3.Session(aws_access_key_id="testing", aws_secret_access_key="testing", region_name=REGION)


@pytest.fixture(autouse=True)
def aws() -> Iterator[None]:
    """Keeps every test of the service away from the network."""
    with mock_aws():
        yield


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch, session: boto3.Session) -> World:
    """The account, with one video in it. Every handler uses it, with clients of its own."""
    made = _make_world(session)
    for key, value in made.environment.items():
        monkeypatch.setenv(key, value)
    monkeypatch.setattr(boto3, "Session", lambda: session)
    clear_compositions()
    return made


@pytest.fixture
def log_lines(monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[dict[str, Any]]]:
    """Returns a function that parses everything that was logged since the beginning of the test."""
    printed = io.StringIO()
    monkeypatch.setattr(logger.registered_handler, "stream", printed)
    return lambda: [json.loads(line) for line in printed.getvalue().splitlines()]


def clear_compositions() -> None:
    """Makes the handlers read their settings again."""
    for compose in (
        compose_operations,
        compose_worker,
        compose_finish,
        compose_sweep,
        compose_models,
    ):
        compose.cache_clear()


def _make_world(session: boto3.Session) -> World:
    s3 = session.client("s3")
    s3.create_bucket(Bucket=ARTIFACT_BUCKET)
    s3.create_bucket(Bucket=VIDEO_BUCKET)
    s3.put_bucket_versioning(Bucket=VIDEO_BUCKET, VersioningConfiguration={"Status": "Enabled"})
    put_video(s3)
    make_job_store(session.client("dynamodb"))
    role_arn = session.client("iam").create_role(RoleName="Completion", AssumeRolePolicyDocument=_trust())[
        "Role"
    ]["Arn"]
    topic_arn = session.client("sns").create_topic(Name="AmazonRekognitionCompletion")["TopicArn"]
    states: SFNClient = session.client("stepfunctions")
    machine = states.create_state_machine(
        name="TrackPeople",
        definition=json.dumps({"StartAt": "End", "States": {"End": {"Type": "Succeed"}}}),
        roleArn=role_arn,
    )
    return World(session, machine["stateMachineArn"], topic_arn, role_arn)


def _trust() -> str:
    statement: dict[str, Any] = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
        "Action": "sts:AssumeRole",
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
