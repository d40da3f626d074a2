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
        job_store_table: the table of jobs, client tokens and slots.
        state_machine_arn: the alias through which jobs are started.
        max_concurrent_jobs: how many jobs may run at once.
        video_buckets: the only buckets whose videos callers may name.
        notification_role_arns: the only roles that callers may name in NotificationChannel.
        service_role_arns: the roles that publish notices, which those roles must trust.
    """

    artifact_bucket: str
    job_store_table: str
    state_machine_arn: str
    max_concurrent_jobs: int
    video_buckets: frozenset[str]
    notification_role_arns: frozenset[str]
    service_role_arns: frozenset[str]

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """Reads the settings. Raises SettingsError if one is missing or invalid."""
        return cls(
            artifact_bucket=required(environment, "ARTIFACT_BUCKET"),
            job_store_table=required(environment, "JOB_STORE_TABLE"),
            state_machine_arn=required(environment, "STATE_MACHINE_ARN"),
            max_concurrent_jobs=positive_integer(environment, "MAX_CONCURRENT_JOBS"),
            video_buckets=names(environment, "VIDEO_BUCKETS"),
            notification_role_arns=names(environment, "NOTIFICATION_ROLE_ARNS"),
            service_role_arns=names(environment, "SERVICE_ROLE_ARNS"),
        )


@dataclass(frozen=True, slots=True)
class FinishSettings:
    """The settings of the function that runs the last step of a job.

    Attributes:
        job_store_table: the table of jobs, client tokens and slots.
    """

    job_store_table: str

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """Reads the settings. Raises SettingsError if one is missing or invalid."""
        return cls(job_store_table=required(environment, "JOB_STORE_TABLE"))


@dataclass(frozen=True, slots=True)
class SweepSettings:
    """The settings of the sweep.

    Attributes:
        job_store_table: the table of jobs, client tokens and slots.
        state_machine_arn: the alias through which jobs are started.
    """

    job_store_table: str
    state_machine_arn: str

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """Reads the settings. Raises SettingsError if one is missing or invalid."""
        return cls(
            job_store_table=required(environment, "JOB_STORE_TABLE"),
            state_machine_arn=required(environment, "STATE_MACHINE_ARN"),
        )
