"""The logger of the scheduled smoke test, and the decorator that its handler carries."""

from __future__ import annotations

from people_pathing.common.observability import observability

_OBSERVABILITY = observability("smoke_test")

logger = _OBSERVABILITY.logger
lambda_handler = _OBSERVABILITY.lambda_handler
