"""Reads when a video file was created, as its container states it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from people_pathing.common.clock import epoch_ms

TAGS = ("com.apple.quicktime.creationdate", "creation_time")
"""FFmpeg's names of the tags, the more reliable first: phones keep Apple's when a film is edited."""


def creation_ms(tags: Mapping[str, str]) -> int | None:
    """Returns milliseconds since the epoch, or None if no tag has a time with a time zone."""
    for tag in TAGS:
        try:
            moment = datetime.fromisoformat(tags.get(tag, ""))
        except ValueError:
            continue
        if moment.tzinfo:
            return epoch_ms(moment)
    return None
