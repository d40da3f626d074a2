"""analysis.json: which zones file was used to count the people in a video, and whether it could be used."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from people_pathing.analysis.count_files import ANALYSIS
from people_pathing.common.zones_objects import ZonesObject

NAME = ANALYSIS


@dataclass(frozen=True, slots=True)
class ZonesSource:
    """Where a zones file is. `version` is None if the bucket keeps no versions."""

    bucket: str
    key: str
    version: str | None


@dataclass(frozen=True, slots=True)
class AnalysisReport:
    """The content of analysis.json. It is stored last, after the counts and report.html.

    Attributes:
        status: "SUCCEEDED", or "FAILED" if the people could not be counted.
        zones: the zones file.
        reason: why the people could not be counted; None if they were.
    """

    status: str
    zones: ZonesSource
    reason: str | None

    @classmethod
    def of(cls, zones: ZonesObject, reason: str | None = None) -> AnalysisReport:
        """Returns the report about counting with a zones file.

        Args:
            zones: the file.
            reason: why the people could not be counted; None if they were.
        """
        source = ZonesSource(zones.bucket, zones.key, zones.version)
        return cls("FAILED" if reason else "SUCCEEDED", source, reason)

    def content(self) -> bytes:
        """Returns the file's content."""
        members = {name: member for name, member in asdict(self).items() if name != "reason" or member}
        return (json.dumps(members, indent=2, ensure_ascii=False) + "\n").encode()
