"""What many fault tests share: a result of many pages, and the steps that end every job."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from people_pathing.common.clock import utc_text
from people_pathing.pipeline.job_record import JobRecord
from tests.fakes.person_tracking import FakePersonTracking, person
from tests.fakes.pipeline import MINUTE_MS, FakePipeline

PAGE_SIZE = 40
PAGE_COUNT = 25
# Twelve people in 996 observations, so the last page is not full.
OBSERVATIONS = [
    person(index, 66 * step, index * 100 + step % 97, 50) for index in range(12) for step in range(83)
]
A_FEW = OBSERVATIONS[:3]
# Longer than the pipeline waits before it polls a job, and than any of its retry delays in these tests.
ENOUGH_MINUTES = 15
# A lease that its function does not renew has expired after this time.
AFTER_LEASE_MS = 3 * MINUTE_MS

ReportOutcome = Callable[[str], None]
"""Stores what happened, in one sentence, for the table at the end."""


def new_pipeline() -> FakePipeline:
    """Returns a pipeline whose service gives small pages. Call it inside `mock_aws`."""
    return FakePipeline(service=FakePersonTracking(page_size=PAGE_SIZE))


def pass_minutes(pipeline: FakePipeline, minutes: int = ENOUGH_MINUTES) -> int:
    """Runs the schedule each minute, and returns the minutes until no job was open."""
    for minute in range(minutes):
        if not any(record.is_open for record in pipeline.records()):
            return minute
        pipeline.now_ms += MINUTE_MS
        pipeline.on_schedule()
    return minutes


def finish_all(pipeline: FakePipeline) -> None:
    """Ends the running jobs, and those that start then, and delivers their notices."""
    while running := pipeline.service.running():
        for job in running:
            pipeline.on_notice(pipeline.service.succeed(job.job_id, A_FEW))


def states(pipeline: FakePipeline) -> str:
    """Returns the number of job records in each state, for example "1 FAILED, 1 SUCCEEDED"."""
    counts = Counter(record.state.value for record in pipeline.records())
    return format_counts(counts) or "no job"


def format_counts(counts: Counter[str]) -> str:
    """Returns counts as text, sorted by name."""
    return ", ".join(f"{count} {name}" for name, count in sorted(counts.items()))


def comparable_files(pipeline: FakePipeline, record: JobRecord) -> dict[str, bytes]:
    """Returns a job's result files without the version, the job id and the time of the upload."""
    files = pipeline.results(record)
    for changing, constant in (
        (str(record.version), b"VERSION"),
        (f'"{record.job_id}"', b'"job-1"'),
        (f'"uploaded_at": "{utc_text(record.uploaded_ms)}"', b'"uploaded_at": "UPLOADED"'),
    ):
        files["job.json"] = files["job.json"].replace(changing.encode(), constant)
    return files
