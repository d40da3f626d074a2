"""ENTRY: S3 says that objects were created; the people in every video are to be tracked."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING

import boto3
from aws_lambda_powertools import Tracer

from people_pathing.pipeline.composition import App, compose
from people_pathing.pipeline.event_handling import receive
from people_pathing.pipeline.job_metrics import metrics
from people_pathing.pipeline.observability import logger

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

tracer = Tracer(service="pipeline")


@cache
def application() -> App:
    return compose(os.environ, boto3.Session().client)


@metrics.log_metrics
@logger.inject_lambda_context(clear_state=True)
@tracer.capture_lambda_handler
def handler(event: object, context: LambdaContext) -> None:
    receive(event, application().waiting_jobs(context.get_remaining_time_in_millis))
