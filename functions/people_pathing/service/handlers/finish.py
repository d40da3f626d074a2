"""Lambda entry point after the worker's: the last step of every job."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from people_pathing.common.settings import SettingsError
from people_pathing.service.composition.finish import compose_finish
from people_pathing.service.observability import lambda_handler, metrics
from people_pathing.service.steps.publish_completion import publish_completion, read_outcome
from people_pathing.service.steps.tasks import to_event

# Lambda gives a function more processor time now than for its first event.
with suppress(SettingsError):
    compose_finish()


@metrics.log_metrics
@lambda_handler
def publish(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Runs the last step: EndedJob or FailedStep -> EndedJob."""
    context = compose_finish()
    return to_event(publish_completion(read_outcome(event), context.jobs, context.publisher))
