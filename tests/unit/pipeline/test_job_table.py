from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError
from moto import mock_aws

from people_pathing.pipeline.job_record import JobRecord, JobState
from people_pathing.pipeline.job_table import JobTable
from people_pathing.pipeline.start_request import SentRequests, StartRequest
from people_pathing.pipeline.video import Video
from people_pathing.results.chunks import FileState, Position, Progress
from tests.fakes.aws_errors import client_error
from tests.fakes.memory_table import MemoryTable
from tests.fakes.person_tracking import session
from tests.fakes.pipeline import JOBS, make_table

NOW = 1_769_860_800_000


@pytest.fixture(params=["DynamoDB", "memory"])
def table(request: pytest.FixtureRequest) -> Iterator[JobTable]:
    """The real table, and the fake that has to behave like it."""
    if request.param == "memory":
        yield MemoryTable()
        return
    with mock_aws():
        client = session().client("dynamodb")
        make_table(client)
        yield JobTable(client, JOBS)


def _record(key: str = "a.mp4", version: str | None = "v1", uploaded_ms: int = NOW) -> JobRecord:
    return JobRecord.of(Video("videos", key, version, version or "etag-01"), uploaded_ms, NOW)


def test_a_record_is_read_back_unchanged(table: JobTable) -> None:
    record = replace(
        _record("\x00\x7f “key” \U0001f3a5\ufffe", version=None),
        state=JobState.IN_PROGRESS,
        job_id="j" * 64,
        reason="",
        progress=Progress("next", 3, Position(6, 1), (FileState("people.json", '{"person":null}'),)),
        requests=SentRequests(
            StartRequest("videos", "“key”\ufffe", None, "token", "tag", "topic", "role"),
            (StartRequest("videos", "a.mp4", "v1", "token", "tag", "topic", "old role"),),
        ),
        trouble_since_ms=NOW - 1,
    )
    assert table.add(record)
    assert table.get(record.video_id) == record


def test_an_unknown_video_has_no_record(table: JobTable) -> None:
    assert table.get("0" * 64) is None


def test_a_second_record_for_a_video_is_not_added(table: JobTable) -> None:
    assert table.add(_record())
    assert not table.add(replace(_record(), reason="again"))
    assert table.get(_record().video_id) == _record()


def test_of_two_changes_to_one_revision_the_first_is_kept(table: JobTable) -> None:
    old = _record()
    table.add(old)
    first = table.replace(old, old.in_progress("job-1", NOW))
    assert first is not None
    assert first.revision == 1
    assert table.replace(old, old.failed("too late", NOW)) is None
    assert table.get(old.video_id) == first


def test_a_buried_record_is_gone_and_cannot_be_changed_or_added_again(table: JobTable) -> None:
    record = _record()
    table.add(record)
    assert table.bury(record, 1_800_000_000)
    assert table.get(record.video_id) is None
    assert table.replace(record, record.succeeded(NOW)) is None
    assert not table.bury(record, 1_900_000_000)
    assert not table.add(record)
    assert list(table.find("videos")) == []
    assert [list(table.in_state(state)) for state in JobState] == [[]] * len(JobState)


def test_a_video_without_a_record_is_buried_and_one_with_a_record_is_not(table: JobTable) -> None:
    record, other = _record(), _record("other.mp4")
    table.add(other)
    assert [table.bury_unrecorded(record.video_id, 1_800_000_000) for _ in range(2)] == [True, True]
    assert not table.add(record)
    assert not table.bury_unrecorded(other.video_id, 1_800_000_000)
    assert table.get(other.video_id) == other


def test_a_record_that_another_function_has_changed_is_not_buried(table: JobTable) -> None:
    record = _record()
    table.add(record)
    changed = table.replace(record, record.leased(NOW, 1000))
    assert not table.bury(record, 1_800_000_000)
    assert table.get(record.video_id) == changed


def test_the_jobs_in_a_state_are_listed_in_the_order_in_which_they_are_due(table: JobTable) -> None:
    for number in (3, 1, 2):
        table.add(_record(f"{number}.mp4", uploaded_ms=NOW - 9 + number))
    table.add(replace(_record("4.mp4", uploaded_ms=NOW - 9), due_ms=NOW + 1))
    table.add(replace(_record("0.mp4"), state=JobState.FAILED))
    assert [record.key for record in table.in_state(JobState.WAITING)] == [
        f"{number}.mp4" for number in range(1, 5)
    ]


@pytest.mark.parametrize("page_size", [100, 10])
def test_jobs_on_all_pages_of_the_index_are_listed(table: JobTable, page_size: int) -> None:
    for number in range(120):
        table.add(_record(f"{number}.mp4", uploaded_ms=NOW - 500 + number))
    found = [record.key for record in table.in_state(JobState.WAITING, due_ms=NOW, page_size=page_size)]
    assert found == [f"{number}.mp4" for number in range(120)]


def _count_queries(table: JobTable, queries: list[str]) -> None:
    """Adds an entry for each query."""
    if isinstance(table, MemoryTable):
        table._before = lambda operation: queries.extend([operation] * (operation == "Query"))
    else:
        events = table._client.meta.events
        events.register("before-call.dynamodb.Query", lambda **_: queries.append("Query"))


@pytest.mark.parametrize(("trouble_since_ms", "calls"), [(None, 8), (0, 2)])
def test_after_a_small_page_of_stuck_jobs_pages_are_large(
    table: JobTable, trouble_since_ms: int | None, calls: int
) -> None:
    for number in range(75):
        record = _record(f"{number}.mp4", uploaded_ms=NOW - 500 + number)
        table.add(replace(record, trouble_since_ms=trouble_since_ms))
    queries: list[str] = []
    _count_queries(table, queries)
    assert len(list(table.in_state(JobState.WAITING, due_ms=NOW, page_size=10))) == 75
    assert len(queries) == calls


def test_leased_jobs_and_jobs_of_later_are_not_due(table: JobTable) -> None:
    table.add(replace(_record("leased.mp4"), lease_until_ms=NOW + 1))
    table.add(replace(_record("later.mp4"), due_ms=NOW + 1))
    table.add(replace(_record("due.mp4"), due_ms=NOW, lease_until_ms=NOW))
    assert [record.key for record in table.in_state(JobState.WAITING, due_ms=NOW)] == ["due.mp4"]


def test_records_are_found_by_bucket_and_prefix(table: JobTable) -> None:
    for number, (key, version) in enumerate((("a.mp4", "v1"), ("a.mp4", "v2"), ("b/a.mp4", "v1"))):
        table.add(_record(key, version, NOW + number))
    assert {record.video_id for record in table.find("videos", "a.mp4")} == {
        _record("a.mp4", version).video_id for version in ("v1", "v2")
    }
    assert len(list(table.find("videos"))) == 3
    assert list(table.find("others")) == []


def test_the_newest_jobs_that_are_due_and_have_had_no_trouble_are_listed(table: JobTable) -> None:
    for number in range(5):
        table.add(_record(f"{number}.mp4", uploaded_ms=NOW - 9 + number))
    table.add(replace(_record("trouble.mp4"), trouble_since_ms=NOW - 1))
    table.add(replace(_record("leased.mp4"), lease_until_ms=NOW + 1))
    table.add(replace(_record("later.mp4"), due_ms=NOW + 1))
    table.add(replace(_record("failed.mp4"), state=JobState.FAILED))
    newest = table.newest_untroubled(JobState.WAITING, NOW, limit=5)
    assert [record.key for record in newest] == ["4.mp4", "3.mp4", "2.mp4"]


def test_jobs_are_counted_up_to_a_limit(table: JobTable) -> None:
    for number in range(3):
        table.add(_record(f"{number}.mp4"))
    table.add(replace(_record("0.mp4", "failed"), state=JobState.FAILED))
    assert [table.count_up_to(JobState.WAITING, limit) for limit in (2, 3, 1000)] == [2, 3, 3]
    assert [table.count(state) for state in JobState] == [3, 0, 0, 1]


def test_jobs_with_large_records_are_all_counted() -> None:
    with mock_aws():
        client = session().client("dynamodb")
        make_table(client)
        table = JobTable(client, JOBS)
        for number in range(12):
            table.add(replace(_record(f"{number}.mp4"), reason="r" * 100_000))
        assert [table.count_up_to(JobState.WAITING, limit) for limit in (11, 1000)] == [11, 12]


# ---- writes whose reply is lost


class LostReplies:
    """A DynamoDB client that loses the reply of the next PutItem calls, after their effect."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self.repeats = 0
        self.lost: Exception | None = None
        self.unreadable = False

    def put_item(self, **request: Any) -> Any:
        for _ in range(self.repeats):
            # botocore repeats a call whose reply it did not get.
            self._client.put_item(**request)
        self.repeats = 0
        if self.lost:
            self._client.put_item(**request)
            error, self.lost = self.lost, None
            raise error
        return self._client.put_item(**request)

    def get_item(self, **request: Any) -> Any:
        if self.unreadable:
            raise EndpointConnectionError(endpoint_url="https://nowhere")
        return self._client.get_item(**request)


@pytest.fixture
def lossy() -> Iterator[LostReplies]:
    with mock_aws():
        client = session().client("dynamodb")
        make_table(client)
        yield LostReplies(client)


def _table(lossy: LostReplies) -> JobTable:
    client: Any = lossy
    return JobTable(client, JOBS)


def test_a_repeated_write_recognises_its_own_first_attempt(lossy: LostReplies) -> None:
    table, record = _table(lossy), _record()
    lossy.repeats = 1
    assert table.add(record)
    lossy.repeats = 1
    leased = table.replace(record, record.leased(NOW, 1000))
    assert leased == replace(record.leased(NOW, 1000), revision=1)
    lossy.repeats = 1
    assert table.bury(leased, 1_800_000_000)


@pytest.mark.parametrize("is_repeated", [True, False])
def test_an_end_recognises_its_own_first_attempt_although_another_function_has_changed_the_record(
    lossy: LostReplies, is_repeated: bool
) -> None:
    """The end has to be counted once, also if an operator erases the video at the same moment."""
    table, record = _table(lossy), _record()
    assert table.add(record)

    def lose_the_reply(**request: Any) -> Any:
        lossy._client.put_item(**request)
        monkeypatch.undo()
        ended = table.get(record.video_id)
        assert ended is not None
        assert table.replace(ended, replace(ended, reason="erased")) is not None
        if is_repeated:
            return lossy.put_item(**request)
        raise EndpointConnectionError(endpoint_url="https://nowhere")

    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(lossy, "put_item", lose_the_reply)
        assert table.replace(record, record.failed("why", NOW)) is not None


def test_only_the_write_that_ended_a_job_counts_as_its_end(lossy: LostReplies) -> None:
    table, record = _table(lossy), _record()
    assert table.add(record)
    ended = table.replace(record, record.failed("why", NOW))
    assert ended is not None
    assert table.replace(record, record.failed("why", NOW)) is None
    assert table.replace(ended, replace(ended, reason="erased")) is not None
    assert table.replace(ended, replace(ended, reason="erased")) is None


UNKNOWN_EFFECT = pytest.mark.parametrize(
    "error",
    [
        EndpointConnectionError(endpoint_url="https://nowhere"),
        client_error("InternalServerError", "PutItem", 500),
    ],
)
"""After these errors, the write may or may not have happened."""


@UNKNOWN_EFFECT
def test_a_write_whose_replies_were_all_lost_has_succeeded(lossy: LostReplies, error: Exception) -> None:
    table, record = _table(lossy), _record()
    lossy.lost = error
    assert table.add(record)
    lossy.lost = error
    assert table.replace(record, record.leased(NOW, 1000)) is not None


@UNKNOWN_EFFECT
def test_a_write_without_effect_or_with_an_unknown_one_is_an_error(
    lossy: LostReplies, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    table, record = _table(lossy), _record()
    lossy.lost, lossy.unreadable = error, True
    with pytest.raises(type(error)):
        table.add(record)
    lossy.unreadable = False

    def fail(**_: object) -> None:
        raise error

    monkeypatch.setattr(lossy, "put_item", fail)
    with pytest.raises(type(error)):
        table.replace(record, record.leased(NOW, 1000))


def test_two_functions_that_write_the_same_record_do_not_both_own_it(table: JobTable) -> None:
    record = _record()
    assert table.add(record)
    assert not table.add(record)
    leased = record.leased(NOW, 1000)
    assert table.replace(record, leased) is not None
    assert table.replace(record, leased) is None


def test_a_record_of_an_older_version_of_the_program_is_read(lossy: LostReplies) -> None:
    record = _record()
    table = _table(lossy)
    table.add(record)
    item = lossy.get_item(TableName=JOBS, Key={"video_id": {"S": record.video_id}})["Item"]
    lossy.put_item(TableName=JOBS, Item={name: item[name] for name in item if name != "write_id"})
    assert table.get(record.video_id) == record
    assert table.replace(record, record.leased(NOW, 1000)) is not None
