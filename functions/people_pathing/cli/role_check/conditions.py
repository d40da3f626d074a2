"""Whether the conditions of a statement are met when the service assumes a role.

Source: "IAM JSON policy elements: Condition operators" and "AWS global condition context keys" in the IAM
User Guide.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from people_pathing.cli.role_check.statements import Statement, as_list, matches

# The service sends none of these. AWS adds a source only to calls of its own services.
_ABSENT_KEYS = {
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
    "sts:externalid",
    "sts:sourceidentity",
}

_COMPARISONS: Mapping[str, Callable[[str, str], bool]] = {
    "stringequals": str.__eq__,
    "stringequalsignorecase": lambda pattern, value: pattern.lower() == value.lower(),
    "stringlike": matches,
    "arnequals": matches,
    "arnlike": matches,
}


@dataclass(frozen=True, slots=True)
class Conditions:
    """The keys of a statement's conditions that do not simply hold.

    Attributes:
        unmet: keys whose condition is not met.
        unknown: keys whose condition depends on what this program does not know.
    """

    unmet: tuple[str, ...]
    unknown: tuple[str, ...]


def check_conditions(statement: Statement, role_arn: str) -> Conditions:
    """Returns which conditions of a statement a call by a role does not meet.

    Args:
        statement: the statement of a trust policy.
        role_arn: the role that calls sts:AssumeRole.
    """
    results = list(_results(statement, role_arn))
    return Conditions(
        tuple(key for key, is_met in results if is_met is False),
        tuple(key for key, is_met in results if is_met is None),
    )


def _results(statement: Statement, role_arn: str) -> Iterator[tuple[str, bool | None]]:
    known = {"aws:principalarn": role_arn, "aws:principalaccount": role_arn.split(":")[4]}
    for operator, tests in statement.get("Condition", {}).items():
        for key, values in tests.items():
            yield (
                key,
                _is_met(operator.lower(), key.lower(), [str(value) for value in as_list(values)], known),
            )


def _is_met(operator: str, key: str, values: list[str], known: Mapping[str, str]) -> bool | None:
    """Returns whether one condition is met, or None if that is not known."""
    base = operator.removesuffix("ifexists")
    is_negated = "not" in base
    if key not in known and key not in _ABSENT_KEYS:
        return None
    if base == "null":
        return (key in _ABSENT_KEYS) == (values[0].lower() == "true")
    comparison = _COMPARISONS.get(base.replace("not", ""))
    if comparison is None:
        return None
    if key in _ABSENT_KEYS:
        return is_negated or base != operator
    return any(comparison(value, known[key]) for value in values) != is_negated
