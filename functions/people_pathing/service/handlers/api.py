"""Lambda entry point of the API function: a signed request in, its reply out."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from people_pathing.common.settings import SettingsError
from people_pathing.service.composition.api import compose_operations
from people_pathing.service.observability import lambda_handler, metrics
from people_pathing.service.protocol.answering import answer
from people_pathing.service.protocol.wire import Reply

# Lambda gives a function more processor time now than for its first event.
with suppress(SettingsError):
    compose_operations()


@metrics.log_metrics
@lambda_handler
def handler(event: dict[str, Any], context: LambdaContext) -> Reply:
    """Answers one request of the Function URL."""
    return answer(event, context.aws_request_id, compose_operations)
