"""Whether a role's trust policy lets the roles of the service assume it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from people_pathing.cli.role_check.statements import Policy, Statement, as_list, matches, statements_about

_ARN_OPERATORS = {"StringEquals", "StringLike", "ArnEquals", "ArnLike"}


def trust_problem(policy: Policy, role_arn: str) -> str | None:
    """Returns why a trust policy does not let a role assume its own role, or None if it does.

    Args:
        policy: the trust policy.
        role_arn: the role that wants to assume.
    """
    about_role = [
        statement
        for statement in statements_about(policy, "sts:AssumeRole")
        if _names(statement.get("Principal", {}), role_arn)
    ]
    unmet = {number: list(_unmet_keys(statement, role_arn)) for number, statement in enumerate(about_role)}
    for number, statement in enumerate(about_role):
        if statement["Effect"] == "Deny" and not unmet[number]:
            return "a statement denies it"
    allowing = [number for number, statement in enumerate(about_role) if statement["Effect"] == "Allow"]
    if any(not unmet[number] for number in allowing):
        return None
    if allowing:
        keys = sorted({key for number in allowing for key in unmet[number]})
        return f"the statement about it has a condition on {', '.join(keys)}, which is not met"
    return "no statement allows it"


def lost_principals(policy: Policy) -> list[str]:
    """Returns the principals that no longer exist. IAM shows the id of a role or user that was deleted."""
    return [
        name
        for statement in statements_about(policy, "sts:AssumeRole")
        for name in _aws_principals(statement.get("Principal", {}))
        if name.startswith(("AROA", "AIDA"))
    ]


def _names(principal: Any, role_arn: str) -> bool:
    account = role_arn.split(":")[4]
    everyone = {"*", account, f"arn:aws:iam::{account}:root", role_arn}
    return principal == "*" or any(name in everyone for name in _aws_principals(principal))


def _aws_principals(principal: Any) -> list[str]:
    return as_list(principal.get("AWS", [])) if isinstance(principal, dict) else []


def _unmet_keys(statement: Statement, role_arn: str) -> Iterator[str]:
    """Yields the condition keys that a call of the role does not satisfy.

    The service sends no external id, session tags or source. AWS adds the last only for its own services.
    """
    for operator, tests in statement.get("Condition", {}).items():
        for key, values in tests.items():
            value = {"aws:principalarn": role_arn, "aws:principalaccount": role_arn.split(":")[4]}.get(
                key.lower()
            )
            is_met = (
                value is not None
                and operator in _ARN_OPERATORS
                and any(matches(str(pattern), value) for pattern in as_list(values))
            )
            if not is_met:
                yield key
