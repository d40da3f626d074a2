"""Stores the results of finished jobs and starts waiting ones. Triggered by completion notices."""

from __future__ import annotations

import gc
from contextlib import suppress
from typing import TYPE_CHECKING

from people_pathing.common.settings import SettingsError
from people_pathing.pipeline.composition import pipeline
from people_pathing.pipeline.event_handling import handle_completions
from people_pathing.pipeline.observability import lambda_handler, metrics

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

# Lambda gives a function more processor time now than for its first event.
with suppress(SettingsError):
    pipeline()
# Otherwise, each garbage collection would also examine the modules and the clients.
gc.freeze()


@metrics.log_metrics
@lambda_handler
def handler(event: object, context: LambdaContext) -> None:
    """Starts waiting jobs, then stores the results of the jobs that have finished."""
    remaining_ms = context.get_remaining_time_in_millis
    handle_completions(event, pipeline().start_queue(remaining_ms), pipeline().result_collector(remaining_ms))
