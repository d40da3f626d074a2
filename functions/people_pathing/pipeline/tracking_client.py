"""Calls of StartPersonTracking and GetPersonTracking, and what their errors mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

from people_pathing.common.aws_errors import THROTTLING_CODES, describe, error_code
from people_pathing.pipeline.start_request import StartRequest
from people_pathing.pipeline.video import Video
from people_pathing.results.observation import Observation, observations_in
from people_pathing.results.provenance import Provenance
from people_pathing.results.provenance_header import HEADER_NAME, read_header

if TYPE_CHECKING:
    from types_boto3_rekognition import RekognitionClient
    from types_boto3_rekognition.type_defs import S3ObjectTypeDef

LIMIT_CODES = frozenset({"LimitExceededException"})
REJECTED_CODES = frozenset({"VideoTooLargeException"})
"""Errors of StartPersonTracking that the video is the cause of. They are final."""

UNREADABLE_CODES = frozenset({"InvalidS3ObjectException"})

MISCONFIGURED_CODES = frozenset(
    {"AccessDeniedException", "IdempotentParameterMismatchException", "InvalidParameterException"}
)
"""Errors of StartPersonTracking that the configuration is the cause of: a role, a topic, a bucket, a token.

Everything in a request but the key comes from the configuration. All codes that are not listed are transient.
"""

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
    """The service will never accept the job, because of the video."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unreadable:
    """The service could not read the object. Only S3 can tell whether the video is the cause."""

    reason: str


@dataclass(frozen=True, slots=True)
class Misconfigured:
    """The service refused the job because of the configuration, and may accept it once that is repaired."""

    reason: str


@dataclass(frozen=True, slots=True)
class TransientFailure:
    """The call failed for a reason that a retry can cure."""

    reason: str


StartOutcome = Started | LimitReached | Throttled | Rejected | Misconfigured | TransientFailure


@dataclass(frozen=True, slots=True)
class PersonPage:
    """One page of a job's results, sorted by person and then by time.

    Attributes:
        status: the job's JobStatus.
        status_message: the reason of a failure, if the service gives one.
        metadata: the API's VideoMetadata structure, unchanged.
        observations: the page's observations.
        next_token: the token of the next page, or None on the last page.
        video: the bucket, key and version of the job's video. What the service left out is None.
        provenance: how the results were made. What the service left out is unknown.
    """

    status: str
    status_message: str | None
    metadata: Mapping[str, Any]
    observations: tuple[Observation, ...]
    next_token: str | None
    video: tuple[str | None, str | None, str | None]
    provenance: Provenance


@dataclass(frozen=True, slots=True)
class TrackingClient:
    """Starts jobs and reads their results.

    Attributes:
        client: a boto3 client of Rekognition. It must not retry LimitExceededException: a job that meets the
            limit waits in the job table, and a retry would only be another call.
        topic_arn: the SNS topic for completion notices.
        role_arn: the role that the service assumes to publish them.
        token_secret: see `Video.client_token`.
    """

    client: RekognitionClient
    topic_arn: str
    role_arn: str
    token_secret: str

    def request(self, video: Video) -> StartRequest:
        """Returns the request that starts the job of a video under the current settings."""
        return StartRequest(
            bucket=video.bucket,
            key=video.key,
            version=video.version,
            client_token=video.client_token(self.token_secret),
            # The notice must lead back to the job record. It names no version, and a key may contain
            # characters that a tag must not.
            job_tag=video.video_id,
            topic_arn=self.topic_arn,
            role_arn=self.role_arn,
        )

    def start(self, request: StartRequest) -> StartOutcome | Unreadable:
        """Starts a job. The same request returns the same job."""
        if not request.key.strip():
            return Rejected(f"the key {request.key!r} is only white space, which the API does not allow")
        s3_object: S3ObjectTypeDef = {"Bucket": request.bucket, "Name": request.key}
        if request.version is not None:
            s3_object["Version"] = request.version
        try:
            reply = self.client.start_person_tracking(
                Video={"S3Object": s3_object},
                ClientRequestToken=request.client_token,
                NotificationChannel={"SNSTopicArn": request.topic_arn, "RoleArn": request.role_arn},
                JobTag=request.job_tag,
            )
        except ClientError as error:
            return _outcome(error)
        except ParamValidationError as error:
            return Misconfigured(describe(error))
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
        s3_object = reply.get("Video", {}).get("S3Object", {})
        headers = reply.get("ResponseMetadata", {}).get("HTTPHeaders", {})
        return PersonPage(
            status=reply["JobStatus"],
            status_message=reply.get("StatusMessage"),
            metadata=reply.get("VideoMetadata", {}),
            observations=tuple(observations_in(reply.get("Persons", []))),
            next_token=reply.get("NextToken") or None,
            video=(s3_object.get("Bucket"), s3_object.get("Name"), s3_object.get("Version")),
            provenance=read_header(headers.get(HEADER_NAME)),
        )


def _outcome(error: ClientError) -> StartOutcome | Unreadable:
    code = error_code(error)
    if code in LIMIT_CODES:
        return LimitReached(describe(error))
    if code in THROTTLING_CODES:
        return Throttled(describe(error))
    if code in REJECTED_CODES:
        return Rejected(describe(error))
    if code in UNREADABLE_CODES:
        return Unreadable(describe(error))
    if code in MISCONFIGURED_CODES:
        return Misconfigured(describe(error))
    return TransientFailure(describe(error))
