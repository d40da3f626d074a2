"""Lambda entry point of the sweep, which looks after jobs every minute and when an execution is stopped."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from people_pathing.common.settings import SettingsError
from people_pathing.service.composition.sweep import compose_sweep
from people_pathing.service.observability import lambda_handler, metrics
from people_pathing.service.sweep import sweep

# Lambda gives a function more processor time now than for its first event.
with suppress(SettingsError):
    compose_sweep()


@metrics.log_metrics
@lambda_handler
def handler(event: dict[str, Any], _context: LambdaContext) -> None:
    """Looks after all jobs, or after the one that the event names."""
    sweep(event, compose_sweep())
