"""Which waiting job starts next, and what each outcome of a start does to its record."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from people_pathing.pipeline.events.s3_events import UploadedVideo
from people_pathing.pipeline.job_record import JobRecord, JobState
from people_pathing.pipeline.start_queue import StartQueue
from people_pathing.pipeline.start_request import SentRequests, StartRequest
from people_pathing.pipeline.tracking_client import (
    LimitReached,
    Misconfigured,
    Rejected,
    Started,
    StartOutcome,
    Throttled,
    TransientFailure,
    Unreadable,
)
from people_pathing.pipeline.video import Video
from tests.fakes.aws_errors import client_error
from tests.fakes.memory_table import MemoryTable
from tests.fakes.pipeline import CountedMetrics

NOW = 1_769_860_800_000

LogLines = Callable[[], list[dict[str, Any]]]


@dataclass
class ScriptedTracking:
    """A tracking client whose outcomes a test decides. A video without a script is started."""

    outcomes: Mapping[str, StartOutcome | Unreadable] = field(default_factory=dict)
    during_start: Callable[[Video], object] = lambda _video: None
    requests: list[StartRequest] = field(default_factory=list)
    role_arn: str = "role"

    @property
    def started(self) -> list[str]:
        return [request.key for request in self.requests]

    def request(self, video: Video) -> StartRequest:
        return StartRequest("videos", video.key, "v1", "token", video.video_id, "topic", self.role_arn)

    def start(self, request: StartRequest) -> StartOutcome | Unreadable:
        self.requests.append(request)
        self.during_start(_video(request.key))
        return self.outcomes.get(request.key, Started(f"job of {request.key}"))


@dataclass
class Scene:
    """A queue with everything around it in memory."""

    tracking: ScriptedTracking = field(default_factory=ScriptedTracking)
    table: MemoryTable = field(default_factory=MemoryTable)
    metrics: CountedMetrics = field(default_factory=CountedMetrics)
    deleted: set[str] = field(default_factory=set)
    heads: dict[str, dict[str, Any]] = field(default_factory=dict)
    now_ms: int = NOW
    deadline_reached: Callable[[], bool] = lambda: False
    added: int = 0

    @property
    def queue(self) -> StartQueue:
        tracking: Any = self.tracking
        s3: Any = self
        return StartQueue(
            self.table, tracking, s3, self.metrics, lambda: self.now_ms, lambda: self.deadline_reached()
        )

    def head_object(self, **request: str) -> dict[str, Any]:
        if request["Key"] in self.deleted:
            raise client_error("404", "HeadObject", 404, message="Not Found")
        return {"ContentLength": 1} | self.heads.get(request["Key"], {})

    def add(self, *keys: str, **changes: Any) -> list[JobRecord]:
        """Adds a waiting job for each key, each due a millisecond after the one that was added before."""
        records = []
        for number, key in enumerate(keys):
            self.added += 1
            record = JobRecord.of(_video(key), NOW + number, NOW)
            records.append(replace(record, **{"due_ms": NOW - 1000 + self.added, **changes}))
            assert self.table.add(records[-1])
        return records

    def record(self, key: str) -> JobRecord:
        record = self.table.get(_video(key).video_id)
        assert record is not None
        return record


def _video(key: str) -> Video:
    return Video("videos", key, "v1", "v1")


def _sent(key: str) -> SentRequests:
    return SentRequests(ScriptedTracking().request(_video(key)))


def _deferred(record: JobRecord, reason: str) -> JobRecord:
    """Returns the record of a job that failed to start once."""
    return replace(
        record,
        revision=2,
        due_ms=NOW + 1000,
        attempts=1,
        reason=reason,
        requests=_sent(record.key),
        trouble_since_ms=NOW,
    )


@pytest.fixture
def scene() -> Scene:
    return Scene()


# ---- recording


def test_an_upload_is_recorded_as_a_waiting_job(scene: Scene) -> None:
    record = scene.queue.admit(UploadedVideo(_video("a"), NOW - 500))
    assert record == JobRecord.of(_video("a"), NOW - 500, NOW)
    assert scene.record("a") == record
    assert record.state is JobState.WAITING


def test_an_empty_upload_has_a_failed_job_and_is_counted_once(scene: Scene) -> None:
    empty = UploadedVideo(_video("a"), NOW - 500, is_empty=True)

    assert scene.queue.admit(empty) is None
    assert scene.queue.admit(empty) is None

    (record,) = scene.table.in_state(JobState.FAILED)
    assert record.reason == "the object is empty: no bytes were uploaded"
    assert (record.job_id, record.finished_ms) == (None, NOW)
    assert scene.metrics.counts == {"empty": 1}


def test_a_repeated_event_records_nothing(scene: Scene) -> None:
    scene.queue.admit(UploadedVideo(_video("a"), NOW))
    assert scene.queue.admit(UploadedVideo(_video("a"), NOW + 1)) is None
    assert scene.record("a").uploaded_ms == NOW


# ---- the outcomes of a start


def test_a_started_job_is_in_progress_and_polled_in_a_minute(scene: Scene) -> None:
    (waiting,) = scene.add(
        "a", attempts=3, limit_reached_ms=NOW - 1, reason="limit", trouble_since_ms=NOW - 1
    )
    scene.queue.start()
    assert scene.record("a") == replace(
        waiting,
        state=JobState.IN_PROGRESS,
        revision=2,
        job_id="job of a",
        started_ms=NOW,
        updated_ms=NOW,
        due_ms=NOW + 60_000,
        lease_until_ms=0,
        limit_reached_ms=None,
        attempts=0,
        reason=None,
        trouble_since_ms=None,
    )
    assert scene.metrics.counts == {"started": 1}


def test_a_job_is_leased_for_two_minutes_while_it_is_started(scene: Scene) -> None:
    leases: list[int] = []
    scene.tracking.during_start = lambda video: leases.append(scene.record(video.key).lease_until_ms)
    scene.add("a")
    scene.queue.start()
    assert leases == [NOW + 120_000]


def test_the_job_limit_ends_the_starting_and_the_job_stays_due(scene: Scene) -> None:
    (first,) = scene.add("a")
    (second,) = scene.add("b", uploaded_ms=NOW + 1)
    scene.tracking.outcomes = {"a": LimitReached("limit")}
    scene.queue.start()
    assert scene.tracking.started == ["a"]
    assert scene.record("a") == replace(
        first, revision=2, limit_reached_ms=NOW, reason="limit", requests=_sent("a")
    )
    assert scene.record("b") == second
    assert scene.metrics.counts == {}


def test_throttling_ends_the_starting_and_defers_the_job(scene: Scene) -> None:
    first, second = scene.add("a", "b")
    scene.tracking.outcomes = {"a": Throttled("slower")}
    scene.queue.start()
    assert scene.tracking.started == ["a"]
    assert scene.record("a") == _deferred(first, "slower")
    assert scene.record("b") == second
    assert scene.metrics.counts == {}


def test_a_transient_failure_defers_the_job_and_the_next_one_starts(scene: Scene) -> None:
    first, _ = scene.add("a", "b")
    scene.tracking.outcomes = {"a": TransientFailure("broken")}
    scene.queue.start()
    assert scene.record("a") == _deferred(first, "broken")
    assert scene.record("b").state is JobState.IN_PROGRESS
    assert scene.metrics.counts == {"deferred": 1, "started": 1}


def test_a_rejected_job_fails_with_the_reason_and_the_next_one_starts(scene: Scene) -> None:
    first, _ = scene.add("a", "b", limit_reached_ms=NOW - 1)
    scene.tracking.outcomes = {"a": Rejected("too large")}
    scene.queue.start()
    assert scene.record("a") == replace(
        first,
        revision=2,
        state=JobState.FAILED,
        finished_ms=NOW,
        reason="too large",
        limit_reached_ms=None,
    )
    assert scene.record("b").state is JobState.IN_PROGRESS
    assert scene.metrics.counts == {"FAILED": 1, "started": 1}


def test_a_deleted_video_fails_without_a_call_to_the_service(scene: Scene) -> None:
    scene.add("a", "b")
    scene.deleted.add("a")
    scene.queue.start()
    assert (scene.record("a").state, scene.record("a").reason) == (
        JobState.FAILED,
        "the object was deleted before its job started",
    )
    assert scene.tracking.started == ["b"]


def test_a_job_that_the_limit_keeps_waiting_is_not_in_trouble_any_more(scene: Scene) -> None:
    scene.add("a", attempts=3, trouble_since_ms=NOW - 1)
    scene.tracking.outcomes = {"a": LimitReached("limit")}
    scene.queue.start()
    assert (scene.record("a").attempts, scene.record("a").trouble_since_ms) == (0, None)


def test_a_refusal_by_the_configuration_defers_the_job_and_the_next_one_starts(scene: Scene) -> None:
    first, _ = scene.add("a", "b")
    scene.tracking.outcomes = {"a": Misconfigured("no such role")}
    scene.queue.start()
    assert scene.record("a") == _deferred(first, "no such role")
    assert scene.record("b").state is JobState.IN_PROGRESS
    assert scene.metrics.counts == {"deferred": 1, "started": 1}


@pytest.mark.parametrize(
    ("head", "reason"),
    [
        ({"ContentLength": 0}, "the object is empty"),
        ({"StorageClass": "GLACIER"}, "the object is archived (GLACIER) and not restored"),
    ],
)
def test_an_object_that_the_service_cannot_read_fails_if_s3_shows_the_cause(
    scene: Scene, head: dict[str, Any], reason: str
) -> None:
    scene.add("a")
    scene.tracking.outcomes = {"a": Unreadable("cannot read")}
    scene.heads["a"] = head
    scene.queue.start()
    assert (scene.record("a").state, scene.record("a").reason) == (JobState.FAILED, reason)


def test_an_object_that_the_service_cannot_read_waits_if_s3_shows_no_cause(scene: Scene) -> None:
    (first,) = scene.add("a")
    scene.tracking.outcomes = {"a": Unreadable("cannot read")}
    scene.queue.start()
    assert scene.record("a") == _deferred(first, "cannot read")
    assert scene.metrics.counts == {"deferred": 1}


@pytest.mark.parametrize(
    "outcome",
    [TransientFailure("broken"), Misconfigured("broken"), Unreadable("broken"), Throttled("broken")],
)
def test_a_deferral_is_counted_as_stuck_once_the_trouble_has_lasted_for_fifteen_minutes(
    scene: Scene, outcome: StartOutcome | Unreadable
) -> None:
    scene.add("a", trouble_since_ms=NOW - 899_999)
    scene.tracking.outcomes = {"a": outcome}
    scene.queue.start()
    assert scene.metrics.counts["stuck"] == 0
    scene.now_ms += 300_000
    scene.queue.start()
    assert scene.metrics.counts["stuck"] == 1
    assert scene.record("a").trouble_since_ms == NOW - 899_999


@pytest.mark.parametrize("failure", [TransientFailure("broken"), Misconfigured("no such role")])
def test_after_three_failures_in_a_row_only_the_newest_job_is_tried(
    scene: Scene, failure: StartOutcome
) -> None:
    scene.add(*"abcdef")
    scene.tracking.outcomes = dict.fromkeys("abcdef", failure)
    scene.queue.start()
    assert scene.tracking.started == ["a", "b", "c", "f"]


def test_after_three_failures_in_a_row_the_newest_jobs_start_until_one_fails(scene: Scene) -> None:
    scene.add(*"abcdefgh")
    scene.tracking.outcomes = dict.fromkeys("abcde", Misconfigured("bucket policy"))
    scene.queue.start()
    assert scene.tracking.started == [*"abc", *"hgfe"]


@pytest.mark.parametrize("refused_count", [3, 300, 3000])
def test_good_uploads_start_at_once_however_many_refused_ones_wait_before_them(
    scene: Scene, refused_count: int
) -> None:
    refused = [f"refused {number}" for number in range(refused_count)]
    scene.tracking.outcomes = dict.fromkeys(refused, Misconfigured("bucket policy"))
    for key in refused:
        scene.now_ms += 1
        scene.queue.admit(UploadedVideo(_video(key), scene.now_ms))
    for _ in range(60):
        calls_before = len(scene.tracking.started)
        scene.queue.start()
        assert len(scene.tracking.started) <= calls_before + 4
        scene.now_ms += 60_000
    for key in ("good 1", "good 2"):
        scene.now_ms += 1
        scene.queue.admit(UploadedVideo(_video(key), scene.now_ms))
    scene.queue.start()
    assert {scene.record(key).state for key in ("good 1", "good 2")} == {JobState.IN_PROGRESS}


def test_a_new_job_starts_behind_refused_ones_even_if_the_index_does_not_list_it_yet(scene: Scene) -> None:
    scene.table = MemoryTable(now_ms=lambda: scene.now_ms, lag_ms=1000)
    scene.add(*"abcd")
    scene.tracking.outcomes = dict.fromkeys("abcd", Misconfigured("bucket policy"))
    scene.now_ms += 2000
    scene.queue.start(scene.add("new"))
    assert scene.tracking.started == ["a", "b", "c", "new", "d"]


def test_the_newest_job_is_not_tried_after_the_deadline(scene: Scene) -> None:
    scene.add(*"abcd")
    scene.tracking.outcomes = dict.fromkeys("abcd", TransientFailure("broken"))
    scene.deadline_reached = lambda: len(scene.tracking.started) == 3
    scene.queue.start()
    assert scene.tracking.started == ["a", "b", "c"]


@pytest.mark.parametrize("other", [Started("job"), Rejected("no")])
def test_another_outcome_between_transient_failures_starts_the_count_again(
    scene: Scene, other: StartOutcome
) -> None:
    scene.add(*"abcdefgh")
    scene.tracking.outcomes = dict.fromkeys("abdefh", TransientFailure("broken")) | {"c": other}
    scene.queue.start()
    assert scene.tracking.started == list("abcdefh")


def test_a_change_by_another_function_during_a_start_is_kept(scene: Scene) -> None:
    scene.add("a")
    scene.tracking.outcomes = {"a": Rejected("too large")}

    def finish(video: Video) -> None:
        record = scene.record(video.key)
        assert scene.table.replace(record, record.succeeded(NOW))

    scene.tracking.during_start = finish
    scene.queue.start()
    assert scene.record("a").state is JobState.SUCCEEDED
    assert scene.metrics.counts == {}


# ---- a start whose outcome is unknown


@pytest.mark.parametrize("changes", [{"trouble_since_ms": NOW - 1}, {"lease_until_ms": NOW}])
def test_a_job_that_may_run_already_is_found_although_its_video_was_deleted(
    scene: Scene, changes: dict[str, int]
) -> None:
    scene.add("a", requests=_sent("a"), **changes)
    scene.deleted.add("a")
    scene.queue.start()
    assert (scene.record("a").state, scene.record("a").job_id) == (JobState.IN_PROGRESS, "job of a")


@pytest.mark.parametrize("outcome", [LimitReached("limit"), Misconfigured("role"), Unreadable("gone")])
def test_a_deleted_video_fails_when_the_service_shows_that_its_job_does_not_run(
    scene: Scene, outcome: StartOutcome | Unreadable
) -> None:
    scene.add("a", requests=_sent("a"), trouble_since_ms=NOW - 1)
    scene.deleted.add("a")
    scene.tracking.outcomes = {"a": outcome}
    scene.queue.start()
    assert (scene.record("a").state, scene.record("a").reason) == (
        JobState.FAILED,
        "the object was deleted before its job started",
    )


def test_a_deleted_video_whose_job_may_run_waits_while_the_service_does_not_answer(scene: Scene) -> None:
    scene.add("a", requests=_sent("a"), trouble_since_ms=NOW - 1)
    scene.deleted.add("a")
    scene.tracking.outcomes = {"a": TransientFailure("broken")}
    scene.queue.start()
    assert scene.record("a").state is JobState.WAITING


def test_a_deleted_video_that_met_the_limit_is_not_started(scene: Scene) -> None:
    scene.add("a", requests=_sent("a"), limit_reached_ms=NOW - 60_000)
    scene.deleted.add("a")
    scene.queue.start()
    assert scene.tracking.started == []
    assert scene.record("a").state is JobState.FAILED


# ---- the request


def test_the_request_is_stored_before_the_first_call(scene: Scene) -> None:
    (record,) = scene.add("a")
    stored: list[SentRequests | None] = []
    scene.tracking.during_start = lambda video: stored.append(scene.record(video.key).requests)
    scene.queue.start()
    assert stored == [SentRequests(scene.tracking.request(record.video))]


@pytest.mark.parametrize("outcome", [TransientFailure("lost"), Throttled("slower")])
def test_a_start_is_repeated_exactly_under_changed_settings(
    scene: Scene, outcome: StartOutcome | Unreadable
) -> None:
    scene.add("a")
    scene.tracking.outcomes = {"a": outcome}
    scene.queue.start()
    scene.tracking.role_arn = "new role"
    scene.now_ms += 60_000
    scene.queue.start()
    first, second = scene.tracking.requests
    assert first == second


def test_a_start_that_met_the_limit_is_made_under_the_new_settings_and_remembers_the_others(
    scene: Scene,
) -> None:
    scene.add("a")
    scene.tracking.outcomes = {"a": LimitReached("limit")}
    for role_arn in ("old", "new", "new"):
        scene.tracking.role_arn = role_arn
        scene.queue.start()
        scene.now_ms += 60_000
    assert [request.role_arn for request in scene.tracking.requests] == ["old", "new", "new"]
    requests = scene.record("a").requests
    assert requests is not None
    assert [request.role_arn for request in requests.others] == ["old"]


def test_after_a_refusal_the_request_under_the_new_settings_takes_turns_with_the_first(scene: Scene) -> None:
    scene.add("a")
    scene.tracking.outcomes = {"a": Misconfigured("no such role")}
    for role_arn in ("old", "new", "new", "new"):
        scene.tracking.role_arn = role_arn
        scene.queue.start()
        scene.now_ms += 60_000
    assert [request.role_arn for request in scene.tracking.requests] == ["old", "old", "new", "old"]


def test_the_request_is_dropped_when_the_job_is_started(scene: Scene) -> None:
    scene.add("a")
    scene.queue.start()
    assert scene.record("a").requests is None


# ---- the order


def test_stuck_jobs_do_not_keep_others_from_starting(scene: Scene) -> None:
    stuck = [f"stuck {number}" for number in range(9)]
    scene.add(*stuck, attempts=9, trouble_since_ms=NOW - 1_000_000)
    scene.add("good", uploaded_ms=NOW + 100)
    scene.tracking.outcomes = dict.fromkeys(stuck, Misconfigured("bucket policy"))
    scene.queue.start()
    assert scene.tracking.started == ["stuck 0", "good", "stuck 1", "stuck 2", "stuck 3"]


def test_stuck_jobs_take_turns(scene: Scene) -> None:
    scene.add(*"abcde", attempts=9, trouble_since_ms=NOW - 1_000_000)
    scene.tracking.outcomes = dict.fromkeys("abcde", Misconfigured("bucket policy"))
    scene.queue.start()
    scene.now_ms += 1
    scene.queue.start()
    scene.now_ms += 300_000
    scene.queue.start()
    assert scene.tracking.started[:5] == ["a", "b", "c", "d", "e"]
    assert sorted(scene.tracking.started[5:]) == ["a", "b", "c"]


def test_a_job_can_be_started_out_of_turn(scene: Scene) -> None:
    _, second = scene.add("a", "b", due_ms=NOW + 5000)
    assert scene.queue.start_one(second) == Started("job of b")
    assert scene.tracking.started == ["b"]
    assert scene.queue.start_one(second) is None


def test_jobs_start_in_the_order_of_upload(scene: Scene) -> None:
    for number, key in enumerate("cab"):
        scene.table.add(JobRecord.of(_video(key), NOW - number, NOW))
    scene.queue.start()
    assert scene.tracking.started == ["b", "a", "c"]


def test_a_job_whose_upload_is_dated_in_the_future_starts(scene: Scene) -> None:
    scene.queue.admit(UploadedVideo(_video("a"), NOW + 10**9))
    scene.queue.start()
    assert scene.tracking.started == ["a"]


def test_leased_and_deferred_jobs_are_not_started(scene: Scene) -> None:
    scene.add("leased", lease_until_ms=NOW + 1)
    scene.add("deferred", due_ms=NOW + 1)
    scene.add("due", due_ms=NOW, lease_until_ms=NOW)
    scene.queue.start()
    assert scene.tracking.started == ["due"]


def test_a_job_that_another_function_has_just_leased_is_left_to_it(scene: Scene) -> None:
    scene.table = MemoryTable(now_ms=lambda: scene.now_ms, lag_ms=1000)
    scene.add("a", "b")
    scene.now_ms += 2000
    assert list(scene.table.in_state(JobState.WAITING))
    record = scene.record("a")
    scene.table.replace(record, record.leased(scene.now_ms, 1000))
    scene.queue.start()
    assert scene.tracking.started == ["b"]


def test_no_job_starts_after_the_deadline(scene: Scene) -> None:
    scene.add("a", "b", "c")
    scene.deadline_reached = lambda: len(scene.tracking.started) == 2
    scene.queue.start()
    assert scene.tracking.started == ["a", "b"]
    assert scene.record("c").revision == 0


# ---- jobs that this invocation has just recorded


def test_older_jobs_start_before_the_new_ones(scene: Scene) -> None:
    scene.add("old")
    (new,) = scene.add("new")
    scene.queue.start([new])
    assert scene.tracking.started == ["old", "new"]


def test_a_new_job_starts_even_if_the_index_does_not_list_it_yet(scene: Scene) -> None:
    scene.table = MemoryTable(now_ms=lambda: scene.now_ms, lag_ms=1000)
    scene.queue.start(scene.add("a", "b"))
    assert scene.tracking.started == ["a", "b"]


def test_a_new_job_that_the_index_lists_starts_once(scene: Scene) -> None:
    operations: list[str] = []
    scene.table = MemoryTable(before=operations.append)
    arrivals = scene.add("a")
    operations.clear()
    scene.queue.start(arrivals)
    assert scene.tracking.started == ["a"]
    assert operations == ["Query", "PutItem", "PutItem"]


@pytest.mark.parametrize(
    ("age_ms", "started"), [(0, []), (59_999, []), (60_000, ["old", "new"]), (None, ["old", "new"])]
)
def test_new_jobs_wait_if_an_older_one_met_the_limit_within_a_minute(
    scene: Scene, age_ms: int | None, started: list[str]
) -> None:
    (old,) = scene.add("old", limit_reached_ms=None if age_ms is None else NOW - age_ms)
    (new,) = scene.add("new", uploaded_ms=NOW + 1)
    scene.queue.start([new])
    assert scene.tracking.started == started
    if not started:
        assert (scene.record("old"), scene.record("new")) == (old, new)


def test_the_schedule_asks_again_although_a_job_just_met_the_limit(scene: Scene) -> None:
    scene.add("old", limit_reached_ms=NOW)
    scene.queue.start()
    assert scene.tracking.started == ["old"]


def test_a_new_job_that_met_the_limit_itself_does_not_keep_itself_from_starting(scene: Scene) -> None:
    (new,) = scene.add("new", limit_reached_ms=NOW)
    scene.queue.start([new])
    assert scene.tracking.started == ["new"]


# ---- the log


@pytest.mark.parametrize(
    ("outcome", "level", "message", "details"),
    [
        (Started("job-1"), "INFO", "the job was started", {"job_id": "job-1"}),
        (LimitReached("limit"), "INFO", "the job waits: the job limit is reached", {"reason": "limit"}),
        (Throttled("slower"), "INFO", "the job waits: the service throttles", {"reason": "slower"}),
        (
            TransientFailure("broken"),
            "WARNING",
            "the job could not be started and is tried again",
            {"reason": "broken"},
        ),
        (Rejected("too large"), "ERROR", "the job was rejected", {"reason": "too large"}),
        (
            Misconfigured("no such role"),
            "ERROR",
            "the configuration keeps the job from starting; it is tried again",
            {"reason": "no such role"},
        ),
    ],
)
def test_each_outcome_is_logged_with_its_reason_and_the_video(
    scene: Scene,
    log_lines: LogLines,
    outcome: StartOutcome,
    level: str,
    message: str,
    details: dict[str, str],
) -> None:
    (record,) = scene.add("a")
    scene.tracking.outcomes = {"a": outcome}
    scene.queue.start()
    (line,) = log_lines()
    assert (line["level"], line["message"]) == (level, message)
    assert {name: line[name] for name in details} == details
    assert (line["video_id"], line["video"]) == (
        record.video_id,
        {"bucket": "videos", "key": "a", "version": "v1"},
    )


def test_the_log_says_why_jobs_were_not_started(scene: Scene, log_lines: LogLines) -> None:
    scene.add("old", limit_reached_ms=NOW)
    scene.queue.start(scene.add("new", uploaded_ms=NOW + 1))
    scene.deadline_reached = lambda: True
    scene.queue.start()
    assert [(line["level"], line["message"]) for line in log_lines()] == [
        ("INFO", "the job limit was reached recently: the new jobs wait"),
        ("INFO", "this invocation is about to end: the other jobs wait for the next one"),
    ]


def test_the_log_tells_new_and_repeated_events_apart(scene: Scene, log_lines: LogLines) -> None:
    upload = UploadedVideo(_video("a"), NOW)
    scene.queue.admit(upload)
    scene.queue.admit(upload)
    assert [(line["message"], line["video"]["key"]) for line in log_lines()] == [
        ("the job was recorded", "a"),
        ("the job was recorded before: S3 delivered the event again", "a"),
    ]


def test_the_log_says_that_another_function_has_changed_the_record(scene: Scene, log_lines: LogLines) -> None:
    scene.add("a")
    scene.tracking.during_start = lambda video: scene.table.bury(scene.record(video.key), 0)
    scene.queue.start()
    messages = [line["message"] for line in log_lines()]
    assert messages == ["the job was started", "another function has changed the record since"]


# ---- metrics


def test_the_metrics_count_waiting_jobs_also_if_they_are_not_due(scene: Scene) -> None:
    scene.add("a", "b", due_ms=NOW + 60_000)
    scene.add("c", state=JobState.FAILED)
    scene.now_ms = NOW + 1500
    scene.queue.measure()
    assert scene.metrics.gauges == {"waiting": 2, "oldest_age_s": 1.5, "oldest_in_progress_age_s": 0}


def test_the_metrics_are_zero_without_waiting_jobs(scene: Scene) -> None:
    scene.queue.measure()
    assert scene.metrics.gauges == {"waiting": 0, "oldest_age_s": 0, "oldest_in_progress_age_s": 0}


def test_the_age_of_the_oldest_job_in_progress_counts_from_its_start(scene: Scene) -> None:
    (record,) = scene.add("a", uploaded_ms=NOW - 60_000)
    scene.table.replace(record, record.in_progress("job-1", NOW))
    scene.now_ms = NOW + 2500
    scene.queue.measure()
    assert scene.metrics.gauges == {"waiting": 0, "oldest_age_s": 0, "oldest_in_progress_age_s": 2.5}


def test_the_age_is_not_negative_if_the_clock_of_s3_is_ahead(scene: Scene) -> None:
    scene.add("a")
    scene.now_ms = NOW - 5000
    scene.queue.measure()
    assert scene.metrics.gauges == {"waiting": 1, "oldest_age_s": 0, "oldest_in_progress_age_s": 0}


def test_the_oldest_job_in_progress_is_not_hidden_by_an_older_upload_that_started_later(scene: Scene) -> None:
    for key, uploaded_ms, started_ms in (("a", NOW - 9000, NOW - 1000), ("b", NOW - 8000, NOW - 5000)):
        (record,) = scene.add(key, uploaded_ms=uploaded_ms)
        scene.table.replace(record, record.in_progress("job", started_ms))
    scene.queue.measure()
    assert scene.metrics.gauges["oldest_in_progress_age_s"] == 5


def test_the_oldest_waiting_job_is_found_although_it_was_deferred(scene: Scene) -> None:
    scene.add("new", uploaded_ms=NOW - 1000)
    scene.add("old", uploaded_ms=NOW - 9000, due_ms=NOW + 300_000, trouble_since_ms=NOW)
    scene.queue.measure()
    assert scene.metrics.gauges["oldest_age_s"] == 9


@pytest.mark.parametrize("waiting_count", [10, 20_000])
def test_a_run_of_the_schedule_makes_the_same_calls_however_many_jobs_wait(
    scene: Scene, waiting_count: int
) -> None:
    operations: list[str] = []
    (record,) = scene.add("a")
    for number in range(1, waiting_count):
        scene.table.add(replace(record, video_id=str(number), due_ms=NOW - 1000 + number))
    scene.tracking.outcomes = {"a": LimitReached("limit")}
    scene.table._before = operations.append
    scene.queue.start()
    scene.queue.measure()
    assert operations == ["Query", "PutItem", "PutItem", "Query", "Query", "Query"]
    assert scene.metrics.gauges["waiting"] == min(waiting_count, 1000)


@pytest.mark.parametrize(
    ("due_ms", "query_count", "call_count"),
    [(NOW - 1, 11, 3), (NOW + 1, 1, 0)],
    ids=["stuck and due", "stuck and not due"],
)
def test_a_run_reads_a_limited_number_of_stuck_jobs(
    scene: Scene, due_ms: int, query_count: int, call_count: int
) -> None:
    operations: list[str] = []
    stuck = {"attempts": 9, "trouble_since_ms": NOW - 1_000_000, "due_ms": due_ms}
    keys = [str(number) for number in range(5000)]
    scene.add(*keys, **stuck)
    scene.tracking.outcomes = dict.fromkeys(keys, Misconfigured("bucket policy"))
    scene.table._before = operations.append
    scene.queue.start()
    assert operations.count("Query") == query_count
    assert len(scene.tracking.started) == call_count
