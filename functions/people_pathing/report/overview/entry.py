"""One video of the overview."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

EntryState = Literal["WAITING", "IN_PROGRESS", "SUCCEEDED", "FAILED"]
TimeMeaning = Literal["recorded", "uploaded", "tracked"]


@dataclass(frozen=True, slots=True)
class VideoSummary:
    """What the results of one video say, in short.

    Attributes:
        duration_ms: length of the video; None if it is not known.
        people: how many people were found.
        at_ms: when the video was recorded, uploaded or tracked, in milliseconds since the epoch.
        at_meaning: which of them; None if no time is known.
        most_at_once: how many people were in the picture together; None if people.json was not read.
        sparkline: how many people were in the picture over time, as the path of an SVG picture; None if
            people.json was not read.
    """

    duration_ms: int | None
    people: int
    at_ms: int | None = None
    at_meaning: TimeMeaning | None = None
    most_at_once: int | None = None
    sparkline: str | None = None


@dataclass(frozen=True, slots=True)
class VideoEntry:
    """One row of the overview.

    Attributes:
        id: distinguishes the row from all others.
        name: the video's key, or its place in the folder.
        state: the state of the job.
        at_ms: when the video was recorded, uploaded or tracked, in milliseconds since the epoch.
        at_meaning: which of them; None if no time is known.
        version: of the video in its bucket; None if it has none.
        reason: why there are no results.
        progress: share of the work that is done, 0..1; None if that is not known.
        summary: of the results; None if there are none.
        report_address: address of the report, relative to the page; None if there is none.
        command: what shows the report when it is typed into a terminal; None if nothing does.
    """

    id: str
    name: str
    state: EntryState
    at_ms: int | None = None
    at_meaning: TimeMeaning | None = None
    version: str | None = None
    reason: str | None = None
    progress: float | None = None
    summary: VideoSummary | None = None
    report_address: str | None = None
    command: str | None = None

    def embedded(self) -> dict[str, Any]:
        """Returns the JSON that the page reads; see page/overview/video_entry.js."""
        summary = self.summary
        return {
            "id": self.id,
            "name": self.name,
            "state": self.state,
            "atMs": self.at_ms,
            "atMeaning": self.at_meaning,
            "version": self.version,
            "reason": self.reason,
            "progress": self.progress,
            "durationMs": summary.duration_ms if summary else None,
            "people": summary.people if summary else None,
            "mostAtOnce": summary.most_at_once if summary else None,
            "sparkline": summary.sparkline if summary else None,
            "reportAddress": self.report_address,
            "command": self.command,
        }


def newest_first(entries: Iterable[VideoEntry]) -> list[VideoEntry]:
    """Sorts videos by time. Those of unknown time come last, and equal ones are sorted by name."""
    return sorted(entries, key=lambda one: (one.at_ms is None, -(one.at_ms or 0), one.name, one.id))
