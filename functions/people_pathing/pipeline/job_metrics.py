"""The metrics of the pipeline. The dashboard and the alarms in template.yaml are built on them."""

from __future__ import annotations

from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

from people_pathing.common.smoke_clips import is_smoke_clip
from people_pathing.pipeline.job_record import JobRecord
from people_pathing.pipeline.observability import metrics


class JobMetrics:
    """Counts events and jobs as they change state.

    A change is counted after it is stored, so no change is counted twice. What is counted is written to the
    log when the invocation ends, except for ends of jobs, on which alarms depend: they are written at once.
    Only the end of a job whose function dies between the two calls is not counted.
    """

    def uploaded(self, count: int) -> None:
        """Counts records of S3 events, repeated deliveries included."""
        metrics.add_metric("UploadsReceived", MetricUnit.Count, count)

    def empty(self) -> None:
        """Counts an upload without bytes.

        It does not count as a failed job: some programs create an empty object first and then replace it.
        """
        metrics.add_metric("EmptyUploads", MetricUnit.Count, 1)

    def notified(self, count: int) -> None:
        """Counts completion notices, repeated deliveries included."""
        metrics.add_metric("NoticesReceived", MetricUnit.Count, count)

    def started(self) -> None:
        """Counts a job that the service has accepted."""
        metrics.add_metric("JobsStarted", MetricUnit.Count, 1)

    def deferred(self, record: JobRecord) -> None:
        """Counts a job that was deferred because of an error."""
        metrics.add_metric("JobsDeferred", MetricUnit.Count, 1)
        self.delayed(record)

    def delayed(self, record: JobRecord) -> None:
        """Counts a job that was deferred again, if it has been so for a long time."""
        if record.is_stuck:
            metrics.add_metric("JobsStuck", MetricUnit.Count, 1)

    def finished(self, record: JobRecord) -> None:
        """Counts a job that has just reached its final state, and measures the time since the upload.

        The job of a smoke test does not count, because the test itself reports its failure.
        """
        if is_smoke_clip(record.key):
            return
        ended = EphemeralMetrics(namespace=metrics.namespace, service=metrics.service)
        ended.add_metric(f"Jobs{record.state.capitalize()}", MetricUnit.Count, 1)
        if record.finished_ms is not None:
            upload_to_result_s = (record.finished_ms - record.uploaded_ms) / 1000
            ended.add_metric("UploadToResultTime", MetricUnit.Seconds, upload_to_result_s)
        ended.flush_metrics()

    def waiting(self, count: int, oldest_age_s: float) -> None:
        """Records how many jobs wait, and how many seconds ago the oldest of their videos was uploaded.

        The number is counted up to a limit.
        """
        metrics.add_metric("JobsWaiting", MetricUnit.Count, count)
        metrics.add_metric("OldestWaitingAge", MetricUnit.Seconds, oldest_age_s)

    def in_progress(self, oldest_age_s: float) -> None:
        """Records how long ago the oldest job in progress was started."""
        metrics.add_metric("OldestInProgressAge", MetricUnit.Seconds, oldest_age_s)

    def stored(self, count: int) -> None:
        """Counts records of S3 events about results and zones files, repeated deliveries included."""
        metrics.add_metric("ResultsReceived", MetricUnit.Count, count)

    def counted(self) -> None:
        """Counts a video whose people were counted in zones."""
        metrics.add_metric("VideosCounted", MetricUnit.Count, 1)

    def recount_refused(self) -> None:
        """Counts a change of a zones file that applies to too many results to count them again."""
        metrics.add_metric("RecountsRefused", MetricUnit.Count, 1)

    def not_countable(self) -> None:
        """Counts a video whose people could not be counted, mostly because of its zones file."""
        metrics.add_metric("VideosNotCountable", MetricUnit.Count, 1)
