"""Which video it is: one uploaded version of one object."""

import hashlib
import json
from dataclasses import dataclass
from typing import Self

RESERVED_PREFIX = ".people-pathing/"
MAX_KEY_BYTES = 1024
_LONGEST_FILE_NAME = "observations.jsonl.gz"


@dataclass(frozen=True, slots=True)
class Video:
    """One version of an S3 object.

    `content_id` tells uploads to the same key apart: it is the version where the bucket keeps versions, and
    otherwise the event's eTag and sequencer, which a repeated delivery repeats and an overwrite does not.
    """

    bucket: str
    key: str
    version: str | None
    content_id: str

    @classmethod
    def without_version(cls, bucket: str, key: str, etag: str, sequencer: str) -> Self:
        return cls(bucket, key, None, f"{etag}-{sequencer}")

    @property
    def etag(self) -> str | None:
        """Of the object as uploaded; None where the version is known and says more."""
        return None if self.version else self.content_id.rpartition("-")[0]

    @property
    def video_id(self) -> str:
        """The job's identity, and its client video_id: 64 characters, which is as long as one may be."""
        identity = json.dumps([self.bucket, self.key, self.content_id])
        return hashlib.sha256(identity.encode()).hexdigest()

    @property
    def results_prefix(self) -> str:
        """Where the results go: under the video's key and version, or under the video_id if that is too long."""
        prefix = f"{self.key}/{self.content_id}/"
        if (
            self.key.startswith(RESERVED_PREFIX)
            or len((prefix + _LONGEST_FILE_NAME).encode()) > MAX_KEY_BYTES
        ):
            return f"{RESERVED_PREFIX}by-video-id/{self.video_id}/"
        return prefix
