"""Reads the members of JSON objects, and names the place of what is wrong."""

from __future__ import annotations

import math
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any

LARGEST_MS = 7 * 24 * 3600 * 1000


class ZonesFileError(ValueError):
    """zones.json cannot be used. The message names the place, what is wrong and what would be right."""


class Members:
    """The members of one JSON object.

    Args:
        value: what the file has in this place.
        place: the place in the words of a message, for example `zone "till"`; empty for the whole file.
        known: the names of the members that the object can have.

    Raises:
        ZonesFileError: the value is no object, or it has other members.
    """

    def __init__(self, value: object, place: str, known: Sequence[str]) -> None:
        self.place = place
        if not isinstance(value, dict):
            raise self.error(f"must be an object with the members {', '.join(known)}")
        for name in value:
            if name not in known:
                raise self.error(f'there is no member "{name}"; {suggestion(name, known)}')
        self._value: dict[str, Any] = value

    def error(self, text: str) -> ZonesFileError:
        """Returns an error about this object."""
        return ZonesFileError(f"{self.place}: {text}" if self.place else text)

    def has(self, name: str) -> bool:
        """Tells whether the member exists."""
        return name in self._value

    def required(self, name: str) -> Any:
        """Returns a member. Raises ZonesFileError if it is missing."""
        if name not in self._value:
            raise self.error(f'the member "{name}" is missing')
        return self._value[name]

    def items(self, name: str) -> list[Any]:
        """Returns a list; an empty one if the member is missing."""
        value = self._value.get(name, [])
        if not isinstance(value, list):
            raise self.error(f'"{name}" must be a list')
        return value

    def milliseconds(self, name: str, default: int) -> int:
        """Returns a whole number of milliseconds, at least 0."""
        value = self._value.get(name, default)
        if isinstance(value, float) and value.is_integer():
            # JSON has one type for all numbers: 5.0 is a whole number, as in JSON Schema.
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= LARGEST_MS:
            raise self.error(
                f'"{name}" is {shown(value)}; give whole milliseconds from 0 to {LARGEST_MS} (7 days)'
            )
        return value

    def number(self, name: str, default: float, lowest: float, highest: float) -> float:
        """Returns a number in a range."""
        value = self._value.get(name, default)
        if not is_number(value) or not lowest <= value <= highest:
            raise self.error(f'"{name}" is {shown(value)}; give a number from {lowest:g} to {highest:g}')
        return float(value)


def is_number(value: object) -> bool:
    """Tells whether a JSON value is a finite number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:
        # A whole number that no floating-point number can hold.
        return False


def is_pair(value: object) -> bool:
    """Tells whether a JSON value is a list of two finite numbers."""
    return isinstance(value, list) and len(value) == 2 and all(map(is_number, value))


def suggestion(name: str, known: Sequence[str]) -> str:
    """Returns what a mistyped name probably means, or what can be chosen."""
    close = get_close_matches(name.lower(), known, n=1)
    return f'did you mean "{close[0]}"?' if close else f"choose from {', '.join(known)}"


def shown(value: object) -> str:
    """Returns a JSON value for a message, shortened."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
