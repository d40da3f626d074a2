"""Reading settings from environment variables, with errors that name the variable and what would be right."""

from __future__ import annotations

import math
from collections.abc import Mapping


class SettingsError(Exception):
    """A setting is missing or invalid. The message names it and says what would be right."""


def required(environment: Mapping[str, str], name: str) -> str:
    """Returns a variable's text. Raises SettingsError if it is missing or empty."""
    value = environment.get(name, "")
    if not value:
        raise SettingsError(
            f"The environment variable {name} is not set; template.yaml sets it for this function"
        )
    return value


def positive_number(environment: Mapping[str, str], name: str) -> float:
    """Returns a finite number above 0. Raises SettingsError for anything else."""
    text = required(environment, name)
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not value > 0 or math.isinf(value):
        raise SettingsError(f"The environment variable {name} is {text!r}; it must be a number above 0")
    return value


def positive_integer(environment: Mapping[str, str], name: str) -> int:
    """Returns a whole number above 0. Raises SettingsError for anything else."""
    text = required(environment, name)
    if not text.isdecimal() or int(text) == 0:
        raise SettingsError(f"The environment variable {name} is {text!r}; it must be a whole number above 0")
    return int(text)


def names(environment: Mapping[str, str], name: str) -> frozenset[str]:
    """Returns the names in a comma-separated list. Raises SettingsError if it is missing or empty."""
    return frozenset(item.strip() for item in required(environment, name).split(",") if item.strip())
