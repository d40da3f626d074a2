"""What is to be done when an event comes: of an upload, of a job's end, of the clock."""

from tracking_app.batch import handle_each
from tracking_app.job_completion import messages_in, parse_notice
from tracking_app.job_record import JobRecord
from tracking_app.log import logger
from tracking_app.running_jobs import RunningJobs
from tracking_app.upload import PassedOver, parse_record, records_in
from tracking_app.waiting_jobs import WaitingJobs


def receive(event: object, jobs: WaitingJobs) -> None:
    """Record every upload, then start jobs; raise what went wrong with any record at the end."""
    arrivals: list[JobRecord] = []

    def admit(s3_record: object) -> None:
        upload = parse_record(s3_record)
        if isinstance(upload, PassedOver):
            logger.info("passed over", reason=upload.reason)
        elif record := jobs.admit(upload):
            arrivals.append(record)

    records = list(records_in(event))
    if not records:
        logger.info(
            "passed over", reason="the event has no records: S3 sends such a one to test notifications"
        )
    jobs.measures.uploaded(len(records))
    try:
        handle_each(records, admit)
    finally:
        if arrivals:
            jobs.start(arrivals)


def take_notices(event: object, waiting: WaitingJobs, running: RunningJobs) -> None:
    """Start waiting jobs in the place of those that ended, then store what those found."""
    messages = list(messages_in(event))
    waiting.measures.notified(len(messages))
    try:
        waiting.start()
    finally:
        handle_each(messages, lambda message: running.take_notice(parse_notice(message)))


def catch_up(waiting: WaitingJobs, running: RunningJobs) -> None:
    """Make up for what did not happen by itself: each in its turn, whatever becomes of the others."""
    handle_each([waiting.measure, waiting.start, running.ask_after_overdue], lambda step: step())
