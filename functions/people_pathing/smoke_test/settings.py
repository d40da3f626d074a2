"""The settings of the scheduled smoke test."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from people_pathing.common.settings import required


@dataclass(frozen=True, slots=True)
class ServiceSettings:
    """Settings about the stack's own service. Each is an environment variable of the same name in capitals.

    Attributes:
        artifact_bucket: name of the service's own bucket.
        job_store_table: name of the service's table of jobs.
        unprivileged_role_arn: role that may not call the API.
        associate_window_function: name of the function AssociateWindow.
    """

    artifact_bucket: str
    job_store_table: str
    unprivileged_role_arn: str
    associate_window_function: str


@dataclass(frozen=True, slots=True)
class Settings:
    """Settings of the function. Each field except `service` is an environment variable of that name.

    Attributes:
        video_bucket: name of the bucket for videos.
        results_bucket: name of the bucket for result files.
        job_table: name of the table of job records.
        api_url: where the two operations are served.
        signing_name: service name in request signatures: "rekognition", or "lambda" for a Function URL.
        service: settings about the stack's own service; None if the stack calls another one.
    """

    video_bucket: str
    results_bucket: str
    job_table: str
    api_url: str
    signing_name: str
    service: ServiceSettings | None

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """Reads the settings. Raises SettingsError if a variable is missing or empty."""
        signing_name = required(environment, "SIGNING_NAME")
        return cls(
            required(environment, "VIDEO_BUCKET"),
            required(environment, "RESULTS_BUCKET"),
            required(environment, "JOB_TABLE"),
            required(environment, "API_URL"),
            signing_name,
            _service(environment) if signing_name == "lambda" else None,
        )


def _service(environment: Mapping[str, str]) -> ServiceSettings:
    return ServiceSettings(
        required(environment, "ARTIFACT_BUCKET"),
        required(environment, "JOB_STORE_TABLE"),
        required(environment, "UNPRIVILEGED_ROLE_ARN"),
        required(environment, "ASSOCIATE_WINDOW_FUNCTION"),
    )
