"""What is to be done when an event comes: of an upload, of a job's end, of the clock."""

from people_pathing.pipeline.batch import handle_each
from people_pathing.pipeline.completion_notice import messages_in, parse_notice
from people_pathing.pipeline.job_record import JobRecord
from people_pathing.pipeline.observability import logger
from people_pathing.pipeline.result_collection import ResultCollector
from people_pathing.pipeline.s3_events import Skipped, parse_record, records_in
from people_pathing.pipeline.start_queue import StartQueue


def receive(event: object, jobs: StartQueue) -> None:
    """Record every upload, then start jobs; raise what went wrong with any record at the end."""
    arrivals: list[JobRecord] = []

    def admit(s3_record: object) -> None:
        upload = parse_record(s3_record)
        if isinstance(upload, Skipped):
            logger.info("passed over", reason=upload.reason)
        elif record := jobs.admit(upload):
            arrivals.append(record)

    records = list(records_in(event))
    if not records:
        logger.info(
            "passed over", reason="the event has no records: S3 sends such a one to test notifications"
        )
    jobs.job_metrics.uploaded(len(records))
    try:
        handle_each(records, admit)
    finally:
        if arrivals:
            jobs.start(arrivals)


def handle_completions(event: object, waiting: StartQueue, running: ResultCollector) -> None:
    """Start waiting jobs in the place of those that ended, then store what those found."""
    messages = list(messages_in(event))
    waiting.job_metrics.notified(len(messages))
    try:
        waiting.start()
    finally:
        handle_each(messages, lambda message: running.handle_completion(parse_notice(message)))


def reconcile(waiting: StartQueue, running: ResultCollector) -> None:
    """Make up for what did not happen by itself: each in its turn, whatever becomes of the others."""
    handle_each([waiting.measure, waiting.start, running.poll_overdue], lambda step: step())
