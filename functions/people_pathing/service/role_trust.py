"""What a role in NotificationChannel needs: the trust in this service's roles that publish notices."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any


def trust_statement(service_role_arns: Iterable[str]) -> dict[str, Any]:
    """Returns the statement that the role's trust policy needs, as IAM reads it."""
    return {
        "Effect": "Allow",
        "Principal": {"AWS": sorted(service_role_arns)},
        "Action": "sts:AssumeRole",
    }


def denial(role_arn: str, reason: str, service_role_arns: Iterable[str]) -> str:
    """Returns the message for a role that the service may not assume, with the remedy.

    Args:
        role_arn: the role.
        reason: why the service may not assume it, as a sentence without its end.
        service_role_arns: the roles of the service that publish notices.
    """
    statement = json.dumps(trust_statement(service_role_arns))
    return (
        f"This service is not authorized to perform: sts:AssumeRole on resource: {role_arn}. {reason}. "
        f"The role's trust policy needs this statement: {statement}. "
        f"`people-pathing check-role {role_arn}` says what is missing"
    )
