"""What the pipeline does when a video is uploaded, when a job ends, and every minute."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, TypeVar

from people_pathing.pipeline.events.completion_notice import (
    JobCompletion,
    OtherNotice,
    messages_in,
    parse_notice,
)
from people_pathing.pipeline.events.envelopes import records_in
from people_pathing.pipeline.events.s3_events import Skipped, parse_record
from people_pathing.pipeline.job_record import JobRecord
from people_pathing.pipeline.observability import logger
from people_pathing.pipeline.start_queue import StartQueue

if TYPE_CHECKING:
    from people_pathing.pipeline.result_collection import ResultCollector

T = TypeVar("T")


def start_uploaded(event: object, queue: StartQueue) -> None:
    """Records every video in an S3 event, then starts waiting jobs.

    Raises:
        InvalidEventError: the event is neither an S3 event nor one of its envelopes.
        ExceptionGroup: some records could not be handled. The videos in the others are recorded and started.
    """
    arrivals: list[JobRecord] = []

    def admit(s3_record: object) -> None:
        upload = parse_record(s3_record)
        if isinstance(upload, Skipped):
            logger.info("skipped", reason=upload.reason)
        elif record := queue.admit(upload):
            arrivals.append(record)

    records = list(records_in(event))
    if not records:
        logger.info("skipped", reason="the event has no records: S3 sends it to test notifications")
    queue.job_metrics.uploaded(len(records))
    try:
        handle_each(records, admit)
    finally:
        if arrivals:
            queue.start(arrivals)


def handle_completions(event: object, queue: StartQueue, collector: ResultCollector) -> None:
    """Starts waiting jobs, because others have ended, then stores the results of those that ended.

    Starting comes first, because it takes a moment. Collecting may take minutes, and slots would be idle.

    Raises:
        InvalidNoticeError: the event is not an SNS event.
        ExceptionGroup: some notices could not be handled.
    """
    messages = list(messages_in(event))
    queue.job_metrics.notified(len(messages))
    try:
        queue.start()
    finally:
        handle_each(messages, lambda message: _handle_notice(parse_notice(message), queue, collector))


def _handle_notice(
    notice: JobCompletion | OtherNotice, queue: StartQueue, collector: ResultCollector
) -> None:
    if isinstance(notice, OtherNotice):
        logger.info("skipped", reason=f"the notice is about a job of {notice.api}")
    else:
        collector.handle_completion(notice, queue.start_one)


def reconcile(queue: StartQueue, collector: ResultCollector) -> None:
    """Starts waiting jobs and polls overdue ones, in case an event or a notice was lost. Then measures.

    Raises:
        ExceptionGroup: some steps failed. The others were carried out.
    """

    def poll_overdue() -> None:
        handle_each(collector.overdue(), collector.poll)

    handle_each([queue.start, poll_overdue, queue.measure], lambda step: step())


def handle_each(items: Iterable[T], handle: Callable[[T], None]) -> None:
    """Runs a handler for every item. A failure of one does not stop the others.

    Raises:
        ExceptionGroup: at least one item failed. Raised after the last item.
    """
    errors = []
    count = 0
    for item in items:
        count += 1
        try:
            handle(item)
        except Exception as error:
            # The Lambda runtime logs a group without the errors in it.
            logger.exception("one item failed")
            errors.append(error)
    if errors:
        raise ExceptionGroup(f"{len(errors)} of {count} items failed", errors)
