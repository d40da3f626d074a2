"""Starts waiting jobs and polls overdue ones. Triggered every minute."""

from __future__ import annotations

import gc
from contextlib import suppress
from typing import TYPE_CHECKING

from people_pathing.common.settings import SettingsError
from people_pathing.pipeline.composition import pipeline
from people_pathing.pipeline.event_handling import reconcile
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
def handler(_event: object, context: LambdaContext) -> None:
    """Starts waiting jobs and polls overdue ones."""
    remaining_ms = context.get_remaining_time_in_millis
    reconcile(pipeline().start_queue(remaining_ms), pipeline().result_collector(remaining_ms))
