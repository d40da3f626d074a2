"""The statements of a policy of IAM, as far as they concern one action.

Source: "Grammar of the IAM JSON policy language" in the IAM User Guide.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

Policy = Mapping[str, Any]
"""A policy document."""

Statement = Mapping[str, Any]
"""One statement of a policy document."""


def statements_about(policy: Policy, action: str) -> Iterator[Statement]:
    """Yields the statements that name an action, perhaps with a wildcard.

    Args:
        policy: the policy document.
        action: the action, for example "sns:Publish".
    """
    for statement in as_list(policy.get("Statement", [])):
        if covers(statement, "Action", action, str.lower):
            yield statement


def covers(statement: Statement, element: str, value: str, normalized: Callable[[str], str] = str) -> bool:
    """Tells whether an element of a statement, or its opposite with `Not`, covers a value.

    Args:
        statement: the statement.
        element: "Action" or "Resource".
        value: the action or the resource.
        normalized: is applied to both sides, because the case of an action does not matter.
    """
    is_opposite = f"Not{element}" in statement
    patterns = as_list(statement.get(f"Not{element}" if is_opposite else element, []))
    return any(matches(normalized(pattern), normalized(value)) for pattern in patterns) != is_opposite


def as_list(value: Any) -> list[Any]:
    """Returns the value as a list. The language lets one value stand for a list of one."""
    return value if isinstance(value, list) else [value]


def matches(pattern: str, text: str) -> bool:
    """Tells whether a text matches a pattern with the wildcards `*` and `?`."""
    # fnmatch has one more wildcard, which policies do not have.
    return fnmatchcase(text, pattern.replace("[", "[[]"))
