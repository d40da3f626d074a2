"""Completion notices, and the credentials under which they are published."""

from __future__ import annotations

import json
from typing import Any, cast

from people_pathing.service.job import RESULTS_KEPT_S, NotificationChannel
from people_pathing.service.job_items import StoredJob
from people_pathing.service.notification import CallerRoles, NoticePublisher, completion_notice
from tests.unit.service.fakes import Log, MemorySts
from tests.unit.service.in_memory_service import ROLE, TOPIC
from tests.unit.service.world import REGION, VIDEO_BUCKET, VIDEO_NAME, a_job

CHANNEL = NotificationChannel(TOPIC, ROLE)


def test_a_notice_has_the_members_of_the_retired_service_in_their_order() -> None:
    ended = StoredJob(
        a_job("j", job_tag="tag"), "digest", "FAILED", "why", 7 + RESULTS_KEPT_S, notice_after_s=127
    )

    assert completion_notice(ended) == json.dumps(
        {
            "JobId": "j",
            "Status": "FAILED",
            "API": "StartPersonTracking",
            "JobTag": "tag",
            "Timestamp": 7000,
            "Video": {"S3ObjectName": VIDEO_NAME, "S3Bucket": VIDEO_BUCKET},
            "Message": "why",
        }
    )


def test_the_credentials_allow_publishing_to_the_topic_and_using_its_key_through_sns_only() -> None:
    sts = MemorySts(Log(), REGION)

    CallerRoles(sts.as_client()).credentials(CHANNEL, "session")

    [session] = sts.sessions
    assert (session["RoleArn"], session["RoleSessionName"]) == (ROLE, "session")
    assert session["DurationSeconds"] == 900
    assert json.loads(session["Policy"]) == {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": "sns:Publish", "Resource": TOPIC},
            {
                "Effect": "Allow",
                "Action": ["kms:GenerateDataKey", "kms:Decrypt"],
                "Resource": "*",
                "Condition": {"StringEquals": {"kms:ViaService": "sns.us-east-1.amazonaws.com"}},
            },
        ],
    }


class _Sns:
    """Records what is published and the credentials of the client."""

    def __init__(self) -> None:
        self.credentials: Any = None
        self.published: list[dict[str, str]] = []

    def client(self, credentials: Any) -> Any:
        self.credentials = credentials
        return cast(Any, self)

    def publish(self, **arguments: str) -> None:
        self.published.append(arguments)


def test_a_notice_is_published_with_the_credentials_of_the_callers_role() -> None:
    sns, sts = _Sns(), MemorySts(Log(), REGION)

    NoticePublisher(CallerRoles(sts.as_client()), sns.client).publish(CHANNEL, "job", "notice")

    assert sns.credentials == {"AccessKeyId": "A", "SecretAccessKey": "S", "SessionToken": "T"}
    assert sns.published == [{"TopicArn": TOPIC, "Message": "notice"}]
    assert [session["RoleSessionName"] for session in sts.sessions] == ["job"]
