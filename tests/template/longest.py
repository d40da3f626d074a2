"""The longest value that CloudFormation accepts for each parameter of template.yaml."""

from __future__ import annotations

import re
from typing import Any

from tests.template.translated import Json, source

# The parser of the standard library has no public name.
_PARSER: Any = re._parser  # type: ignore[attr-defined]
_UNLIMITED = _PARSER.MAXREPEAT


def longest_values(**parameters: str) -> dict[str, str]:
    """Returns the longest values, except for the given parameters and those with a list of values.

    Raises:
        ValueError: a parameter's pattern has no end, and it has no MaxLength either.
    """
    found = {
        name: longest_value(name, parameter)
        for name, parameter in source()["Parameters"].items()
        if "AllowedValues" not in parameter
    }
    return {**found, **parameters}


def longest_value(name: str, parameter: Json) -> str:
    """Returns the longest value of one parameter."""
    pattern, most = parameter.get("AllowedPattern", ".*"), parameter.get("MaxLength")
    value = longest_match(pattern, most)
    if value is None:
        raise ValueError(f"{name} needs a MaxLength: its pattern has no end")
    if parameter["Type"] == "CommaDelimitedList":
        return ",".join(f"{value[:-1]}{number}" for number in range(most_members(name, parameter)))
    return value


def most_members(name: str, parameter: Json) -> int:
    """Returns how many members a list may have. Only its description says it: CloudFormation cannot check it.

    Raises:
        ValueError: the description does not say it.
    """
    stated = re.search(r"\bat most (\d+)\b", parameter["Description"])
    if stated is None:
        raise ValueError(f"the description of {name} does not say how many members the list has at most")
    return int(stated[1])


def longest_match(pattern: str, most: int | None) -> str | None:
    """Returns the longest text that matches a pattern, with at most so many characters.

    Returns:
        None if the pattern has no end and `most` is None.
    """
    parsed = _PARSER.parse(pattern)
    # Few repetitions could be shorter than another branch, which has an end.
    value, longer = _text(parsed, 100), _text(parsed, 101)
    if len(longer) > len(value):
        if most is None:
            return None
        texts = (_text(parsed, count) for count in range(most, 0, -1))
        value = next(text for text in texts if len(text) <= most)
    if re.fullmatch(pattern, value) is None or (most is not None and len(value) > most):
        raise NotImplementedError(f"a pattern like {pattern}")
    return value


def _text(parts: Any, unlimited: int) -> str:
    """Returns a text with the most repetitions, and so many where the pattern sets no limit."""
    text = ""
    for operation, argument in parts:
        match str(operation):
            case "LITERAL":
                text += chr(argument)
            case "ANY":
                text += "x"
            case "IN":
                text += _member(argument)
            case "MAX_REPEAT":
                _, count, repeated = argument
                text += _text(repeated, unlimited) * (unlimited if count is _UNLIMITED else int(count))
            case "SUBPATTERN":
                text += _text(argument[-1], unlimited)
            case "BRANCH":
                text += max((_text(branch, unlimited) for branch in argument[1]), key=len)
            case "AT" | "ASSERT_NOT":
                pass
            case other:
                raise NotImplementedError(f"{other} in a pattern")
    return text


def _member(choices: Any) -> str:
    """Returns a character of a class, a letter or a digit where it has one."""
    ranges = [
        range(argument[0], argument[1] + 1) if str(operation) == "RANGE" else range(argument, argument + 1)
        for operation, argument in choices
    ]
    characters = [chr(code) for one in ranges for code in one]
    return next((one for one in characters if one.isalnum()), characters[0])
