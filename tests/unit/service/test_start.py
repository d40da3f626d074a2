"""StartPersonTracking: through the handler over moto, and over AWS in memory."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from botocore.exceptions import ClientError

from people_pathing.service.job import RESULTS_KEPT_S, NotificationChannel
from people_pathing.service.operations.notification_channel import read_channel
from people_pathing.service.protocol.errors import (
    AccessDeniedException,
    InvalidParameterException,
    ThrottlingException,
)
from tests.unit.service.in_memory_service import CHANNEL, ROLE, SERVICE_ROLES, Service
from tests.unit.service.world import ACCOUNT, VIDEO, VIDEO_BUCKET, VIDEO_NAME, World, call, put_video


def test_a_stored_video_gets_a_job_with_an_execution_of_the_same_name(world: World) -> None:
    answer = call(
        "StartPersonTracking", {"Video": VIDEO, "JobTag": "a:b/c", "NotificationChannel": world.channel}
    )

    assert answer.status_code == 200, answer
    job = world.job(answer.body["JobId"])
    assert world.executions() == [job.job_id]
    assert job.job_tag == "a:b/c"
    assert job.channel == NotificationChannel(world.topic_arn, world.role_arn)


def test_job_ids_are_64_hexadecimal_characters(world: World) -> None:
    job_ids = {world.start() for _ in range(5)}

    assert len(job_ids) == 5
    assert all(re.fullmatch("[0-9a-f]{64}", job_id) for job_id in job_ids)


def test_half_of_a_job_id_is_random_and_half_is_a_hash_of_the_token() -> None:
    service = Service()
    first = service.start("token")
    service.end(first)
    service.wait(RESULTS_KEPT_S)
    second = service.start("token")
    other = service.start("another token")

    assert first[:32] == second[:32] != other[:32]
    assert len({first[32:], second[32:], other[32:]}) == 3


def test_a_job_keeps_the_video_version_of_its_start(world: World) -> None:
    old = world.s3.head_object(Bucket=VIDEO_BUCKET, Key=VIDEO_NAME)
    put_video(world.s3, body=b"a newer one")

    now = world.job(world.start()).video
    asking = world.start(Video={"S3Object": VIDEO["S3Object"] | {"Version": old["VersionId"]}})
    asked = world.job(asking).video

    assert (now.size_bytes, now.requested_version) == (11, None)
    assert now.version not in (None, old["VersionId"])
    answer = call("GetPersonTracking", {"JobId": asking}).body
    assert answer["Video"]["S3Object"]["Version"] == old["VersionId"]
    assert (asked.size_bytes, asked.version, asked.etag) == (9, old["VersionId"], old["ETag"])


@pytest.mark.parametrize(
    ("named", "message"),
    [
        ({"Name": "no-such.mp4"}, "s3://videos/no-such.mp4 cannot be read: it does not exist"),
        ({"Version": "no-such-version"}, r"\(version no-such-version\) cannot be read: it "),
        ({"Bucket": "artifacts"}, "s3://artifacts/.* is in a bucket that this service does not serve"),
        ({"Bucket": "no-such-bucket"}, "OtherVideoBuckets"),
    ],
)
def test_an_unreadable_video_is_an_invalid_s3_object(
    world: World, named: dict[str, Any], message: str
) -> None:
    answer = call("StartPersonTracking", {"Video": {"S3Object": VIDEO["S3Object"] | named}})

    assert answer.error == "InvalidS3ObjectException"
    assert re.search(message, answer.body["Message"])
    assert world.executions() == []


@pytest.mark.parametrize("video", [{}, {"S3Object": {}}, {"S3Object": {"Bucket": VIDEO_BUCKET}}])
def test_a_video_without_bucket_and_name_is_an_invalid_parameter(world: World, video: dict[str, Any]) -> None:
    answer = call("StartPersonTracking", {"Video": video})

    assert answer.error == "InvalidParameterException"
    assert "Video.S3Object.Bucket and Video.S3Object.Name" in answer.body["Message"]


def test_the_role_is_assumed_at_the_start_for_the_named_topic_only() -> None:
    service = Service()

    service.start(NotificationChannel=CHANNEL)

    (session,) = service.sts.sessions
    assert session["RoleArn"] == ROLE
    assert CHANNEL["SNSTopicArn"] in session["Policy"]


def test_a_role_that_cannot_be_assumed_denies_access_and_starts_no_job() -> None:
    service = Service()
    service.sts.error_code = "AccessDenied"

    with pytest.raises(AccessDeniedException, match="does not trust this service") as raised:
        service.start(NotificationChannel=CHANNEL)
    require_remedy(str(raised.value), ROLE)
    assert service.states.statuses == {}


def test_a_role_that_the_stack_does_not_name_is_never_assumed() -> None:
    service = Service()

    role = "arn:aws:iam::123456789012:role/Admin"
    with pytest.raises(AccessDeniedException, match="parameter OtherNotificationRoleArns") as raised:
        service.start(NotificationChannel=CHANNEL | {"RoleArn": role})
    require_remedy(str(raised.value), role)
    assert service.sts.sessions == []


def require_remedy(message: str, role_arn: str) -> None:
    """Asserts that a message has the exact statement that the role's trust policy needs."""
    statement = {"Effect": "Allow", "Principal": {"AWS": sorted(SERVICE_ROLES)}, "Action": "sts:AssumeRole"}
    assert f"not authorized to perform: sts:AssumeRole on resource: {role_arn}." in message
    assert json.dumps(statement) in message
    assert f"`people-pathing check-role {role_arn}`" in message


def test_a_topic_in_another_region_is_rejected_at_the_start() -> None:
    service = Service()

    with pytest.raises(InvalidParameterException, match="must be in us-east-1"):
        service.start(NotificationChannel=CHANNEL | {"SNSTopicArn": "arn:aws:sns:eu-west-1:123456789012:t"})


@pytest.mark.parametrize(
    ("arn", "reason"),
    [
        (f"arn:aws:sns:us-east-1:{ACCOUNT}:" + "t" * 2000, "has a name that no topic can have"),
        (f"arn:aws:sns:us-east-1:{ACCOUNT}:" + "t" * 257, "has a name that no topic can have"),
        (f"arn:aws:sns:us-east-1:{ACCOUNT}:topic:*", "has a name that no topic can have"),
        (f"arn:aws:sns:us-east-1:{ACCOUNT}:*", "has a name that no topic can have"),
        (f"arn:aws:sns:us-east-1:{ACCOUNT}:topic:0-1-2-3", "has a name that no topic can have"),
        (f"arn:aws:sns:us-east-1:{ACCOUNT}:to\x00pic", "has a name that no topic can have"),
        (f"arn:aws:sns:us-east-1:{ACCOUNT}:${{aws:username}}", "has a name that no topic can have"),
        (f"arn:aws:sns:us-east-1:{ACCOUNT}:täglich", "has a name that no topic can have"),
        (f"arn:aws:sns:us-east-1:{ACCOUNT}:topic\n", "must satisfy regular expression pattern"),
        (f"arn:aws:sns:us-east-1:{ACCOUNT}:topic.fifo", "is a FIFO topic"),
        (f"arn:aws:sns:us-east-1:{ACCOUNT}:.fifo", "has a name that no topic can have"),
        ("arn:aws:sns:us-east-1:abcdefabcdef:topic", "is not the ARN of a topic"),
        (f"arn:aws:sns:*:{ACCOUNT}:topic", "is not the ARN of a topic"),
        (f"arn:aws:sns:us-east-1:{ACCOUNT}:a:{ACCOUNT}:topic", "has a name that no topic can have"),
        ("", "must satisfy regular expression pattern"),
    ],
)
def test_a_topic_that_cannot_exist_or_take_a_notice_is_an_invalid_parameter(
    world: World, arn: str, reason: str
) -> None:
    channel = {"SNSTopicArn": arn, "RoleArn": world.role_arn}

    answer = call("StartPersonTracking", {"Video": VIDEO, "NotificationChannel": channel})

    assert (answer.status_code, answer.error) == (400, "InvalidParameterException")
    assert reason.lower() in answer.body["Message"].lower()
    assert len(answer.body["Message"]) < 500
    assert world.executions() == []


@pytest.mark.parametrize(
    "arn",
    [
        f"arn:aws:iam::{ACCOUNT}:roleCompletion",
        f"arn:aws:iam::{ACCOUNT}:role/",
        f"arn:aws:iam::{ACCOUNT}:role/path/",
        f"arn:aws:iam::{ACCOUNT}:role/" + "r" * 65,
        f"arn:aws:iam::{ACCOUNT}:role/" + "p" * 511 + "/r",
    ],
)
def test_a_role_that_cannot_exist_is_an_invalid_parameter(world: World, arn: str) -> None:
    channel = {"SNSTopicArn": world.topic_arn, "RoleArn": arn}

    answer = call("StartPersonTracking", {"Video": VIDEO, "NotificationChannel": channel})

    assert answer.error == "InvalidParameterException"
    assert "names no role" in answer.body["Message"]


def test_a_topic_of_256_characters_and_a_role_with_a_path_are_accepted() -> None:
    topic, role = f"arn:aws:sns:us-east-1:{ACCOUNT}:" + "t" * 256, f"arn:aws:iam::{ACCOUNT}:role/a/b/c"

    assert read_channel({"SNSTopicArn": topic, "RoleArn": role}, "us-east-1") == NotificationChannel(
        topic, role
    )


def test_a_failure_of_sts_is_not_reported_as_the_callers_fault() -> None:
    service = Service()
    service.sts.error_code, service.sts.error_status = "InternalFailure", 500

    with pytest.raises(ClientError):
        service.start(NotificationChannel=CHANNEL)
    assert service.states.statuses == {}


def test_a_busy_sts_is_reported_as_throttling() -> None:
    service = Service()
    service.sts.error_code = "Throttling"

    with pytest.raises(ThrottlingException):
        service.start(NotificationChannel=CHANNEL)
