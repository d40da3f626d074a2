"""How jobs are finished: each kind of notice, page and failure, and what it does to the record."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from threading import Event
from types import SimpleNamespace
from typing import Any
from unittest.mock import Mock, patch

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from people_pathing.pipeline.events.completion_notice import JobCompletion
from people_pathing.pipeline.job_record import JobRecord, JobState
from people_pathing.pipeline.result_collection import ResultCollector
from people_pathing.pipeline.tracking_client import PersonPage
from people_pathing.pipeline.video import Video
from people_pathing.results.chunks import Chunk, Progress
from people_pathing.results.files.job_summary import JobSummary, StoredVideo
from people_pathing.results.observation import Observation, observations_in
from people_pathing.results.provenance import Provenance
from people_pathing.results.recording_time import RecordingSource, RecordingTime
from tests.fakes.aws_errors import client_error
from tests.fakes.memory_table import MemoryTable
from tests.fakes.person_tracking import METADATA, person
from tests.fakes.pipeline import CountedMetrics
from tests.fakes.same_thread import SameThread

NOW = 1_769_860_800_000
PROVENANCE = Provenance(version="0.1.0", frames_decoded=120, container_created_at="2026-03-02T08:00:00Z")
RECORDED = RecordingTime(NOW - 3_600_000, RecordingSource.CONTAINER)
DAY_MS = 24 * 3600 * 1000
VIDEO = Video("videos", "a.mp4", "v1", "v1")
WAITING = JobRecord.of(VIDEO, NOW - 9000, NOW - 8000)
RUNNING = WAITING.in_progress("job-1", NOW - 7000)

LogLines = Callable[[], list[dict[str, Any]]]


@dataclass
class ScriptedTracking:
    """A tracking client with a page for each token. An exception in the place of a page is raised."""

    pages: dict[str | None, PersonPage | Exception] = field(default_factory=dict)
    requested: list[str | None] = field(default_factory=list)
    before: Callable[[], object] = lambda: None

    def get_page(self, job_id: str, next_token: str | None) -> PersonPage:
        assert job_id == "job-1"
        self.requested.append(next_token)
        self.before()
        page = self.pages[next_token]
        if isinstance(page, Exception):
            raise page
        return page


@dataclass
class RecordingBucket:
    """A results bucket that records the calls."""

    calls: list[str] = field(default_factory=list)
    pieces: dict[str, bytes] = field(default_factory=dict)
    summary: JobSummary | None = None
    part_count: int = 0
    discard_error: Exception | None = None
    before_part: Callable[[], object] = lambda: None

    def put_chunk(self, video_id: str, number: int, chunk: Chunk) -> None:
        assert video_id == VIDEO.video_id
        self.calls.append(f"chunk {number}")
        self._add(chunk)

    def publish(
        self,
        record: JobRecord,
        chunk_count: int,
        last: Chunk,
        summary: JobSummary,
        before_write: Callable[[], None],
    ) -> None:
        assert record.video_id == VIDEO.video_id
        for _ in range(self.part_count):
            self.before_part()
            before_write()
        self.calls.append(f"publish {chunk_count} chunks")
        self._add(last)
        self.summary = summary

    def discard_chunks(self, video_id: str, chunk_count: int) -> None:
        assert video_id == VIDEO.video_id
        self.calls.append(f"discard {chunk_count} chunks")
        if self.discard_error:
            raise self.discard_error

    def _add(self, chunk: Chunk) -> None:
        for name, piece in chunk.pieces.items():
            self.pieces[name] = self.pieces.get(name, b"") + piece


class RacedTable(MemoryTable):
    """A table whose record is changed by another function just before some of the replacements."""

    def __init__(self, races: int) -> None:
        super().__init__()
        self.races = races

    def replace(self, old: JobRecord, new: JobRecord) -> JobRecord | None:
        if self.races:
            self.races -= 1
            current = self.get(old.video_id)
            assert current is not None
            super().replace(current, replace(current, updated_ms=current.updated_ms + 1))
        return super().replace(old, new)


@dataclass
class Scene:
    """A collector with everything around it in memory, and one record."""

    stored: JobRecord | None = RUNNING
    table: MemoryTable = field(default_factory=MemoryTable)
    tracking: ScriptedTracking = field(default_factory=ScriptedTracking)
    bucket: RecordingBucket = field(default_factory=RecordingBucket)
    recording_times: dict[tuple[Any, ...], RecordingTime] = field(
        default_factory=lambda: {(VIDEO, PROVENANCE.container_created_at): RECORDED}
    )
    metrics: CountedMetrics = field(default_factory=CountedMetrics)
    now_ms: int = NOW
    deadline_reached: Callable[[], bool] = lambda: False
    background: Executor = field(default_factory=SameThread)
    started_job_id: str | None = "job-1"
    start_count: int = 0

    def __post_init__(self) -> None:
        if self.stored is not None:
            self.table.add(self.stored)

    @property
    def collector(self) -> ResultCollector:
        tracking: Any = self.tracking
        bucket: Any = self.bucket
        times: Any = SimpleNamespace(of=lambda *facts: self.recording_times.get(facts))
        return ResultCollector(
            self.table,
            tracking,
            bucket,
            times,
            self.metrics,
            lambda: self.now_ms,
            lambda: self.deadline_reached(),
            self.background,
        )

    @property
    def record(self) -> JobRecord:
        record = self.table.get(VIDEO.video_id)
        assert record is not None
        return record

    def poll(self) -> None:
        self.collector.poll(self.record)

    def notify(self, **changes: Any) -> None:
        completion = JobCompletion("job-1", VIDEO.video_id)
        self.collector.handle_completion(replace(completion, **changes), self.start)

    def start(self, record: JobRecord) -> None:
        """Starts a waiting job, which the service has started before."""
        self.start_count += 1
        if self.started_job_id is not None:
            self.table.replace(record, record.in_progress(self.started_job_id, self.now_ms))


def _page(
    status: str = "SUCCEEDED",
    *,
    message: str | None = None,
    observations: Sequence[Observation] = (),
    next_token: str | None = None,
    video: tuple[str | None, str | None, str | None] = ("videos", "a.mp4", "v1"),
) -> PersonPage:
    return PersonPage(status, message, METADATA, tuple(observations), next_token, video, PROVENANCE)


def _pages(count: int) -> dict[str | None, PersonPage | Exception]:
    """Returns pages of one observation each. The tokens are "1", "2" and so on."""
    walk = tuple(observations_in(person(0, 100 * number, number, 0) for number in range(count)))
    tokens = [str(number) if number else None for number in range(count)]
    return {
        token: _page(observations=[walk[number]], next_token=str(number + 1) if number + 1 < count else None)
        for number, token in enumerate(tokens)
    }


def _error(code: str) -> ClientError:
    return client_error(code, "GetPersonTracking", message="its words")


def _succeeding(page_count: int = 1, **scene: Any) -> Scene:
    return Scene(tracking=ScriptedTracking(_pages(page_count)), **scene)


# ---- notices that change nothing


@pytest.mark.parametrize("changes", [{"video_id": None}, {"video_id": "unknown"}, {"job_id": "job-2"}])
def test_a_notice_about_something_else_is_ignored(changes: dict[str, Any]) -> None:
    scene = _succeeding()
    scene.notify(**changes)
    assert scene.record == RUNNING
    assert scene.tracking.requested == []


@pytest.mark.parametrize("finished", [RUNNING.succeeded(NOW), RUNNING.failed("reason", NOW)])
def test_a_notice_about_a_finished_job_is_ignored(finished: JobRecord) -> None:
    scene = _succeeding(stored=finished)
    scene.notify()
    assert scene.record == finished
    assert scene.tracking.requested == []


def test_a_notice_about_a_job_that_another_function_collects_is_ignored() -> None:
    leased = RUNNING.leased(NOW - 1, 2)
    scene = _succeeding(stored=leased)
    scene.notify()
    assert scene.record == leased


def test_a_notice_about_a_job_with_an_expired_lease_is_handled() -> None:
    scene = _succeeding(stored=RUNNING.leased(NOW - 2, 2))
    scene.notify()
    assert scene.record.state is JobState.SUCCEEDED


# ---- notices that finish a job


def test_a_notice_about_a_waiting_job_starts_it_again_to_learn_its_job_id() -> None:
    scene = _succeeding(stored=WAITING)
    scene.notify()
    assert (scene.record.state, scene.record.job_id, scene.record.started_ms) == (
        JobState.SUCCEEDED,
        "job-1",
        NOW,
    )
    assert scene.start_count == 1


def test_the_job_id_of_a_notice_about_a_waiting_job_is_not_accepted() -> None:
    scene = _succeeding(stored=WAITING, started_job_id="job-1")
    scene.notify(job_id="theirs")
    assert (scene.record.state, scene.record.job_id) == (JobState.IN_PROGRESS, "job-1")
    assert scene.tracking.requested == []


def test_a_notice_about_a_waiting_job_that_does_not_start_changes_nothing() -> None:
    scene = _succeeding(stored=WAITING, started_job_id=None)
    scene.notify()
    assert (scene.record, scene.start_count) == (WAITING, 1)


def test_a_notice_about_a_job_that_is_being_started_is_left_to_the_first_poll() -> None:
    starting = WAITING.leased(NOW - 1, 120_000)
    scene = _succeeding(stored=starting)
    scene.notify()
    assert (scene.record, scene.start_count) == (starting, 0)
    recorded = scene.table.replace(starting, starting.in_progress("job-1", NOW))
    assert recorded is not None
    scene.now_ms = NOW + 60_000
    assert list(scene.collector.overdue()) == [recorded]


def test_a_notice_of_success_stores_the_results_and_leaves_a_clean_record() -> None:
    scene = _succeeding(stored=replace(RUNNING, attempts=2, reason="deferred"))
    scene.notify()
    assert scene.bucket.calls == ["publish 0 chunks", "discard 0 chunks"]
    assert scene.record == replace(
        RUNNING,
        state=JobState.SUCCEEDED,
        revision=2,
        attempts=2,
        updated_ms=NOW,
        finished_ms=NOW,
        reason=None,
    )
    assert scene.metrics.counts == {"SUCCEEDED": 1}


def test_a_notice_of_a_failed_job_fails_it_with_the_reason_of_the_service() -> None:
    scene = Scene(tracking=ScriptedTracking({None: _page("FAILED", message="no video")}))
    scene.notify()
    assert (scene.record.state, scene.record.reason) == (JobState.FAILED, "no video")
    assert (scene.record.finished_ms, scene.record.lease_until_ms) == (NOW, 0)
    assert scene.metrics.counts == {"FAILED": 1}


def test_a_notice_that_the_service_does_not_confirm_yet_defers_the_job_by_a_second() -> None:
    scene = Scene(tracking=ScriptedTracking({None: _page("IN_PROGRESS")}))
    scene.notify()
    assert scene.record == replace(
        RUNNING,
        revision=2,
        due_ms=NOW + 1000,
        attempts=1,
        updated_ms=NOW,
        reason="the service does not report the end of the job yet",
        trouble_since_ms=NOW,
    )
    assert scene.metrics.counts == {}


@pytest.mark.parametrize(("races", "state"), [(4, JobState.SUCCEEDED), (5, JobState.IN_PROGRESS)])
def test_a_notice_is_tried_five_times_if_the_record_keeps_changing(races: int, state: JobState) -> None:
    scene = _succeeding(table=RacedTable(races))
    scene.notify()
    assert scene.record.state is state


# ---- polling


@pytest.mark.parametrize(
    ("age_ms", "pause_ms"), [(0, 60_000), (60_000, 60_000), (150_000, 150_000), (3_600_000, 600_000)]
)
def test_a_polled_job_that_is_still_running_is_polled_again_after_a_growing_pause(
    age_ms: int, pause_ms: int
) -> None:
    stored = replace(RUNNING, started_ms=NOW - age_ms, attempts=3, trouble_since_ms=NOW - 1, reason="broken")
    scene = Scene(stored=stored, tracking=ScriptedTracking({None: _page("IN_PROGRESS")}))
    scene.poll()
    assert scene.record == replace(
        RUNNING, started_ms=NOW - age_ms, revision=2, due_ms=NOW + pause_ms, updated_ms=NOW
    )


def test_a_polled_job_is_leased_for_two_minutes() -> None:
    scene = Scene(tracking=ScriptedTracking({None: _page("IN_PROGRESS")}))
    leases: list[int] = []
    scene.tracking.before = lambda: leases.append(scene.record.lease_until_ms)
    scene.poll()
    assert leases == [NOW + 120_000]


@pytest.mark.parametrize(
    ("message", "reason"), [("no video", "no video"), (None, "the service gave no reason")]
)
def test_a_polled_job_that_failed_keeps_the_reason_of_the_service(message: str | None, reason: str) -> None:
    scene = Scene(tracking=ScriptedTracking({None: _page("FAILED", message=message)}))
    scene.poll()
    assert (scene.record.state, scene.record.reason) == (JobState.FAILED, reason)
    assert scene.metrics.counts == {"FAILED": 1}


def test_a_poll_of_a_changed_record_does_nothing() -> None:
    scene = _succeeding(table=RacedTable(1))
    scene.poll()
    assert scene.tracking.requested == []
    assert scene.record.state is JobState.IN_PROGRESS


def test_only_running_jobs_that_are_due_and_free_are_polled() -> None:
    scene = Scene(stored=None)
    jobs = {
        "due": replace(RUNNING, due_ms=NOW),
        "later": replace(RUNNING, due_ms=NOW + 1),
        "leased": replace(RUNNING, due_ms=0, lease_until_ms=NOW + 1),
        "waiting": WAITING,
        "finished": replace(RUNNING.succeeded(NOW), due_ms=0),
    }
    for name, record in jobs.items():
        scene.table.add(replace(record, video_id=name))
    assert [record.video_id for record in scene.collector.overdue()] == ["due"]


def test_polling_stops_at_the_deadline() -> None:
    scene = Scene(stored=None)
    for name in "abc":
        scene.table.add(replace(RUNNING, video_id=name, due_ms=0))
    scene.tracking.pages = {None: _page("IN_PROGRESS")}
    scene.deadline_reached = lambda: len(scene.tracking.requested) == 2
    for record in scene.collector.overdue():
        scene.collector.poll(record)
    assert len(scene.tracking.requested) == 2


# ---- failures


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (_error("InternalServerError"), "InternalServerError: its words"),
        (_error("InvalidPaginationTokenException"), "InvalidPaginationTokenException: its words"),
        (
            EndpointConnectionError(endpoint_url="https://nowhere"),
            'EndpointConnectionError: Could not connect to the endpoint URL: "https://nowhere"',
        ),
    ],
)
def test_a_transient_error_defers_the_job(error: Exception, reason: str) -> None:
    scene = Scene(tracking=ScriptedTracking({None: error}))
    scene.poll()
    assert scene.record == replace(
        RUNNING,
        revision=2,
        due_ms=NOW + 1000,
        attempts=1,
        updated_ms=NOW,
        reason=reason,
        trouble_since_ms=NOW,
    )
    assert scene.metrics.counts == {"deferred": 1}


def test_a_job_that_cannot_be_collected_for_fifteen_minutes_is_counted_as_stuck_until_it_is() -> None:
    scene = Scene(
        stored=replace(RUNNING, trouble_since_ms=NOW - 899_999),
        tracking=ScriptedTracking({None: _error("InternalServerError")}),
    )
    scene.poll()
    assert scene.metrics.counts == {"deferred": 1}
    scene.now_ms += 1
    scene.poll()
    assert scene.metrics.counts == {"deferred": 2, "stuck": 1}
    scene.tracking.pages = _pages(1)
    scene.poll()
    assert (scene.record.state, scene.record.trouble_since_ms) == (JobState.SUCCEEDED, None)


@pytest.mark.parametrize(
    "video", [("videos", "a.mp4", "v2"), ("videos", "a.mp4", None), ("others", "a.mp4", "v1"), (None,) * 3]
)
def test_results_of_another_video_are_not_accepted(video: tuple[str | None, str | None, str | None]) -> None:
    scene = Scene(tracking=ScriptedTracking({None: _page(video=video)}))
    scene.notify()
    assert (scene.record.state, scene.record.attempts) == (JobState.IN_PROGRESS, 1)
    assert str(scene.record.reason).startswith("the service returns results of another video: ")
    assert scene.bucket.calls == []
    assert scene.metrics.counts == {"deferred": 1}


def test_a_defect_defers_the_job_and_is_raised() -> None:
    scene = Scene(tracking=ScriptedTracking({None: _page("UNHEARD_OF")}))
    with pytest.raises(ValueError, match="JobStatus is 'UNHEARD_OF'"):
        scene.poll()
    assert (scene.record.state, scene.record.attempts) == (JobState.IN_PROGRESS, 1)
    assert str(scene.record.reason).startswith("ValueError: JobStatus is 'UNHEARD_OF'")
    assert scene.metrics.counts == {"deferred": 1}


@pytest.mark.parametrize("age_days", [0, 8])
def test_a_job_that_the_service_cannot_have_forgotten_yet_waits(age_days: int) -> None:
    stored = replace(RUNNING, started_ms=NOW - age_days * DAY_MS)
    scene = Scene(stored=stored, tracking=ScriptedTracking({None: _error("ResourceNotFoundException")}))
    scene.poll()
    assert (scene.record.state, scene.record.trouble_since_ms) == (JobState.IN_PROGRESS, NOW)
    assert scene.record.reason == "ResourceNotFoundException: its words"
    assert scene.metrics.counts == {"deferred": 1}


def test_a_job_that_the_service_has_forgotten_fails() -> None:
    stored = replace(RUNNING, started_ms=NOW - 8 * DAY_MS - 1)
    scene = Scene(stored=stored, tracking=ScriptedTracking({None: _error("ResourceNotFoundException")}))
    scene.poll()
    reason = "the service no longer knows the job: ResourceNotFoundException: its words"
    assert (scene.record.state, scene.record.reason) == (JobState.FAILED, reason)
    assert scene.metrics.counts == {"FAILED": 1}


def test_a_job_that_another_function_takes_over_is_left_to_it() -> None:
    scene = _succeeding()

    def take_over() -> None:
        scene.table.replace(scene.record, scene.record.leased(NOW + 1, 120_000))

    scene.tracking.before = take_over
    scene.poll()
    assert scene.record.state is JobState.IN_PROGRESS
    assert scene.record.lease_until_ms == NOW + 120_001
    assert scene.metrics.counts == {}


def test_a_failure_after_the_job_was_taken_over_changes_nothing() -> None:
    scene = Scene(tracking=ScriptedTracking({None: _error("InternalServerError")}))

    def take_over() -> None:
        scene.table.replace(scene.record, scene.record.leased(NOW + 1, 120_000))

    scene.tracking.before = take_over
    scene.poll()
    assert (scene.record.attempts, scene.record.lease_until_ms) == (0, NOW + 120_001)


# ---- pages and chunks


@pytest.mark.parametrize(
    ("page_count", "calls"),
    [
        (1, ["publish 0 chunks", "discard 0 chunks"]),
        (10, ["publish 0 chunks", "discard 0 chunks"]),
        (11, ["chunk 0", "publish 1 chunks", "discard 1 chunks"]),
        (20, ["chunk 0", "publish 1 chunks", "discard 1 chunks"]),
        (21, ["chunk 0", "chunk 1", "publish 2 chunks", "discard 2 chunks"]),
    ],
)
def test_a_chunk_is_stored_after_every_ten_pages_that_others_follow(
    page_count: int, calls: list[str]
) -> None:
    scene = _succeeding(page_count)
    scene.poll()
    assert scene.bucket.calls == calls
    assert scene.tracking.requested == [None, *(str(number) for number in range(1, page_count))]
    assert scene.record.state is JobState.SUCCEEDED


def test_the_next_page_is_read_while_a_chunk_is_stored() -> None:
    scene = _succeeding(12)
    eleventh_requested = Event()
    scene.tracking.before = lambda: eleventh_requested.set() if len(scene.tracking.requested) > 10 else None

    def store(*_: object) -> None:
        assert eleventh_requested.wait(10)

    with ThreadPoolExecutor(1) as background, patch.object(scene.bucket, "put_chunk", store):
        scene.background = background
        scene.poll()

    assert scene.record.state is JobState.SUCCEEDED


def test_no_page_is_being_read_any_more_when_a_chunk_could_not_be_stored() -> None:
    scene = _succeeding(12)
    ended: list[str | None] = []

    def read_slowly() -> None:
        time.sleep(0.05)
        ended.append(scene.tracking.requested[-1])

    scene.tracking.before = read_slowly
    failure = Mock(side_effect=EndpointConnectionError(endpoint_url="s3"))
    with ThreadPoolExecutor(1) as background, patch.object(scene.bucket, "put_chunk", failure):
        scene.background = background
        scene.poll()
        assert ended == scene.tracking.requested

    assert "s3" in str(scene.record.reason)


def test_the_summary_names_the_job_the_video_the_metadata_and_all_counts() -> None:
    scene = _succeeding(21)
    scene.poll()
    summary = scene.bucket.summary
    assert summary is not None
    assert summary == JobSummary(
        video=StoredVideo("videos", "a.mp4", "v1"),
        video_metadata=METADATA,
        counts=summary.counts,
        provenance=PROVENANCE,
        job_id="job-1",
        uploaded_ms=scene.record.uploaded_ms,
        recording_time=RECORDED,
    )
    assert summary.counts.items() >= {"observations": 21, "people": 1}.items()


def test_every_chunk_renews_the_lease_and_the_progress() -> None:
    scene = _succeeding(12, stored=replace(RUNNING, attempts=4))
    seen: list[JobRecord] = []

    def pass_a_minute() -> None:
        seen.append(scene.record)
        scene.now_ms += 60_000

    scene.tracking.before = pass_a_minute
    scene.poll()
    # The next chunk's first page is read while the chunk is stored.
    assert [record.progress for record in seen[:11]] == [None] * 11
    chunk_stored = seen[11]
    assert chunk_stored.progress is not None
    assert (chunk_stored.progress.next_token, chunk_stored.progress.chunk_count) == ("10", 1)
    stored_ms = NOW + 660_000
    assert (chunk_stored.due_ms, chunk_stored.updated_ms) == (stored_ms, stored_ms)
    assert (chunk_stored.lease_until_ms, chunk_stored.attempts) == (stored_ms + 120_000, 0)


def _paused_after(page_count: int, scene: Scene) -> Progress | None:
    scene.deadline_reached = lambda: len(scene.tracking.requested) == page_count
    scene.poll()
    scene.deadline_reached = lambda: False
    assert (scene.record.state, scene.record.due_ms, scene.record.lease_until_ms) == (
        JobState.IN_PROGRESS,
        scene.now_ms,
        0,
    )
    scene.tracking.requested.clear()
    return scene.record.progress


@pytest.mark.parametrize(("page_count", "resumed_at"), [(1, None), (9, None), (10, "10"), (15, "10")])
def test_a_paused_job_resumes_at_its_last_chunk_with_the_same_files(
    page_count: int, resumed_at: str | None
) -> None:
    uninterrupted = _succeeding(21)
    uninterrupted.poll()
    scene = _succeeding(21)
    scene.now_ms += 5
    _paused_after(page_count, scene)
    scene.poll()
    assert scene.tracking.requested[0] == resumed_at
    assert scene.record.state is JobState.SUCCEEDED
    assert scene.bucket.pieces == uninterrupted.bucket.pieces
    assert scene.bucket.summary == uninterrupted.bucket.summary


def test_the_deadline_does_not_matter_after_the_last_page() -> None:
    scene = _succeeding(1)
    scene.deadline_reached = lambda: True
    scene.poll()
    assert scene.record.state is JobState.SUCCEEDED


def test_collecting_starts_again_if_the_page_token_has_expired() -> None:
    scene = _succeeding(21)
    _paused_after(15, scene)
    scene.tracking.pages["10"] = _error("InvalidPaginationTokenException")

    def repair() -> None:
        if scene.tracking.requested == ["10", None]:
            assert scene.record.progress is None
            scene.tracking.pages = _pages(21)

    scene.tracking.before = repair
    scene.poll()
    assert scene.tracking.requested[:3] == ["10", None, "1"]
    assert scene.bucket.calls == ["chunk 0", "chunk 0", "chunk 1", "publish 2 chunks", "discard 2 chunks"]
    assert scene.record.state is JobState.SUCCEEDED


@pytest.mark.parametrize(("is_notified", "reason"), [(True, "the service does not report"), (False, "None")])
def test_a_job_that_is_running_when_collecting_starts_again_waits(is_notified: bool, reason: str) -> None:
    scene = _succeeding(21)
    _paused_after(15, scene)
    scene.tracking.pages = {
        "10": _error("InvalidPaginationTokenException"),
        None: _page("IN_PROGRESS"),
    }
    if is_notified:
        scene.notify()
    else:
        scene.poll()
    assert scene.tracking.requested == ["10", None]
    assert str(scene.record.reason).startswith(reason)
    assert scene.record.due_ms == NOW + (1000 if is_notified else 60_000)


def test_collecting_starts_again_if_the_chunks_lack_a_file() -> None:
    scene = _succeeding(21)
    progress = _paused_after(15, scene)
    assert progress is not None
    incomplete = replace(progress, file_states=progress.file_states[1:])
    scene.table.replace(scene.record, replace(scene.record, progress=incomplete))
    scene.poll()
    assert scene.tracking.requested[0] is None
    assert scene.bucket.calls == ["chunk 0", "chunk 0", "chunk 1", "publish 2 chunks", "discard 2 chunks"]
    assert scene.record.state is JobState.SUCCEEDED


# ---- storing the files


def test_every_uploaded_part_renews_the_lease() -> None:
    scene = _succeeding(bucket=RecordingBucket(part_count=2))
    leases: list[int] = []

    def pass_a_minute() -> None:
        leases.append(scene.record.lease_until_ms)
        scene.now_ms += 60_000

    scene.bucket.before_part = pass_a_minute
    scene.poll()
    assert leases == [NOW + 120_000, NOW + 180_000]
    assert scene.record.finished_ms == NOW + 120_000


def test_a_job_that_is_taken_over_during_an_upload_is_not_published() -> None:
    scene = _succeeding(bucket=RecordingBucket(part_count=1))
    scene.bucket.before_part = lambda: scene.table.replace(scene.record, scene.record.leased(NOW + 1, 9))
    scene.poll()
    assert scene.bucket.calls == []
    assert scene.record.state is JobState.IN_PROGRESS
    assert scene.metrics.counts == {}


@pytest.mark.parametrize(
    "error", [_error("AccessDenied"), EndpointConnectionError(endpoint_url="https://nowhere")]
)
def test_a_job_has_succeeded_even_if_its_chunks_cannot_be_deleted(error: Exception) -> None:
    scene = _succeeding(11, bucket=RecordingBucket(discard_error=error))
    scene.poll()
    assert scene.record.state is JobState.SUCCEEDED
    assert scene.metrics.counts == {"SUCCEEDED": 1}


# ---- the log


def _logged(log_lines: LogLines) -> list[tuple[str, str]]:
    return [(line["level"], line["message"]) for line in log_lines()]


@pytest.mark.parametrize(
    ("stored", "changes", "level", "message", "named"),
    [
        (
            RUNNING,
            {"video_id": None},
            "INFO",
            "the notice is not about one of the pipeline's jobs",
            {"job_id": "job-1"},
        ),
        (
            WAITING.leased(NOW, 9),
            {},
            "INFO",
            "the start of the job is not recorded yet",
            {"notice_job_id": "job-1"},
        ),
        (
            None,
            {},
            "WARNING",
            "the notice names a video that has no record",
            {"job_id": "job-1"},
        ),
        (
            RUNNING.succeeded(NOW),
            {},
            "INFO",
            "the job was finished before: the notice was delivered again",
            {"video_id": VIDEO.video_id},
        ),
        (
            RUNNING,
            {"job_id": "job-2"},
            "WARNING",
            "the notice names another job for the video",
            {"notice_job_id": "job-2", "job_id": "job-1"},
        ),
        (
            RUNNING.leased(NOW, 9),
            {},
            "INFO",
            "another function collects the results",
            {"job_id": "job-1"},
        ),
    ],
)
def test_the_log_says_why_a_notice_is_ignored(
    log_lines: LogLines,
    stored: JobRecord | None,
    changes: dict[str, Any],
    level: str,
    message: str,
    named: dict[str, str],
) -> None:
    _succeeding(stored=stored).notify(**changes)
    (line,) = log_lines()
    assert (line["level"], line["message"]) == (level, message)
    assert {name: line[name] for name in named} == named


def test_stored_results_are_logged_with_their_place_and_counts(log_lines: LogLines) -> None:
    _succeeding().poll()
    (line,) = log_lines()
    assert (line["level"], line["message"]) == ("INFO", "the results are stored")
    assert line["results_prefix"] == "a.mp4/v1/"
    assert line["counts"].items() >= {"observations": 1, "people": 1}.items()
    assert (line["video_id"], line["job_id"]) == (VIDEO.video_id, "job-1")


def test_a_failed_job_is_logged_as_an_error_with_its_reason(log_lines: LogLines) -> None:
    Scene(tracking=ScriptedTracking({None: _page("FAILED", message="no video")})).poll()
    (line,) = log_lines()
    assert (line["level"], line["message"], line["reason"]) == ("ERROR", "the job failed", "no video")


def test_a_transient_error_is_logged_as_a_warning_with_its_reason(log_lines: LogLines) -> None:
    Scene(tracking=ScriptedTracking({None: _error("InternalServerError")})).poll()
    (line,) = log_lines()
    assert (line["level"], line["message"]) == (
        "WARNING",
        "the job could not be collected and is tried again",
    )
    assert line["reason"] == "InternalServerError: its words"


def test_a_job_in_progress_is_logged(log_lines: LogLines) -> None:
    Scene(tracking=ScriptedTracking({None: _page("IN_PROGRESS")})).poll()
    assert _logged(log_lines) == [("INFO", "the job is still in progress")]


def test_a_lost_race_and_a_lost_lease_are_logged(log_lines: LogLines) -> None:
    _succeeding(table=RacedTable(1)).poll()
    scene = _succeeding()
    scene.tracking.before = lambda: scene.table.replace(scene.record, scene.record.leased(NOW, 9))
    scene.poll()
    assert _logged(log_lines) == [
        ("INFO", "another function has just changed the record"),
        ("INFO", "another function has taken over the job"),
    ]


def test_pausing_and_starting_again_are_logged(log_lines: LogLines) -> None:
    scene = _succeeding(21)
    _paused_after(15, scene)
    scene.tracking.pages["10"] = _error("InvalidPaginationTokenException")
    scene.tracking.before = lambda: (
        scene.tracking.pages.update(_pages(21)) if scene.tracking.requested == ["10", None] else None
    )
    scene.poll()
    assert _logged(log_lines) == [
        ("INFO", "this invocation is about to end: another one resumes collecting"),
        ("INFO", "the page token has expired: collecting starts again"),
        ("INFO", "the results are stored"),
    ]


def test_chunks_that_lack_a_file_are_logged(log_lines: LogLines) -> None:
    progress = Progress("10", 1, None, ())
    _succeeding(stored=replace(RUNNING, progress=progress)).poll()
    assert _logged(log_lines) == [
        ("INFO", "the chunks were stored by another version of the program: collecting starts again"),
        ("INFO", "the results are stored"),
    ]


def test_chunks_that_cannot_be_deleted_are_logged_with_the_error(log_lines: LogLines) -> None:
    _succeeding(bucket=RecordingBucket(discard_error=_error("AccessDenied"))).poll()
    line = log_lines()[-1]
    assert (line["level"], line["message"]) == (
        "WARNING",
        "the chunks could not be deleted; the bucket's lifecycle does it",
    )
    assert line["exception_name"] == "ClientError"
