from collections.abc import Iterator
from dataclasses import replace

import pytest
from moto import mock_aws

from people_pathing.pipeline.job_record import JobRecord, JobState
from people_pathing.pipeline.job_table import JobTable
from people_pathing.pipeline.video import Video
from people_pathing.results.chunks import FileState, Position, Progress
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


def test_a_removed_record_cannot_be_changed(table: JobTable) -> None:
    record = _record()
    table.add(record)
    table.remove(record.video_id)
    assert table.replace(record, record.succeeded(NOW)) is None
    assert table.get(record.video_id) is None


def test_the_jobs_in_a_state_are_listed_oldest_upload_first(table: JobTable) -> None:
    for number in (3, 1, 2):
        table.add(_record(f"{number}.mp4", uploaded_ms=NOW + number))
    table.add(replace(_record("0.mp4"), state=JobState.FAILED))
    assert [record.key for record in table.in_state(JobState.WAITING)] == ["1.mp4", "2.mp4", "3.mp4"]


def test_jobs_on_all_pages_of_the_index_are_listed(table: JobTable) -> None:
    for number in range(120):
        table.add(_record(f"{number}.mp4", uploaded_ms=NOW + number))
    found = [record.key for record in table.in_state(JobState.WAITING, due_ms=NOW)]
    assert found == [f"{number}.mp4" for number in range(120)]


def test_leased_jobs_and_jobs_of_later_are_not_due(table: JobTable) -> None:
    table.add(replace(_record("leased.mp4"), lease_until_ms=NOW + 1))
    table.add(replace(_record("later.mp4"), due_ms=NOW + 1))
    table.add(replace(_record("due.mp4"), due_ms=NOW, lease_until_ms=NOW))
    assert [record.key for record in table.in_state(JobState.WAITING, due_ms=NOW)] == ["due.mp4"]


def test_the_records_of_an_object_include_all_its_versions(table: JobTable) -> None:
    for key, version in (("a.mp4", "v1"), ("a.mp4", "v2"), ("a.mp4/b.mp4", "v1")):
        table.add(_record(key, version))
    assert {record.version for record in table.of_object("videos", "a.mp4")} == {"v1", "v2"}
    assert list(table.of_object("others", "a.mp4")) == []
