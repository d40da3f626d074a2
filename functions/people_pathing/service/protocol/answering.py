"""Answers one request: reads it, calls the operation, and writes its output or its error."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from botocore.exceptions import ClientError

from people_pathing.common.aws_errors import THROTTLING_CODES, error_code
from people_pathing.service.observability import logger, metrics
from people_pathing.service.protocol.errors import InternalServerError, ServiceError, ThrottlingException
from people_pathing.service.protocol.wire import (
    Output,
    Reply,
    Request,
    error_reply,
    operation_name,
    read_request,
    reply,
)

BUSY = THROTTLING_CODES | {"ServiceUnavailable"}
"""AWS errors after which the caller is asked to try again. S3 answers ServiceUnavailable under load."""

Operations = Mapping[str, Callable[[Request], Output]]
"""The operations by name. Each takes a valid request."""


def answer(event: dict[str, Any], request_id: str, compose: Callable[[], Operations]) -> Reply:
    """Answers a request. Every failure becomes a reply, too, so that clients always receive JSON.

    Args:
        event: a Function URL's event (payload format 2.0).
        request_id: the id under which the log describes the request.
        compose: creates the operations. It is called here so that a wrong setting becomes a reply, too.
    """
    operation = None
    try:
        operation = operation_name(event)
        answered = reply(operation, _call(operation, event, compose), request_id)
        metrics.add_metric(operation, MetricUnit.Count, 1)
        return answered
    except Exception as failure:
        error = service_error(failure)
        metrics.add_metric(type(error).__name__, MetricUnit.Count, 1)
        return error_reply(operation, error, request_id)


def service_error(failure: Exception) -> ServiceError:
    """Maps whatever was raised to the error that the caller receives. This is the only such map.

    The caller receives no details of a failure inside the service: they could name other callers' data.
    """
    if isinstance(failure, ServiceError):
        logger.info("rejected", error=type(failure).__name__, reason=str(failure))
        return failure
    if isinstance(failure, ClientError) and error_code(failure) in BUSY:
        logger.warning("busy", exc_info=failure)
        return ThrottlingException.of("The service is busy; try again")
    logger.exception("failed", exc_info=failure)
    return InternalServerError.of("The log of the service describes the reason under the request's id")


def _call(operation: str, event: dict[str, Any], compose: Callable[[], Operations]) -> Output:
    request = read_request(operation, event)
    known = {name: request.parameters[name] for name in ("JobId", "Video") if name in request.parameters}
    logger.append_keys(account=request.account, **known)
    output = compose()[operation](request)
    structure = output.structure
    logger.info(operation, job_id=structure["JobId"], job_status=structure.get("JobStatus"))
    return output
