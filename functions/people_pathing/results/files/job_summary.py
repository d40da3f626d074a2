"""job.json: what was tracked and how much was found. It is stored last, when the other files are complete."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from people_pathing.common.clock import utc_text
from people_pathing.results.provenance import Provenance
from people_pathing.results.recording_time import RecordingTime

NAME = "job.json"
CONTENT_TYPE = "application/json"
SUMMARY = (
    "the video, its metadata, the job, the counts and how they were made; stored last, so it marks complete "
    "results"
)
SCHEMA = "job.schema.json"

# Readers see these counts in the order that they always had. Counts of other files follow by name.
_FIRST_COUNTS = ("people", "observations")


@dataclass(frozen=True, slots=True)
class StoredVideo:
    """A video in a bucket. `version` is None if the bucket keeps no versions."""

    bucket: str
    key: str
    version: str | None


@dataclass(frozen=True, slots=True)
class VideoFile:
    """A video file that was tracked without a bucket."""

    path: str


@dataclass(frozen=True, slots=True)
class JobSummary:
    """The content of job.json.

    Attributes:
        video: what was tracked.
        video_metadata: the API's VideoMetadata structure, unchanged.
        counts: the counts of all result files.
        provenance: how the results were made.
        job_id: the service's id of the job, or None if no service was involved.
        uploaded_ms: when the video was uploaded; None if no bucket was involved.
        recording_time: when the video was recorded; None if that is not known.
    """

    video: StoredVideo | VideoFile
    video_metadata: Mapping[str, Any]
    counts: Mapping[str, int]
    provenance: Provenance
    job_id: str | None = None
    uploaded_ms: int | None = None
    recording_time: RecordingTime | None = None

    def content(self) -> bytes:
        """Returns the file's content."""
        document = {
            **({} if self.job_id is None else {"job_id": self.job_id}),
            # Results are stored only if the job succeeded.
            "status": "SUCCEEDED",
            "video": asdict(self.video),
            "VideoMetadata": self.video_metadata,
            **({} if self.uploaded_ms is None else {"uploaded_at": utc_text(self.uploaded_ms)}),
            **_recorded(self.recording_time),
            "counts": {name: self.counts[name] for name in sorted(self.counts, key=_count_order)},
            "provenance": asdict(self.provenance),
        }
        return document_content(document)


def document_content(document: Mapping[str, Any]) -> bytes:
    """Returns the content of a job.json that has these members."""
    return (json.dumps(document, indent=2, ensure_ascii=False) + "\n").encode()


def _recorded(time: RecordingTime | None) -> dict[str, str]:
    return {"recorded_at": time.utc, "recorded_at_source": time.source.value} if time else {}


def _count_order(name: str) -> tuple[int, str]:
    return _FIRST_COUNTS.index(name) if name in _FIRST_COUNTS else len(_FIRST_COUNTS), name
