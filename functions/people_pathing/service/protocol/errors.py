"""The errors that callers can receive, named as the API names them.

A message begins with the sentence that "Error handling" in the Developer Guide has for its error, if any.
What the service knows about this request follows.
"""

# The API's names end in Exception.
# ruff: noqa: N818

from __future__ import annotations

from typing import Self


class ServiceError(Exception):
    """An error that becomes a reply: its class name is the error's type, its text is the message."""

    status_code = 400


class AccessDeniedException(ServiceError):
    """The caller, or the role that it names, has no right to do this."""


class IdempotentParameterMismatchException(ServiceError):
    """The client token was used before with other parameters."""

    @classmethod
    def of(cls, token: str) -> Self:
        """Returns the error for a client token."""
        return cls(
            f"The ClientRequestToken: {token} you have supplied is already in use. "
            "A call with other parameters used it in the last 7 days; "
            "repeat that call unchanged, or use a new token"
        )


class InternalServerError(ServiceError):
    """The service failed. SDKs retry because of the status code."""

    status_code = 500

    @classmethod
    def of(cls, reason: str) -> Self:
        """Returns the error for a reason that names nothing of the service's inside."""
        return cls(f"Internal server error. {reason}")


class InvalidPaginationTokenException(ServiceError):
    """The page token was not issued for this job and order, was changed, or has expired."""

    @classmethod
    def of(cls, reason: str) -> Self:
        """Returns the error for a reason."""
        return cls(f"Invalid Pagination Token. {reason}")


class InvalidParameterException(ServiceError):
    """A member of the request breaks a rule of the model."""

    @classmethod
    def of(cls, reason: str) -> Self:
        """Returns the error for a rule that the model does not state."""
        return cls(f"Request has invalid parameters. {reason}")


class InvalidS3ObjectException(ServiceError):
    """The video cannot be read at the place that the request names."""

    @classmethod
    def unreadable(cls, reason: str) -> Self:
        """Returns the error for an object that S3 does not return to the service."""
        return cls(
            "Unable to get object metadata from S3. Check object key, region and/or access permissions. "
            + reason
        )

    @classmethod
    def unusable(cls, reason: str) -> Self:
        """Returns the error for an object that S3 knows, but that cannot be a video."""
        return cls(f"Request has invalid S3 object. {reason}")


class LimitExceededException(ServiceError):
    """The job limit is reached."""

    @classmethod
    def of(cls, limit: int) -> Self:
        """Returns the error for a start at a job limit."""
        return cls(
            f"{limit} open Jobs for all callers of this stack Maximum limit: {limit}. "
            "Try again when one of them has ended"
        )


class ResourceNotFoundException(ServiceError):
    """The job does not exist, is no longer kept, or belongs to another account."""


class ThrottlingException(ServiceError):
    """The service is busy. SDKs retry this error by themselves."""

    @classmethod
    def of(cls, reason: str) -> Self:
        """Returns the error for a reason."""
        return cls(f"Slow down; sudden increase in rate of requests. {reason}")


class VideoTooLargeException(ServiceError):
    """The video has more bytes than the API allows."""

    @classmethod
    def of(cls, size_bytes: int, limit_bytes: int, uri: str) -> Self:
        """Returns the error for a video."""
        return cls(
            f"Video size in bytes: {size_bytes} is more than the maximum limit of: {limit_bytes} bytes. "
            f"The video is {uri}"
        )


class SerializationException(ServiceError):
    """The body is not a JSON object, or a member of it has another JSON type than in the model."""


class UnknownOperationException(ServiceError):
    """The request names an operation that the service does not have."""

    status_code = 404


class VideoRejectedError(Exception):
    """The video cannot be tracked, which was found after its job started. The message is for its owner."""


class VideoUnreadableError(Exception):
    """The service has no access to the video. The message is for its owner.

    Access can be repaired, and a repair may take minutes to have an effect. The state machine therefore
    retries the step.
    """
