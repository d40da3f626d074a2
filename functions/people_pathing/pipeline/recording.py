"""Finds out when an uploaded video was recorded."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, tzinfo
from typing import TYPE_CHECKING, Self

from people_pathing.common.settings import SettingsError
from people_pathing.pipeline.observability import logger
from people_pathing.pipeline.settings import Settings
from people_pathing.pipeline.video import Video
from people_pathing.pipeline.video_bucket import object_metadata
from people_pathing.results.provenance import UNKNOWN
from people_pathing.results.recording_time import (
    METADATA_NAME,
    NAME_FORMAT,
    RecordingSource,
    RecordingTime,
    RecordingTimeError,
    name_pattern,
    stated_time,
    time_in_name,
    time_zone,
)

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client


@dataclass(frozen=True, slots=True)
class RecordingTimes:
    """Asks the object's metadata, then its key, then the video file.

    Attributes:
        client: a boto3 client of S3.
        zone: the time zone of times that name none.
        pattern: how a key contains a time; see `recording_time.name_pattern`.
    """

    client: S3Client
    zone: tzinfo
    pattern: re.Pattern[str]

    @classmethod
    def under(cls, settings: Settings, client: S3Client) -> Self:
        """Returns what the settings describe. Raises SettingsError if they are not usable."""
        text = settings.recorded_at_pattern
        try:
            pattern = NAME_FORMAT if text == "default" else name_pattern(text)
            return cls(client, time_zone(settings.recorder_time_zone), pattern)
        except RecordingTimeError as error:
            raise SettingsError(
                f"An environment variable, RECORDER_TIME_ZONE or RECORDED_AT_PATTERN, is wrong: {error}"
            ) from error

    def of(self, video: Video, container_created_at: str | None) -> RecordingTime | None:
        """Returns when a video was recorded, or None if nothing says so.

        Args:
            video: the video. If it has been deleted, its metadata is not known any more.
            container_created_at: when the video file says that it was created; see `Provenance`.
        """
        if stated := object_metadata(self.client, video).get(METADATA_NAME):
            try:
                return RecordingTime(stated_time(stated, self.zone), RecordingSource.METADATA)
            except RecordingTimeError as error:
                logger.warning("the object metadata is not used", metadata=METADATA_NAME, reason=str(error))
        if (at_ms := time_in_name(video.key, self.zone, self.pattern)) is not None:
            return RecordingTime(at_ms, RecordingSource.NAME)
        if container_created_at in {None, UNKNOWN}:
            return None
        try:
            return RecordingTime(stated_time(str(container_created_at), UTC), RecordingSource.CONTAINER)
        except RecordingTimeError:
            # The clock of the recorder was never set.
            return None
