"""What the service refuses, named as the API names it."""

# ruff: noqa: N818

from __future__ import annotations


class ServiceError(Exception):
    """Becomes a reply: its class name is the error's type, its text the message."""

    status_code = 400


class AccessDeniedException(ServiceError):
    """The caller, or the role it names, may not do this."""


class IdempotentParameterMismatchException(ServiceError):
    """The token was used before with other parameters."""


class InternalServerError(ServiceError):
    """Our fault; clients try again because of the status code."""

    status_code = 500


class InvalidPaginationTokenException(ServiceError):
    """The token was not issued for this job and order, has been changed, or is too old."""


class InvalidParameterException(ServiceError):
    """A request member breaks a rule of the model."""


class InvalidS3ObjectException(ServiceError):
    """The video cannot be read where the request says it is."""


class LimitExceededException(ServiceError):
    """As many jobs run as may run at once."""


class ResourceNotFoundException(ServiceError):
    """No such job, or none any more."""


class ThrottlingException(ServiceError):
    """Too much at once for a moment; SDKs try again by themselves."""


class VideoTooLargeException(ServiceError):
    """The video has more bytes than the API takes."""


class SerializationException(ServiceError):
    """The body is no JSON object."""


class UnknownOperationException(ServiceError):
    """The request names no operation of ours."""

    status_code = 404


class VideoRejectedError(Exception):
    """A video that can't be tracked, found out after the job began; the message is for its owner."""
