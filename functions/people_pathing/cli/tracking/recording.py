"""Options that say when a video file was recorded, and what follows from them."""

from __future__ import annotations

import argparse
from datetime import UTC

from people_pathing.cli.errors import as_command_errors
from people_pathing.results.recording_time import (
    RecordingSource,
    RecordingTime,
    RecordingTimeError,
    is_set,
    stated_time,
    time_in_name,
    time_zone,
)


def add_recording_options(parser: argparse.ArgumentParser) -> None:
    """Adds the options that state the time of recording, or the time zone of the recorder."""
    parser.add_argument(
        "--recorded-at",
        type=_time,
        metavar="TIME",
        help="when the first frame was recorded, for example 2026-03-02T09:00:00+01:00 (default: the time in "
        "the name of the file, or the creation time that the file states)",
    )
    parser.add_argument(
        "--time-zone",
        type=_zone,
        default="UTC",
        metavar="NAME",
        help="the time zone of a time that names none, for example Europe/Berlin (default: %(default)s)",
    )


def recording_time(
    recorded_at: str | None, zone_name: str, file_name: str, created_ms: int | None
) -> RecordingTime | None:
    """Returns when a video was recorded, or None if nothing says so.

    Args:
        recorded_at: what the user stated.
        zone_name: the time zone of a time that names none.
        file_name: may contain a time.
        created_ms: when the file says that it was created, in milliseconds since the epoch.

    Raises:
        CommandError: the stated time is not possible in its time zone.
    """
    with as_command_errors(RecordingTimeError):
        zone = time_zone(zone_name)
        if recorded_at is not None:
            return RecordingTime(stated_time(recorded_at, zone), RecordingSource.STATED)
    if (at_ms := time_in_name(file_name, zone)) is not None:
        return RecordingTime(at_ms, RecordingSource.NAME)
    if created_ms is not None and is_set(created_ms):
        return RecordingTime(created_ms, RecordingSource.CONTAINER)
    return None


def _time(text: str) -> str:
    """Returns the text. Its time is known only with the time zone, which another option names."""
    try:
        stated_time(text, UTC)
    except RecordingTimeError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
    return text


def _zone(text: str) -> str:
    try:
        time_zone(text)
    except RecordingTimeError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
    return text
