"""Logger and metrics of one half of the system, and the decorator that every handler carries."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from aws_lambda_powertools import Logger, Metrics

NAMESPACE = "PeoplePathing"
"""CloudWatch namespace of metrics outside a stack.

In a stack, POWERTOOLS_METRICS_NAMESPACE appends the stack's name. The dashboard and the alarms in
template.yaml read only the metrics of their own stack.
"""

Handler = TypeVar("Handler", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Observability:
    """What one half of the system logs and counts with."""

    logger: Logger
    metrics: Metrics

    def lambda_handler(self, handler: Handler) -> Handler:
        """Decorates a Lambda handler: log lines name the invocation.

        Lambda traces the invocation by itself. A handler that counts something also carries
        `metrics.log_metrics`, which warns when nothing was counted.
        """
        logged: Any = self.logger.inject_lambda_context(handler, clear_state=True)
        decorated: Handler = logged
        return decorated


def observability(service: str) -> Observability:
    """Creates the logger and metrics whose lines and figures carry `service`."""
    metrics = Metrics(service=service)
    metrics.namespace = metrics.namespace or NAMESPACE
    return Observability(Logger(service=service), metrics)
