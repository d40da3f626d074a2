"""Whether a role's trust policy lets the roles of the service assume it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from people_pathing.cli.role_check.conditions import check_conditions
from people_pathing.cli.role_check.statements import Policy, Statement, as_list, statements_about


def trust_problem(policy: Policy, role_arn: str) -> str | None:
    """Returns why a trust policy does not let a role assume its own role, or None if it does.

    Args:
        policy: the trust policy.
        role_arn: the role that wants to assume.
    """
    about_role = [
        (statement["Effect"], check_conditions(statement, role_arn))
        for statement in statements_about(policy, "sts:AssumeRole")
        if _concerns(statement, role_arn)
    ]
    denying = [conditions for effect, conditions in about_role if effect == "Deny" and not conditions.unmet]
    if any(not conditions.unknown for conditions in denying):
        return "a statement denies it"
    if denying:
        keys = _sorted_keys(conditions.unknown for conditions in denying)
        return f"a statement denies it under a condition on {keys}, which this command cannot check"
    allowing = [conditions for effect, conditions in about_role if effect == "Allow"]
    if not allowing:
        return "no statement allows it"
    if any(not conditions.unmet and not conditions.unknown for conditions in allowing):
        return None
    if uncertain := [conditions.unknown for conditions in allowing if not conditions.unmet]:
        return (
            f"the statement about it has a condition on {_sorted_keys(uncertain)}, "
            "which this command cannot check"
        )
    keys = _sorted_keys(conditions.unmet for conditions in allowing)
    return f"the statement about it has a condition on {keys}, which is not met"


def lost_principals(policy: Policy) -> list[str]:
    """Returns the principals that no longer exist. IAM shows the id of a role or user that was deleted."""
    return [
        name
        for statement in statements_about(policy, "sts:AssumeRole")
        for name in _aws_principals(statement.get("Principal", {}))
        if name.startswith(("AROA", "AIDA"))
    ]


def _concerns(statement: Statement, role_arn: str) -> bool:
    if "NotPrincipal" in statement:
        return not _names(statement["NotPrincipal"], role_arn)
    return _names(statement.get("Principal", {}), role_arn)


def _names(principal: Any, role_arn: str) -> bool:
    account = role_arn.split(":")[4]
    everyone = {"*", account, f"arn:aws:iam::{account}:root", role_arn}
    return principal == "*" or any(name in everyone for name in _aws_principals(principal))


def _aws_principals(principal: Any) -> list[str]:
    return as_list(principal.get("AWS", [])) if isinstance(principal, dict) else []


def _sorted_keys(keys: Iterable[tuple[str, ...]]) -> str:
    return ", ".join(sorted({key for each in keys for key in each}))
