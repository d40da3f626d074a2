"""Starts a tracking job for every uploaded video. Triggered by S3 object notifications."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from people_pathing.common.settings import SettingsError
from people_pathing.pipeline.composition import pipeline
from people_pathing.pipeline.event_handling import start_uploaded
from people_pathing.pipeline.observability import lambda_handler, metrics

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

# Lambda gives a function more processor time now than for its first event.
with suppress(SettingsError):
    pipeline()


@metrics.log_metrics
@lambda_handler
def handler(event: object, context: LambdaContext) -> None:
    """Records the uploaded videos and starts waiting jobs."""
    start_uploaded(event, pipeline().start_queue(context.get_remaining_time_in_millis))
