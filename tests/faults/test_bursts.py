"""Many uploads at once, in simulated time."""

from __future__ import annotations

import pytest

from tests.faults.burst import FAILURE_RATE, JOB_LIMIT, LOST_NOTICE_RATE, BurstSimulation
from tests.faults.scenario import ReportOutcome

pytestmark = pytest.mark.usefixtures("quiet_log")

UPLOADS = 2000
UPLOADS_WITH_CRASHES = 100
CRASH_RATE = 0.01


@pytest.mark.faults(
    f"{UPLOADS} uploads at once, {JOB_LIMIT} jobs at a time, {FAILURE_RATE:.0%} of calls failing, "
    f"{LOST_NOTICE_RATE:.0%} of notices lost",
    expected="all SUCCEEDED, each started once, no dead letter",
)
def test_every_upload_of_a_large_burst_succeeds_although_calls_fail(report_outcome: ReportOutcome) -> None:
    report = BurstSimulation(UPLOADS).run()

    assert (report.succeeded, report.jobs, report.dead_letters) == (UPLOADS, UPLOADS, 0)
    report_outcome(
        f"{report.succeeded} SUCCEEDED, {report.jobs} jobs, {report.dead_letters} dead letters; "
        f"{report.start_calls_per_job:.2f} start calls and {report.get_calls_per_job:.2f} get calls per job; "
        f"while jobs waited, {report.idle_slot_share:.2%} of the slot time was idle, and "
        f"all slots were idle for {report.all_idle_s:.1f} of {report.duration_s:.0f} s"
    )


@pytest.mark.faults(
    f"{UPLOADS_WITH_CRASHES} uploads at once, and the calling function dies at {CRASH_RATE:.0%} of calls",
    expected="after the redrive all SUCCEEDED, each started once, with the same results",
)
def test_every_upload_of_a_burst_succeeds_after_a_redrive_although_functions_die(
    report_outcome: ReportOutcome,
) -> None:
    burst = BurstSimulation(UPLOADS_WITH_CRASHES, crash_rate=CRASH_RATE, page_size=1)
    report = burst.run()
    redriven = 0
    while report.dead_letters:
        redriven += report.dead_letters
        report = burst.redrive()

    assert (report.succeeded, report.jobs) == (UPLOADS_WITH_CRASHES, UPLOADS_WITH_CRASHES)
    files = burst.results()
    # job.json is left out: it names the job and the video.
    for name in ("observations.jsonl.gz", "people.json"):
        assert len({job_files[name] for job_files in files}) == 1, name
    report_outcome(
        f"{report.succeeded} SUCCEEDED, {report.jobs} jobs, {len(files)} times the same files; "
        f"{report.crashes} crashes, {redriven} events redriven"
    )
