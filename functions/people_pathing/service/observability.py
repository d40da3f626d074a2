"""The service's logger and metrics, and the decorator that each of its handlers carries."""

from __future__ import annotations

from people_pathing.common.observability import observability

_SERVICE = observability("service")

logger = _SERVICE.logger
metrics = _SERVICE.metrics
lambda_handler = _SERVICE.lambda_handler
