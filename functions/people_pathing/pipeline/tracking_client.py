"""Calls of StartPersonTracking and GetPersonTracking, and what their errors mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

from people_pathing.common.aws_errors import THROTTLING_CODES, describe, error_code
from people_pathing.pipeline.video import Video
from people_pathing.results.observation import Observation, observations_in

if TYPE_CHECKING:
    from types_boto3_rekognition import RekognitionClient
    from types_boto3_rekognition.type_defs import S3ObjectTypeDef

LIMIT_CODES = frozenset({"LimitExceededException"})
PERMANENT_CODES = frozenset(
    {
        "AccessDeniedException",
        "IdempotentParameterMismatchException",
        "InvalidParameterException",
        "InvalidS3ObjectException",
        "VideoTooLargeException",
    }
)
"""Errors of StartPersonTracking that a retry cannot cure. All codes that are not listed are transient."""

JOB_NOT_FOUND_CODE = "ResourceNotFoundException"
INVALID_PAGINATION_CODE = "InvalidPaginationTokenException"
"""Page tokens expire after a day."""

MAX_RESULTS = 1000
"""The largest page that the API allows."""


@dataclass(frozen=True, slots=True)
class Started:
    """The service has accepted the job, now or at an earlier call with the same client token."""

    job_id: str


@dataclass(frozen=True, slots=True)
class LimitReached:
    """The service runs as many jobs as it may. A job can start when another one ends."""

    reason: str


@dataclass(frozen=True, slots=True)
class Throttled:
    """The service receives too many calls, from this pipeline or from others."""

    reason: str


@dataclass(frozen=True, slots=True)
class Rejected:
    """The service will never accept this job."""

    reason: str


@dataclass(frozen=True, slots=True)
class TransientFailure:
    """The call failed for a reason that a retry can cure."""

    reason: str


StartOutcome = Started | LimitReached | Throttled | Rejected | TransientFailure


@dataclass(frozen=True, slots=True)
class PersonPage:
    """One page of a job's results, sorted by person and then by time.

    Attributes:
        status: the job's JobStatus.
        status_message: the reason of a failure, if the service gives one.
        metadata: the API's VideoMetadata structure, unchanged.
        observations: the page's observations.
        next_token: the token of the next page, or None on the last page.
    """

    status: str
    status_message: str | None
    metadata: Mapping[str, Any]
    observations: tuple[Observation, ...]
    next_token: str | None


@dataclass(frozen=True, slots=True)
class TrackingClient:
    """Starts jobs and reads their results.

    Attributes:
        client: a boto3 client of Rekognition. It must not retry LimitExceededException: a job that meets the
            limit waits in the job table, and a retry would only be another call.
        topic_arn: the SNS topic for completion notices.
        role_arn: the role that the service assumes to publish them.
    """

    client: RekognitionClient
    topic_arn: str
    role_arn: str

    def start(self, video: Video) -> StartOutcome:
        """Starts the job of a video. Repeated calls for one video return the same job."""
        s3_object: S3ObjectTypeDef = {"Bucket": video.bucket, "Name": video.key}
        if video.version is not None:
            s3_object["Version"] = video.version
        try:
            reply = self.client.start_person_tracking(
                Video={"S3Object": s3_object},
                ClientRequestToken=video.video_id,
                NotificationChannel={"SNSTopicArn": self.topic_arn, "RoleArn": self.role_arn},
                # The notice must lead back to the job record. It names no version, and a key may contain
                # characters that a tag must not.
                JobTag=video.video_id,
            )
        except ClientError as error:
            return _outcome(error)
        except ParamValidationError as error:
            return Rejected(str(error))
        except BotoCoreError as error:
            return TransientFailure(describe(error))
        return Started(reply["JobId"])

    def get_page(self, job_id: str, next_token: str | None) -> PersonPage:
        """Reads one page of a job's results, or the status of a job that is not finished.

        Args:
            job_id: the service's id of the job.
            next_token: the token of the page, or None for the first page.

        Raises:
            ClientError: JOB_NOT_FOUND_CODE or INVALID_PAGINATION_CODE; all other codes are transient.
            BotoCoreError: the service did not reply.
        """
        more = {"NextToken": next_token} if next_token else {}
        reply = self.client.get_person_tracking(JobId=job_id, MaxResults=MAX_RESULTS, SortBy="INDEX", **more)
        return PersonPage(
            status=reply["JobStatus"],
            status_message=reply.get("StatusMessage"),
            metadata=reply.get("VideoMetadata", {}),
            observations=tuple(observations_in(reply.get("Persons", []))),
            next_token=reply.get("NextToken") or None,
        )


def _outcome(error: ClientError) -> StartOutcome:
    code = error_code(error)
    if code in LIMIT_CODES:
        return LimitReached(describe(error))
    if code in THROTTLING_CODES:
        return Throttled(describe(error))
    if code in PERMANENT_CODES:
        return Rejected(describe(error))
    return TransientFailure(describe(error))
