"""Telling a job's end: the notice the retired service published, under the role the caller named."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from people_pathing.service.artifacts import error_code
from people_pathing.service.job import API_NAME, Job, NoticeStatus, NotificationChannel
from people_pathing.service.protocol.errors import (
    AccessDeniedException,
    InvalidParameterException,
    ThrottlingException,
)

if TYPE_CHECKING:
    from types_boto3_sts.client import STSClient
    from types_boto3_sts.type_defs import CredentialsTypeDef

ROLE_SESSION_S = 900
"""The shortest that can be asked for."""


def notice(job: Job, status: NoticeStatus, message: str | None, at_ms: int) -> dict[str, Any]:
    """The notice of a job's end, its members exactly those of the retired service."""
    return {
        "JobId": job.job_id,
        "Status": status,
        "API": API_NAME,
        **({} if job.job_tag is None else {"JobTag": job.job_tag}),
        "Timestamp": at_ms,
        "Video": {"S3ObjectName": job.video.name, "S3Bucket": job.video.bucket},
        **({} if message is None else {"Message": message}),
    }


class CallerRoles:
    """The roles callers lend the service, so that it publishes with their rights and not with its own."""

    def __init__(self, sts: STSClient) -> None:
        self._sts = sts

    def check(self, channel: NotificationChannel) -> None:
        """Assume the channel's role as publishing will.

        Whether the role may publish to the topic shows only when it does.

        Raises AccessDeniedException, InvalidParameterException, ThrottlingException.
        """
        region = self._sts.meta.region_name
        if channel.topic_arn.split(":")[3] != region:
            raise InvalidParameterException(f"The topic {channel.topic_arn} must lie in {region}")
        try:
            self.credentials(channel, "check")
        except ClientError as error:
            if "Throttl" in error_code(error):
                raise ThrottlingException("Too many roles are assumed at this moment; try again") from error
            if error.response["ResponseMetadata"]["HTTPStatusCode"] != 403:
                raise
            raise AccessDeniedException(
                f"The role {channel.role_arn} cannot be assumed; does its trust policy name this service?"
            ) from error

    def credentials(self, channel: NotificationChannel, session_name: str) -> CredentialsTypeDef:
        """What publishing to the channel's topic needs, and no more even where the role may do more."""
        publish = {"Effect": "Allow", "Action": "sns:Publish", "Resource": channel.topic_arn}
        # SNS asks for an encrypted topic's key in the publisher's name.
        use_its_key = {
            "Effect": "Allow",
            "Action": ["kms:GenerateDataKey", "kms:Decrypt"],
            "Resource": "*",
            "Condition": {
                "StringEquals": {"kms:ViaService": f"sns.{self._sts.meta.region_name}.amazonaws.com"}
            },
        }
        policy = {"Version": "2012-10-17", "Statement": [publish, use_its_key]}
        return self._sts.assume_role(
            RoleArn=channel.role_arn,
            RoleSessionName=session_name,
            DurationSeconds=ROLE_SESSION_S,
            Policy=json.dumps(policy),
        )["Credentials"]
