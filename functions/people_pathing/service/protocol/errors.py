"""The errors that callers can receive, named as the API names them."""

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


class InternalServerError(ServiceError):
    """The service failed. SDKs retry because of the status code."""

    status_code = 500


class InvalidPaginationTokenException(ServiceError):
    """The page token was not issued for this job and order, was changed, or has expired."""


class InvalidParameterException(ServiceError):
    """A member of the request breaks a rule of the model."""


class InvalidS3ObjectException(ServiceError):
    """The video cannot be read at the place that the request names."""


class LimitExceededException(ServiceError):
    """The job limit is reached."""

    @classmethod
    def of(cls, limit: int) -> Self:
        """Returns the error for a start at a job limit."""
        return cls(f"The limit of {limit} running jobs is reached; try again when one of them has ended")


class ResourceNotFoundException(ServiceError):
    """The job does not exist, is no longer kept, or belongs to another account."""


class ThrottlingException(ServiceError):
    """The service is busy. SDKs retry this error by themselves."""


class VideoTooLargeException(ServiceError):
    """The video has more bytes than the API allows."""


class SerializationException(ServiceError):
    """The body is not a JSON object."""


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
