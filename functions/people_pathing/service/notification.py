"""Completion notices: their content, and the caller's role under which they are published."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from people_pathing.common.aws_errors import error_code, http_status
from people_pathing.service.job import API_NAME, NotificationChannel
from people_pathing.service.job_items import StoredJob
from people_pathing.service.protocol.errors import ThrottlingException

if TYPE_CHECKING:
    from types_boto3_sns.client import SNSClient
    from types_boto3_sts.client import STSClient
    from types_boto3_sts.type_defs import CredentialsTypeDef

ROLE_SESSION_S = 900
"""The shortest session that STS grants."""


def completion_notice(stored: StoredJob) -> str:
    """Returns the notice of a job that has ended: JSON with exactly the members of the retired service.

    The text depends only on the stored job, so a notice that is published twice is the same both times.
    """
    job = stored.job
    return json.dumps(
        {
            "JobId": job.job_id,
            "Status": stored.state,
            "API": API_NAME,
            **({} if job.job_tag is None else {"JobTag": job.job_tag}),
            "Timestamp": stored.ended_s * 1000,
            "Video": {"S3ObjectName": job.video.name, "S3Bucket": job.video.bucket},
            **({} if stored.message is None else {"Message": stored.message}),
        }
    )


class CallerRoles:
    """The roles that callers name in NotificationChannel.

    The service publishes under the caller's role and not under its own. A caller therefore cannot make the
    service publish to a topic that the caller's own role does not allow.
    """

    def __init__(self, sts: STSClient) -> None:
        self._sts = sts

    @property
    def region(self) -> str:
        """Returns the region of the service. Topics must be in it."""
        return self._sts.meta.region_name

    def is_assumable(self, channel: NotificationChannel) -> bool:
        """Assumes the channel's role, as publishing will do later, and returns whether that worked.

        This does not show whether the role may publish to the topic: AWS offers no way to ask in advance.

        Raises:
            ThrottlingException: STS is busy.
        """
        try:
            self.credentials(channel, "check")
        except ClientError as error:
            if "Throttl" in error_code(error):
                raise ThrottlingException.of("Too many roles are being assumed; try again") from error
            if http_status(error) != 403:
                raise
            return False
        return True

    def credentials(self, channel: NotificationChannel, session_name: str) -> CredentialsTypeDef:
        """Returns credentials that may publish to the channel's topic and do nothing else.

        Args:
            channel: the topic and the role to assume.
            session_name: the name of the role session, which CloudTrail shows.
        """
        publish = {"Effect": "Allow", "Action": "sns:Publish", "Resource": channel.topic_arn}
        # To encrypt a message, SNS uses the topic's KMS key with the publisher's rights.
        use_topic_key = {
            "Effect": "Allow",
            "Action": ["kms:GenerateDataKey", "kms:Decrypt"],
            "Resource": "*",
            "Condition": {"StringEquals": {"kms:ViaService": f"sns.{self.region}.amazonaws.com"}},
        }
        policy = {"Version": "2012-10-17", "Statement": [publish, use_topic_key]}
        return self._sts.assume_role(
            RoleArn=channel.role_arn,
            RoleSessionName=session_name,
            DurationSeconds=ROLE_SESSION_S,
            Policy=json.dumps(policy),
        )["Credentials"]


class NoticePublisher:
    """Publishes completion notices under the caller's role.

    Args:
        roles: assumes the caller's role.
        sns_client: returns an SNS client that uses the role's credentials until the next call of this.
    """

    def __init__(self, roles: CallerRoles, sns_client: Callable[[CredentialsTypeDef], SNSClient]) -> None:
        self._roles = roles
        self._sns_client = sns_client

    def publish(self, channel: NotificationChannel, job_id: str, notice: str) -> None:
        """Publishes a notice. Raises ClientError if the role or the topic rejects it."""
        credentials = self._roles.credentials(channel, job_id)
        self._sns_client(credentials).publish(TopicArn=channel.topic_arn, Message=notice)
