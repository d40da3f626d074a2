"""What AnalyzeResults does when a job.json is stored, or a zones file."""

from __future__ import annotations

from people_pathing.common.zones_objects import ZONES_PREFIX
from people_pathing.pipeline.counting.recount import Recounter
from people_pathing.pipeline.event_handling import handle_each
from people_pathing.pipeline.events.envelopes import records_in
from people_pathing.pipeline.events.s3_events import Skipped, parse_object
from people_pathing.pipeline.observability import logger
from people_pathing.results.files import job_summary


def analyze_created(event: object, recounter: Recounter) -> None:
    """Counts the people in the results whose job.json, or whose zones file, an S3 event reports.

    Raises:
        InvalidEventError: the event is neither an S3 event nor one of its envelopes.
        ExceptionGroup: some results could not be analyzed. The others were.
    """
    analyzer = recounter.analyzer

    def analyze(s3_record: object) -> None:
        created = parse_object(s3_record)
        if isinstance(created, Skipped):
            logger.info("skipped", reason=created.reason)
            return
        if created.bucket in analyzer.video_buckets and created.key.startswith(ZONES_PREFIX):
            recounter.zones_changed(created.bucket, created.key)
            return
        prefix = created.key.removesuffix(job_summary.NAME)
        if created.bucket != analyzer.results_bucket or not prefix.endswith("/") or prefix == created.key:
            logger.info("skipped", reason=f"s3://{created.bucket}/{created.key} does not end results")
            return
        with logger.append_context_keys(results_prefix=prefix):
            analyzer.analyze(prefix)

    records = list(records_in(event))
    analyzer.job_metrics.stored(len(records))
    handle_each(records, analyze)
