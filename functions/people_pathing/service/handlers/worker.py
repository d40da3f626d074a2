"""Lambda entry points of the worker's image: plan, detect, associate, link."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from people_pathing.common.json_values import from_mapping
from people_pathing.engine.video import VideoError
from people_pathing.service.composition.worker import compose_worker
from people_pathing.service.observability import lambda_handler, metrics
from people_pathing.service.protocol.errors import VideoRejectedError
from people_pathing.service.steps import associate as associate_step
from people_pathing.service.steps import detect as detect_step
from people_pathing.service.steps import link as link_step
from people_pathing.service.steps import plan as plan_step
from people_pathing.service.steps.context import JobEndedError
from people_pathing.service.steps.tasks import JobTask, SegmentTask, WindowTask, to_event


@contextmanager
def count_refusals() -> Iterator[None]:
    """Counts the errors that are no fault of a step. StepsFailingAlarm subtracts them from Lambda's errors.

    Raises:
        VideoError, VideoRejectedError, JobEndedError: as the step raised them.
    """
    try:
        yield
    except (VideoError, VideoRejectedError, JobEndedError):
        metrics.add_metric("StepsRefused", MetricUnit.Count, 1)
        metrics.flush_metrics()
        raise


@lambda_handler
@count_refusals()
def plan(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Runs the plan step: JobTask -> PlannedJob."""
    return to_event(plan_step.plan(from_mapping(JobTask, event), compose_worker()))


@lambda_handler
@count_refusals()
def detect(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Runs the detect step: SegmentTask -> DetectedSegment."""
    return to_event(detect_step.detect(from_mapping(SegmentTask, event), compose_worker()))


@lambda_handler
@count_refusals()
def associate(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Runs the associate step: WindowTask -> AssociatedWindow."""
    return to_event(associate_step.associate(from_mapping(WindowTask, event), compose_worker()))


@lambda_handler
@count_refusals()
def link(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Runs the link step: JobTask -> EndedJob."""
    return to_event(link_step.link(from_mapping(JobTask, event), compose_worker()))
