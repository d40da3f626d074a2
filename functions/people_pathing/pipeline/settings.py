"""The settings of the pipeline's functions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Self

from people_pathing.common.settings import names, positive_integer, required


@dataclass(frozen=True, slots=True)
class Settings:
    """Settings of the functions that start and finish jobs.

    Each field is an environment variable of the same name in capitals.

    Attributes:
        job_table: name of the DynamoDB table of job records.
        results_bucket: name of the bucket for result files.
        completion_topic_arn: SNS topic that receives the service's completion notices.
        completion_role_arn: role that the service assumes to publish them.
        stack_id: the id of the stack. Its last part is random, and known only to those who may see the stack.
        recorder_time_zone: IANA name of the time zone of recording times that name none.
        recorded_at_pattern: how a key contains the time of recording, or "default".
        signing_name: service name in request signatures: "rekognition", or "lambda" for a Function URL.
    """

    job_table: str
    results_bucket: str
    completion_topic_arn: str
    completion_role_arn: str
    stack_id: str
    recorder_time_zone: str
    recorded_at_pattern: str
    signing_name: str

    @property
    def token_secret(self) -> str:
        """The secret of the client tokens: the GUID at the end of the stack's id."""
        return self.stack_id.rpartition("/")[2] or self.stack_id

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """Reads the settings. Raises SettingsError if a variable is missing or empty."""
        return cls(**{field.name: required(environment, field.name.upper()) for field in fields(cls)})


@dataclass(frozen=True, slots=True)
class RecountSetting:
    """What happens when a zones file changes.

    Attributes:
        max_results: how many results may be counted again. If there are more, none is.
        is_dry_run: whether they are only logged.
    """

    max_results: int
    is_dry_run: bool


MAX_RECOUNTED = 200
"""Counting takes seconds for each video, and one function has 15 minutes."""


@dataclass(frozen=True, slots=True)
class AnalysisSettings:
    """Settings of AnalyzeResults. Each field is an environment variable of the same name in capitals.

    Attributes:
        results_bucket: name of the bucket for result files.
        video_buckets: names of the buckets whose zones files the function may read.
        recount_on_zones_change: what happens when a zones file changes. Without an event, nothing does.
    """

    results_bucket: str
    video_buckets: frozenset[str]
    recount_on_zones_change: RecountSetting

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """Reads the settings. Raises SettingsError if a variable is missing or empty."""
        return cls(
            required(environment, "RESULTS_BUCKET"),
            names(environment, "VIDEO_BUCKETS"),
            _recount(environment),
        )


def _recount(environment: Mapping[str, str]) -> RecountSetting:
    named = {"none": RecountSetting(0, False), "dry-run": RecountSetting(MAX_RECOUNTED, True)}
    text = required(environment, "RECOUNT_ON_ZONES_CHANGE")
    return named.get(text) or RecountSetting(positive_integer(environment, "RECOUNT_ON_ZONES_CHANGE"), False)
