"""Writes tables of stored results and counts their people, when a job.json is stored or zones change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from people_pathing.pipeline.counting.composition import recounter
from people_pathing.pipeline.counting.created_results import analyze_created
from people_pathing.pipeline.observability import lambda_handler, metrics

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext


@metrics.log_metrics
@lambda_handler
def handler(event: object, _context: LambdaContext) -> None:
    """Counts the people in the results that the event reports."""
    analyze_created(event, recounter())
