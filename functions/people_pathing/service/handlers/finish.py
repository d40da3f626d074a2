"""Lambda entry points after the worker's: record a failure, publish the completion notice."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from people_pathing.common.json_values import from_mapping
from people_pathing.service.composition.finish import compose_finish
from people_pathing.service.observability import lambda_handler, metrics
from people_pathing.service.steps.publish_completion import publish_completion
from people_pathing.service.steps.record_failure import record_failure
from people_pathing.service.steps.tasks import EndedJob, FailedStep, to_event


@lambda_handler
def fail(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Runs the step that records a failure: FailedStep -> EndedJob."""
    return to_event(record_failure(FailedStep.from_event(event), compose_finish().store))


@metrics.log_metrics
@lambda_handler
def publish(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Runs the step that publishes the completion notice: EndedJob -> EndedJob."""
    context = compose_finish()
    ended = from_mapping(EndedJob, event)
    return to_event(publish_completion(ended, context.store, context.job_slots, context.publisher))
