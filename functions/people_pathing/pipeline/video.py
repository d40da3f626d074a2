"""A video: one uploaded version of one S3 object."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import Self

from people_pathing.common.video_ids import video_id, video_identity

RESERVED_PREFIX = ".people-pathing/"
"""Keys under it hold what the pipeline itself needs, and the results of videos whose keys it cannot use."""
TABLES_PREFIX = "tables/"
"""Keys under it hold the tables of all videos."""
RESERVED_PREFIXES = (RESERVED_PREFIX, TABLES_PREFIX)
"""What the keys of the results bucket must not begin with if they are made from the key of a video."""
BY_VIDEO_ID = f"{RESERVED_PREFIX}by-video-id/"
"""Under it are the results of videos whose keys are too long or begin with a reserved prefix."""
NO_VERSION = "null"
"""The version id in S3 of an object that was stored while its bucket kept no versions."""
MAX_KEY_BYTES = 1024
MAX_FILE_NAME_BYTES = 21
"""How long the name of a result file may be. It decides which keys are too long to hold results.

Changing it would change the results prefix of long keys.
"""


@dataclass(frozen=True, slots=True)
class Video:
    """One version of an S3 object.

    Attributes:
        bucket: the bucket's name.
        key: the object's key.
        version: the version id, or None if the bucket keeps no versions.
        content_id: distinguishes uploads to the same key. It is the version id. Without versions it is the
            eTag and sequencer of the S3 event: a repeated delivery repeats both, an overwrite changes them.
    """

    bucket: str
    key: str
    version: str | None
    content_id: str

    @classmethod
    def without_version(cls, bucket: str, key: str, etag: str, sequencer: str) -> Self:
        """Returns a video in a bucket that keeps no versions."""
        return cls(bucket, key, None, f"{etag}-{sequencer}")

    @property
    def etag(self) -> str | None:
        """The eTag of the uploaded object, or None if the version identifies it."""
        return None if self.version else self.content_id.rpartition("-")[0]

    @property
    def video_id(self) -> str:
        """The key of the job record and the job tag: 64 hexadecimal digits."""
        return video_id(self.bucket, self.key, self.content_id)

    def client_token(self, secret: str) -> str:
        """Returns the client token of the job: 64 hexadecimal digits, which is as long as a token may be.

        It is the same at every call, so one video has one job. Callers who know bucket, key and version must
        not be able to use the token first, for a job of their own.

        Args:
            secret: what other callers do not know.
        """
        identity = video_identity(self.bucket, self.key, self.content_id)
        return hmac.new(secret.encode(), identity, "sha256").hexdigest()

    @property
    def results_prefix(self) -> str:
        """The prefix of the result files: the video's key and version, so that people can find them.

        The video id takes their place if the file names would be longer than S3 allows, or if the key begins
        with a reserved prefix.
        """
        prefix = f"{self.key}/{self.content_id}/"
        is_too_long = len(prefix.encode()) + MAX_FILE_NAME_BYTES > MAX_KEY_BYTES
        if is_too_long or self.key.startswith(RESERVED_PREFIXES):
            return f"{BY_VIDEO_ID}{self.video_id}/"
        return prefix


def video_id_of_results(results_prefix: str, bucket: str) -> str:
    """Returns the id of the video whose result files are under a prefix.

    Args:
        results_prefix: see `Video.results_prefix`.
        bucket: the video's bucket.
    """
    place = results_prefix.removesuffix("/")
    if place.startswith(BY_VIDEO_ID):
        return place.removeprefix(BY_VIDEO_ID)
    key, _, content_id = place.rpartition("/")
    return Video(bucket, key, None, content_id).video_id
