"""The figures by which the pipeline is seen from outside; the dashboard and the alarms are built on them."""

from aws_lambda_powertools import Metrics
from aws_lambda_powertools.metrics import MetricUnit

from people_pathing.pipeline.job_record import JobRecord

metrics = Metrics(namespace="PeoplePathing", service="pipeline")


class JobMetrics:
    """Counts jobs as they change state."""

    def uploaded(self, count: int) -> None:
        metrics.add_metric("UploadsReceived", MetricUnit.Count, count)

    def notified(self, count: int) -> None:
        metrics.add_metric("NoticesReceived", MetricUnit.Count, count)

    def started(self) -> None:
        metrics.add_metric("JobsStarted", MetricUnit.Count, 1)

    def deferred(self) -> None:
        metrics.add_metric("JobsDeferred", MetricUnit.Count, 1)

    def finished(self, record: JobRecord) -> None:
        """The record is in its final state."""
        metrics.add_metric(f"Jobs{record.state.capitalize()}", MetricUnit.Count, 1)
        if record.finished_ms is not None:
            seconds = (record.finished_ms - record.uploaded_ms) / 1000
            metrics.add_metric("UploadToResultTime", MetricUnit.Seconds, seconds)

    def waiting(self, count: int, oldest_age_s: float) -> None:
        metrics.add_metric("JobsWaiting", MetricUnit.Count, count)
        metrics.add_metric("OldestWaitingAge", MetricUnit.Seconds, oldest_age_s)
