from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from moto import mock_aws

from people_pathing.pipeline.recording import RecordingTimes
from people_pathing.pipeline.video import Video
from people_pathing.results.provenance import UNKNOWN
from people_pathing.results.recording_time import NAME_FORMAT, RecordingSource, RecordingTime
from tests.fakes.person_tracking import session
from tests.fakes.pipeline import VIDEOS, make_bucket

NINE_IN_BERLIN = int(datetime(2026, 3, 2, 8, tzinfo=UTC).timestamp() * 1000)
TEN_IN_BERLIN = NINE_IN_BERLIN + 3_600_000
NAMED, UNNAMED = "cam7/20260302_090000.mp4", "cam7/door.mp4"


@pytest.fixture
def times() -> Iterator[RecordingTimes]:
    with mock_aws():
        client = session().client("s3")
        make_bucket(client, VIDEOS)
        yield RecordingTimes(client, ZoneInfo("Europe/Berlin"), NAME_FORMAT)


def uploaded(times: RecordingTimes, key: str, recorded_at: str | None = None) -> Video:
    metadata = {} if recorded_at is None else {"recorded-at": recorded_at}
    reply = times.client.put_object(Bucket=VIDEOS, Key=key, Body=b"-", Metadata=metadata)
    return Video(VIDEOS, key, reply["VersionId"], reply["VersionId"])


def test_the_metadata_of_the_object_comes_first(times: RecordingTimes) -> None:
    video = uploaded(times, NAMED, "2026-03-02T09:00:00Z")
    uploaded(times, NAMED, "2026-03-03T09:00:00Z")

    assert times.of(video, "2026-03-02T11:00:00Z") == RecordingTime(TEN_IN_BERLIN, RecordingSource.METADATA)


def test_a_time_without_a_zone_is_local(times: RecordingTimes) -> None:
    video = uploaded(times, UNNAMED, "2026-03-02T10:00")

    assert times.of(video, None) == RecordingTime(TEN_IN_BERLIN, RecordingSource.METADATA)


@pytest.mark.parametrize("stated", [None, "", "this morning"])
def test_the_key_comes_second(times: RecordingTimes, stated: str | None) -> None:
    video = uploaded(times, NAMED, stated)

    assert times.of(video, "2026-03-02T11:00:00Z") == RecordingTime(NINE_IN_BERLIN, RecordingSource.NAME)


def test_the_container_comes_last(times: RecordingTimes) -> None:
    video = uploaded(times, UNNAMED)

    assert times.of(video, "2026-03-02T09:00:00Z") == RecordingTime(TEN_IN_BERLIN, RecordingSource.CONTAINER)


@pytest.mark.parametrize("created_at", [None, UNKNOWN, "1970-01-01T00:00:00Z"])
def test_nothing_may_be_known(times: RecordingTimes, created_at: str | None) -> None:
    assert times.of(uploaded(times, UNNAMED), created_at) is None


def test_a_deleted_video_still_has_its_key(times: RecordingTimes) -> None:
    video = uploaded(times, NAMED, "2026-03-02T09:00:00Z")
    times.client.delete_object(Bucket=VIDEOS, Key=NAMED, VersionId=str(video.version))

    assert times.of(video, None) == RecordingTime(NINE_IN_BERLIN, RecordingSource.NAME)
