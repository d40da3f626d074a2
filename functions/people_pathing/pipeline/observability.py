"""The pipeline's logger and metrics, and the decorator that each of its handlers carries."""

from __future__ import annotations

from contextlib import AbstractContextManager

from people_pathing.common.observability import observability
from people_pathing.pipeline.job_record import JobRecord

_OBSERVABILITY = observability("pipeline")

logger = _OBSERVABILITY.logger
metrics = _OBSERVABILITY.metrics
lambda_handler = _OBSERVABILITY.lambda_handler


def log_context(record: JobRecord) -> AbstractContextManager[None]:
    """Adds the video and its job to every line that is logged inside the `with` block."""
    return logger.append_context_keys(
        video={"bucket": record.bucket, "key": record.key, "version": record.version},
        video_id=record.video_id,
        job_id=record.job_id,
    )
