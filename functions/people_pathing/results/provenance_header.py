"""The HTTP header in which the service says how a result was made.

It has the members of `Provenance` as JSON. SDKs pass it on, and otherwise ignore it. AWS never sent such a
header, so every fact can be unknown.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from itertools import product
from typing import Any

from people_pathing.results.masks import masks_in
from people_pathing.results.provenance import UNKNOWN, Provenance

HEADER_NAME = "x-people-pathing-provenance"

MAX_HEADER_BYTES = 3_100
"""Longest value of the HTTP header, counted as a JSON string. The header of a result object has room for so
many next to the longest key, version and tag."""
MAX_NAME_BYTES = 150
MAX_WARNING_BYTES = 400
"""Longest texts as the header writes them: a character that is not ASCII has 6 or 12 bytes."""

MAX_MASKS_BYTES = 800
"""Longest masks. Longer ones are unknown, because a mask without some of its vertices is another one."""

MAX_READ_BYTES = 8 * 1024
MAX_READ_CHARACTERS = 500
MAX_READ_WARNINGS = 20
MAX_READ_NUMBER = 10**12
"""What is accepted from an endpoint. A later release may send more than this one."""


def write_header(provenance: Provenance) -> str:
    """Returns the value of the header: ASCII, at most MAX_HEADER_BYTES.

    Long names and warnings are cut. If not all warnings fit, the last one says how many are missing. Masks
    are unknown if they have more than MAX_MASKS_BYTES, or if there is no room for them without any warning.
    """
    names: dict[str, Any] = {
        name: _shortened(value, MAX_NAME_BYTES)
        for name, value in asdict(provenance).items()
        if isinstance(value, str)
    }
    is_short = len(json.dumps(provenance.masks, separators=(",", ":"))) <= MAX_MASKS_BYTES
    masks = (provenance.masks, UNKNOWN) if is_short else (UNKNOWN,)
    warnings = [_shortened(warning, MAX_WARNING_BYTES) for warning in provenance.warnings]
    for kept, count in product(masks, range(len(warnings), -1, -1)):
        missing = len(warnings) - count
        more = [f"Warnings that do not fit here: {missing}."] if missing else []
        changes = {**names, "masks": kept, "warnings": (*warnings[:count], *more)}
        made = replace(provenance, **changes)
        text = json.dumps(asdict(made), separators=(",", ":"))
        if len(json.dumps(text)) <= MAX_HEADER_BYTES:
            break
    return text


def read_header(value: str | None) -> Provenance:
    """Reads the value of the header, which an endpoint sent and which may be anything.

    A member that is missing or not plausible is unknown. Without a header, everything is.
    """
    members = _object(value)
    warnings = members.get("warnings")
    sentences = [text for text in warnings if _is_text(text)] if isinstance(warnings, list) else []
    known: dict[str, Any] = {
        name: value
        for name, value in members.items()
        if (name in _CHECKS and _CHECKS[name](value)) or (name in _CAN_BE_NONE and value is None)
    }
    if (masks := masks_in(members.get("masks"))) is not None:
        known["masks"] = masks
    return Provenance(**known, warnings=tuple(sentences[:MAX_READ_WARNINGS]))


def _object(value: str | None) -> Mapping[str, Any]:
    """Returns the JSON object that a text consists of, or an empty one."""
    if value is None or len(value) > MAX_READ_BYTES:
        return {}
    try:
        members = json.loads(value)
    except (ValueError, RecursionError):
        return {}
    return members if isinstance(members, dict) else {}


def _is_text(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= MAX_READ_CHARACTERS and value.isprintable()


def _is_time(value: object) -> bool:
    return isinstance(value, str) and bool(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", value, re.ASCII))


def _is_sha256(value: object) -> bool:
    return isinstance(value, str) and bool(re.fullmatch(r"[0-9a-f]{64}", value))


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MAX_READ_NUMBER


def _is_rate(value: object) -> bool:
    # Comparing excludes infinity and NaN.
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= MAX_READ_NUMBER


def _is_length(value: object) -> bool:
    return _is_rate(value) or (value == 0 and not isinstance(value, bool))


_CHECKS: Mapping[str, Callable[[object], bool]] = {
    "version": _is_text,
    "tracked_at": _is_time,
    "detector": _is_text,
    "model_sha256": _is_sha256,
    "reidentifier": _is_text,
    "reidentification_model_sha256": _is_sha256,
    "face_detector": _is_text,
    "face_model_sha256": _is_sha256,
    "sample_fps": _is_rate,
    "search_fps": _is_rate,
    "input_width_px": _is_count,
    "input_height_px": _is_count,
    "masked_areas": _is_count,
    "frames_decoded": _is_count,
    "frames_expected": _is_count,
    "container_created_at": _is_time,
    "picture_start_ms": _is_length,
}
_CAN_BE_NONE = frozenset(
    {
        "model_sha256",
        "reidentifier",
        "reidentification_model_sha256",
        "face_detector",
        "face_model_sha256",
        "container_created_at",
    }
)


def _shortened(text: str, max_bytes: int) -> str:
    """Replaces what cannot be printed, and cuts the text if its JSON form is longer than max_bytes."""
    printable = "".join(one if one.isprintable() else "?" for one in text[: max_bytes + 1])
    shortened = printable
    while len(json.dumps(shortened)) > max_bytes + len('""'):
        printable = printable[:-1]
        shortened = printable + "..."
    return shortened
