"""Runs the smoke test of the function's own stack. Triggered by a schedule."""

from __future__ import annotations

from typing import TYPE_CHECKING

from people_pathing.smoke_test.composition import scheduled_test
from people_pathing.smoke_test.observability import lambda_handler

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext


@lambda_handler
def handler(_event: object, context: LambdaContext) -> None:
    """Runs the smoke test. Fails if one of its steps fails."""
    scheduled_test().run(context.get_remaining_time_in_millis() / 1000)
