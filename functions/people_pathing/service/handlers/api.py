"""ENTRY: the service's front door. A signed request in, its reply or its error out; nothing else ever."""

from __future__ import annotations

import os
from functools import cache
from typing import Any

import boto3
from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.config import Config
from botocore.exceptions import ClientError

from people_pathing.service.artifacts import ArtifactStore, error_code
from people_pathing.service.job_slots import JobSlots
from people_pathing.service.notification import CallerRoles
from people_pathing.service.operations import Executions, PersonTracking, Videos, new_job_id
from people_pathing.service.protocol.errors import InternalServerError, ServiceError, ThrottlingException
from people_pathing.service.protocol.wire import Reply, error_reply, operation_name, read_request, reply
from people_pathing.service.settings import ApiSettings
from people_pathing.service.start_tokens import StartTokens

logger = Logger(service="service")
metrics = Metrics(namespace="PeoplePathing", service="service")
tracer = Tracer(service="service")

CLIENT_CONFIG = Config(
    retries={"mode": "standard", "total_max_attempts": 3}, connect_timeout=3, read_timeout=8
)
BUSY_CODES = (
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
    "SlowDown",
    "ServiceUnavailable",
)


@cache
def compose() -> PersonTracking:
    """The operations over this function's settings and clients."""
    settings = ApiSettings.from_environment(os.environ)
    session = boto3.Session()
    s3 = session.client("s3", config=CLIENT_CONFIG)
    store = ArtifactStore(s3, settings.artifact_bucket)
    return PersonTracking(
        store,
        Videos(s3, settings.video_buckets),
        CallerRoles(session.client("sts", config=CLIENT_CONFIG)),
        Executions(session.client("stepfunctions", config=CLIENT_CONFIG), settings.state_machine_arn),
        StartTokens(store, new_job_id),
        JobSlots(store),
        max_concurrent_jobs=settings.max_concurrent_jobs,
        notification_roles=settings.notification_role_arns,
    )


@metrics.log_metrics
@logger.inject_lambda_context(clear_state=True)
@tracer.capture_lambda_handler(capture_response=False)
def handler(event: dict[str, Any], context: LambdaContext) -> Reply:
    """Answer one request."""
    operation = None
    try:
        operation = operation_name(event)
        answer = _answer(operation, event, context.aws_request_id)
        metrics.add_metric(operation, MetricUnit.Count, 1)
        return answer
    except Exception as failure:
        error = _as_service_error(failure)
        metrics.add_metric(type(error).__name__, MetricUnit.Count, 1)
        return error_reply(operation, error, context.aws_request_id)


def _answer(operation: str, event: dict[str, Any], request_id: str) -> Reply:
    request = read_request(operation, event)
    known = {name: request.parameters[name] for name in ("JobId", "Video") if name in request.parameters}
    logger.append_keys(account=request.account, **known)
    service = compose()
    output = {"StartPersonTracking": service.start, "GetPersonTracking": service.get}[operation](request)
    logger.info(operation, job_id=output["JobId"], job_status=output.get("JobStatus"))
    return reply(operation, output, request_id)


def _as_service_error(failure: Exception) -> ServiceError:
    """The one map from what went wrong to what the caller is told."""
    if isinstance(failure, ServiceError):
        logger.info("refused", error=type(failure).__name__, reason=str(failure))
        return failure
    if isinstance(failure, ClientError) and error_code(failure) in BUSY_CODES:
        logger.warning("busy", exc_info=failure)
        return ThrottlingException("The service is busy; try again")
    logger.exception("failed", exc_info=failure)
    return InternalServerError("The service failed; its log says why, under the request's id")
