"""When a video was recorded, and what says so.

A result counts milliseconds from the start of its video. With the time of recording, these become times of
day.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from enum import StrEnum
from zoneinfo import ZoneInfo

from people_pathing.common.clock import epoch_ms, utc_text

METADATA_NAME = "recorded-at"
"""Name of the object metadata that states when a video was recorded: `x-amz-meta-recorded-at` in HTTP."""

EARLIEST_YEAR = 1990
"""Containers whose clock was never set say 1904 or 1970."""

END_YEAR = 2200
"""The first year that is too late. Times near the year 9999 would overflow when a video's length is added."""

_EARLIEST_MS, _END_MS = (epoch_ms(datetime(year, 1, 1, tzinfo=UTC)) for year in (EARLIEST_YEAR, END_YEAR))

NAME_FORMAT = re.compile(
    r"""(?<!\d)
    (?P<Y>20\d\d)(?P<dash>[-_.]?)(?P<m>\d\d)(?P=dash)(?P<d>\d\d)
    [-_T\ ]?
    (?P<H>\d\d)(?P<colon>[-_.:]?)(?P<M>\d\d)(?P=colon)(?P<S>\d\d)
    (?:\.?\d{3})?(?P<z>Z|[+-]\d\d:?\d\d)?
    (?!\d)""",
    re.VERBOSE | re.ASCII,
)
"""Dates with times as recorders and phones write them: 20260302_090000 or 2026-03-02T09-00-00Z."""

_DIRECTIVES = {
    "%Y": r"(?P<Y>\d{4})",
    "%m": r"(?P<m>\d\d)",
    "%d": r"(?P<d>\d\d)",
    "%H": r"(?P<H>\d\d)",
    "%M": r"(?P<M>\d\d)",
    "%S": r"(?P<S>\d\d)",
    "%z": r"(?P<z>Z|[+-]\d\d:?\d\d)",
    "*": ".*?",
}
_NEEDED = ("%Y", "%m", "%d", "%H")


class RecordingTimeError(ValueError):
    """A text is not a time, or a pattern is not usable. The message says what would be right."""


class RecordingSource(StrEnum):
    """What says when a video was recorded, the most reliable first."""

    STATED = "stated"
    METADATA = "object metadata"
    NAME = "name"
    CONTAINER = "container"


@dataclass(frozen=True, slots=True)
class RecordingTime:
    """When the first frame of a video was recorded.

    Attributes:
        at_ms: milliseconds since the epoch.
        source: what says so.
    """

    at_ms: int
    source: RecordingSource

    @property
    def utc(self) -> str:
        """The time in UTC, with milliseconds: 2026-03-02T08:00:00.000Z."""
        return utc_text(self.at_ms)


def is_set(at_ms: int) -> bool:
    """Returns whether a time, in milliseconds since the epoch, comes from a clock that was set."""
    return _EARLIEST_MS <= at_ms < _END_MS


def time_zone(name: str) -> ZoneInfo:
    """Returns a time zone by its IANA name. Raises RecordingTimeError if there is none."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise RecordingTimeError(
            f"{name!r} is not a time zone; give an IANA name such as Europe/Berlin"
        ) from error


def stated_time(text: str, zone: tzinfo) -> int:
    """Reads a written time in ISO 8601.

    Args:
        text: for example 2026-03-02T09:00:00+01:00.
        zone: the time zone of a time without one.

    Returns:
        Milliseconds since the epoch.

    Raises:
        RecordingTimeError: the text is not such a time.
    """
    try:
        moment = datetime.fromisoformat(text.strip())
        return _plausible_ms(moment if moment.tzinfo else moment.replace(tzinfo=zone))
    except (ValueError, OverflowError) as error:
        raise RecordingTimeError(
            f"{text!r} is not a time such as 2026-03-02T09:00:00+01:00 from {EARLIEST_YEAR} to {END_YEAR - 1}"
        ) from error


def time_in_name(name: str, zone: tzinfo, pattern: re.Pattern[str] = NAME_FORMAT) -> int | None:
    """Finds the first time in a key or file name.

    Args:
        name: the key or file name.
        zone: the time zone of a time without one.
        pattern: what `name_pattern` returns.

    Returns:
        Milliseconds since the epoch, or None if there is no such time.
    """
    for match in pattern.finditer(name):
        found = {key: value for key, value in match.groupdict().items() if value is not None}
        numbers = [int(found.get(key, "0")) for key in ("Y", "m", "d", "H", "M", "S")]
        try:
            moment = datetime(*numbers)  # type: ignore[arg-type]
            offset = (
                datetime.fromisoformat(f"2000-01-01T00:00:00{found['z']}").tzinfo if "z" in found else zone
            )
            return _plausible_ms(moment.replace(tzinfo=offset))
        except (ValueError, OverflowError):
            # For example month 13: these digits are something else.
            continue
    return None


def name_pattern(text: str) -> re.Pattern[str]:
    """Reads a pattern for `time_in_name`.

    Args:
        text: %Y, %m, %d, %H, %M, %S and %z stand for the parts of a time, as in `strftime`. A star stands for
            any characters. All other characters stand for themselves. The pattern may match anywhere.

    Raises:
        RecordingTimeError: the date or the hour is missing, or a part is there twice or unknown.
    """
    parts = re.split(r"(%.?|\*)", text, flags=re.DOTALL)
    directives = [part for part in parts if part.startswith("%")]
    unknown = [part for part in directives if part not in _DIRECTIVES]
    missing = [part for part in _NEEDED if part not in directives]
    repeated = sorted({part for part in directives if directives.count(part) > 1})
    problems = [
        *(f"{part} is unknown" for part in unknown),
        *(f"{part} is missing" for part in missing),
        *(f"{part} is there twice" for part in repeated),
    ]
    if problems:
        raise RecordingTimeError(
            f"{text!r} is not a pattern of times in names such as cam1/%Y-%m-%d/%H%M%S*: "
            + ", ".join(problems)
        )
    before = r"(?<!\d)" if parts[0] == "" else ""
    return re.compile(
        before + "".join(_DIRECTIVES.get(part, re.escape(part)) for part in parts), re.ASCII | re.DOTALL
    )


def _plausible_ms(moment: datetime) -> int:
    at_ms = epoch_ms(moment)
    if not is_set(at_ms):
        raise ValueError("the clock was not set")
    return at_ms
