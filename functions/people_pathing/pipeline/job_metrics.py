"""The metrics of the pipeline. The dashboard and the alarms in template.yaml are built on them."""

from __future__ import annotations

from aws_lambda_powertools.metrics import MetricUnit

from people_pathing.pipeline.job_record import JobRecord
from people_pathing.pipeline.observability import metrics


class JobMetrics:
    """Counts events and jobs as they change state."""

    def uploaded(self, count: int) -> None:
        """Counts records of S3 events, repeated deliveries included."""
        metrics.add_metric("UploadsReceived", MetricUnit.Count, count)

    def notified(self, count: int) -> None:
        """Counts completion notices, repeated deliveries included."""
        metrics.add_metric("NoticesReceived", MetricUnit.Count, count)

    def started(self) -> None:
        """Counts a job that the service has accepted."""
        metrics.add_metric("JobsStarted", MetricUnit.Count, 1)

    def deferred(self) -> None:
        """Counts a transient error, after which the job is tried again."""
        metrics.add_metric("JobsDeferred", MetricUnit.Count, 1)

    def finished(self, record: JobRecord) -> None:
        """Counts a job that has just reached its final state, and measures the time since the upload."""
        metrics.add_metric(f"Jobs{record.state.capitalize()}", MetricUnit.Count, 1)
        if record.finished_ms is not None:
            upload_to_result_s = (record.finished_ms - record.uploaded_ms) / 1000
            metrics.add_metric("UploadToResultTime", MetricUnit.Seconds, upload_to_result_s)

    def waiting(self, count: int, oldest_age_s: float) -> None:
        """Records how many jobs wait, and how many seconds ago the oldest of their videos was uploaded."""
        metrics.add_metric("JobsWaiting", MetricUnit.Count, count)
        metrics.add_metric("OldestWaitingAge", MetricUnit.Seconds, oldest_age_s)
