"""StartPersonTracking: asking for a video's people to be tracked, and what may come of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

from people_pathing.pipeline.video import Video

if TYPE_CHECKING:
    from types_boto3_rekognition import RekognitionClient
    from types_boto3_rekognition.type_defs import S3ObjectTypeDef

QUOTA_ERRORS = frozenset({"LimitExceededException"})
THROTTLING_ERRORS = frozenset(
    # The last two are what a Function URL says when Lambda itself is out of concurrency.
    {"ThrottlingException", "ProvisionedThroughputExceededException", "TooManyRequestsException", "429"}
)
PERMANENT_ERRORS = frozenset(
    {
        "AccessDeniedException",
        "IdempotentParameterMismatchException",
        "InvalidParameterException",
        "InvalidS3ObjectException",
        "VideoTooLargeException",
    }
)


@dataclass(frozen=True, slots=True)
class Started:
    """The service has the job: now, or since an earlier request with the same client token."""

    job_id: str


@dataclass(frozen=True, slots=True)
class NoRoom:
    """The service takes no job at present: at its limit of jobs at once, or throttling."""

    reason: str
    limit_reached: bool


@dataclass(frozen=True, slots=True)
class Refused:
    """The service will never take this job."""

    reason: str


@dataclass(frozen=True, slots=True)
class Failed:
    """The request failed, and may not the next time."""

    reason: str


StartOutcome = Started | NoRoom | Refused | Failed


@dataclass(frozen=True, slots=True)
class TrackingClient:
    """Starts jobs whose completion is told to one topic.

    `client` must not retry on LimitExceededException: a job for which there is no room waits in the table.
    """

    client: RekognitionClient
    topic_arn: str
    role_arn: str

    def start(self, video: Video) -> StartOutcome:
        s3_object: S3ObjectTypeDef = {"Bucket": video.bucket, "Name": video.key}
        if video.version is not None:
            s3_object["Version"] = video.version
        try:
            reply = self.client.start_person_tracking(
                Video={"S3Object": s3_object},
                ClientRequestToken=video.video_id,
                NotificationChannel={"SNSTopicArn": self.topic_arn, "RoleArn": self.role_arn},
                # The notice names no version, and a key is not always a legal tag: the video_id is both.
                JobTag=video.video_id,
            )
        except ClientError as error:
            return _outcome(error)
        except ParamValidationError as error:
            return Refused(str(error))
        except BotoCoreError as error:
            return Failed(f"{type(error).__name__}: {error}")
        return Started(reply["JobId"])


def describe(error: ClientError) -> str:
    """The service's own words."""
    return f"{error.response['Error']['Code']}: {error.response['Error']['Message']}"


def _outcome(error: ClientError) -> StartOutcome:
    code = error.response["Error"]["Code"]
    if code in QUOTA_ERRORS:
        return NoRoom(describe(error), limit_reached=True)
    if code in THROTTLING_ERRORS:
        return NoRoom(describe(error), limit_reached=False)
    if code in PERMANENT_ERRORS:
        return Refused(describe(error))
    return Failed(describe(error))
