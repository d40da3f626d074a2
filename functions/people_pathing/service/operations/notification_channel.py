"""Reads NotificationChannel: the topic and the role, as SNS and IAM name them.

The patterns of the API's model accept much that cannot be a topic or a role. Sources: "CreateTopic" in the
Amazon SNS API Reference, and "IAM and AWS STS quotas" in the IAM User Guide.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from people_pathing.service.job import NotificationChannel
from people_pathing.service.protocol.api_model import shown
from people_pathing.service.protocol.errors import InvalidParameterException

_ARN_PREFIX = re.compile(r"arn:aws:sns:[a-z0-9-]+:[0-9]{12}:")
_TOPIC_NAME = re.compile(r"[A-Za-z0-9_-]{1,256}")
_ROLE_ARN = re.compile(r"arn:aws:iam::[0-9]{12}:role/(?:[\w+=,.@/-]{1,510}/)?[\w+=,.@-]{1,64}", re.ASCII)


def read_channel(members: Mapping[str, Any], region: str) -> NotificationChannel:
    """Returns the channel of a request.

    Args:
        members: the structure NotificationChannel, which obeys the model.
        region: the region of the service.

    Raises:
        InvalidParameterException: there can be no such topic or role, or the topic cannot receive the notice:
            it is a FIFO topic, or in another region.
    """
    topic_arn: str = members["SNSTopicArn"]
    role_arn: str = members["RoleArn"]
    if problem := _topic_problem(topic_arn, region):
        raise InvalidParameterException.of(
            f"SNSTopicArn {shown(topic_arn)} {problem}; name a standard topic, "
            f"arn:aws:sns:{region}:ACCOUNT:NAME, whose name has 1 to 256 letters, digits, '-' or '_'"
        )
    if not _ROLE_ARN.fullmatch(role_arn):
        raise InvalidParameterException.of(
            f"RoleArn {shown(role_arn)} names no role; a role is arn:aws:iam::ACCOUNT:role/NAME, "
            "or arn:aws:iam::ACCOUNT:role/PATH/NAME"
        )
    return NotificationChannel(topic_arn, role_arn)


def _topic_problem(arn: str, region: str) -> str | None:
    prefix = _ARN_PREFIX.match(arn)
    if prefix is None:
        return "is not the ARN of a topic"
    name = arn[prefix.end() :]
    if name.endswith(".fifo") and _TOPIC_NAME.fullmatch(name.removesuffix(".fifo")):
        return "is a FIFO topic, which completion notices cannot be published to"
    if not _TOPIC_NAME.fullmatch(name):
        return "has a name that no topic can have"
    if arn.split(":")[3] != region:
        return f"must be in {region}, the region of the service"
    return None
