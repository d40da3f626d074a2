"""The settings of the zip functions, read from environment variables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from people_pathing.common.settings import names, positive_integer, required


@dataclass(frozen=True, slots=True)
class ApiSettings:
    """The settings of the function that serves the two operations.

    Attributes:
        artifact_bucket: the service's private bucket.
        state_machine_arn: the state machine that runs the jobs.
        max_concurrent_jobs: how many jobs may run at once.
        video_buckets: the only buckets whose videos callers may name.
        notification_role_arns: the only roles that callers may name in NotificationChannel.
    """

    artifact_bucket: str
    state_machine_arn: str
    max_concurrent_jobs: int
    video_buckets: frozenset[str]
    notification_role_arns: frozenset[str]

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """Reads the settings. Raises SettingsError if one is missing or invalid."""
        return cls(
            artifact_bucket=required(environment, "ARTIFACT_BUCKET"),
            state_machine_arn=required(environment, "STATE_MACHINE_ARN"),
            max_concurrent_jobs=positive_integer(environment, "MAX_CONCURRENT_JOBS"),
            video_buckets=names(environment, "VIDEO_BUCKETS"),
            notification_role_arns=names(environment, "NOTIFICATION_ROLE_ARNS"),
        )


@dataclass(frozen=True, slots=True)
class FinishSettings:
    """The settings of the functions that run after the worker's steps.

    Attributes:
        artifact_bucket: the service's private bucket.
    """

    artifact_bucket: str

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """Reads the settings. Raises SettingsError if one is missing or invalid."""
        return cls(artifact_bucket=required(environment, "ARTIFACT_BUCKET"))
