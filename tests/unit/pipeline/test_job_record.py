"""The states of a job record, and its pauses after transient errors."""

from dataclasses import replace

import pytest

from people_pathing.pipeline.job_record import JobRecord, JobState
from people_pathing.pipeline.video import Video

NOW = 1_769_860_800_000
RECORD = JobRecord.of(Video("videos", "a.mp4", None, "etag-01"), NOW - 5000, NOW - 4000)


def test_a_record_leads_back_to_its_video() -> None:
    assert RECORD.video == Video("videos", "a.mp4", None, "etag-01")
    assert (RECORD.video_id, RECORD.results_prefix) == (RECORD.video.video_id, RECORD.video.results_prefix)


@pytest.mark.parametrize(
    ("state", "is_open"), [("WAITING", True), ("IN_PROGRESS", True), ("SUCCEEDED", False), ("FAILED", False)]
)
def test_waiting_and_running_jobs_are_open(state: str, is_open: bool) -> None:
    assert replace(RECORD, state=JobState(state)).is_open is is_open


def test_a_leased_job_is_free_when_the_lease_ends() -> None:
    leased = RECORD.leased(NOW, 1000)
    assert leased.updated_ms == NOW
    assert not leased.is_free(NOW + 999)
    assert leased.is_free(NOW + 1000)


def test_pauses_double_from_one_second_to_five_minutes() -> None:
    record, pauses_s = RECORD, []
    for _ in range(11):
        record = record.deferred("reason", NOW)
        pauses_s.append((record.due_ms - NOW) / 1000)
    assert pauses_s == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]
    assert record.attempts == 11


def test_a_job_that_failed_thousands_of_times_is_still_tried_every_five_minutes() -> None:
    assert replace(RECORD, attempts=100_000).deferred("reason", NOW).due_ms == NOW + 300_000


def test_the_time_of_the_first_start_is_kept() -> None:
    started = RECORD.in_progress("job-1", NOW)
    assert started.in_progress("job-1", NOW + 9000).started_ms == NOW


def test_a_finished_job_is_not_leased_and_has_no_progress() -> None:
    busy = replace(RECORD.leased(NOW, 1000), limit_reached_ms=NOW, reason="waits")
    for finished in (busy.succeeded(NOW + 1), busy.failed("no video", NOW + 1)):
        assert (finished.finished_ms, finished.updated_ms) == (NOW + 1, NOW + 1)
        assert (finished.lease_until_ms, finished.limit_reached_ms, finished.progress) == (0, None, None)
    assert busy.succeeded(NOW).reason is None
    assert busy.failed("no video", NOW).reason == "no video"


def test_a_paused_job_is_due_at_once() -> None:
    paused = RECORD.leased(NOW, 1000).paused(NOW + 5)
    assert (paused.due_ms, paused.lease_until_ms, paused.updated_ms) == (NOW + 5, 0, NOW + 5)
