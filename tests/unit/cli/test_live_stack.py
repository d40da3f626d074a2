"""What the page of `people-pathing up` reads from the stack, and what it stores there."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from moto import mock_aws

from people_pathing.cli.deployed_stack import DeployedStack
from people_pathing.cli.overview.live_stack import LiveStack
from people_pathing.pipeline.job_record import JobRecord
from people_pathing.pipeline.video import Video
from people_pathing.results import file_names
from tests.fakes.pipeline import JOBS, RESULTS, VIDEOS, FakePipeline
from tests.unit.exports.stored import seen, store
from tests.unit.report.pages import embedded_in
from tests.unit.report.test_overview import embedded

CONTENT = bytes(range(256)) * 8
ZONES = '{"version": 1, "lines": [{"name": "door", "start": [0.5, 1], "end": [0.5, 0]}]}'


@dataclass(frozen=True)
class World:
    app: FakePipeline
    live: LiveStack

    def add_video(self, key: str) -> JobRecord:
        """Stores a video that waits."""
        version = self.app.s3.put_object(Bucket=VIDEOS, Key=key, Body=CONTENT)["VersionId"]
        record = JobRecord.of(Video(VIDEOS, key, version, version), 0, 0)
        self.app.table.add(record)
        return record

    def add_results(self, record: JobRecord, folder: Path) -> None:
        store(folder, [seen(0, 40, (0.25, 0.125, 0.5, 0.25))])
        for name in file_names():
            self.app.s3.upload_file(str(folder / name), RESULTS, record.results_prefix + name)
        self.app.table.replace(record, record.in_progress("job", 0).succeeded(0))


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    # Every listing is new.
    monkeypatch.setattr("people_pathing.cli.overview.live_stack.FRESH_S", 0.0)
    with mock_aws():
        app = FakePipeline()
        outputs = {"JobTableName": JOBS, "VideoBucketName": VIDEOS, "ResultsBucketName": RESULTS}
        yield World(app, LiveStack(DeployedStack.of(outputs, app.s3, app.dynamodb)))


def listed(world: World) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(world.live.videos())
    return found


def test_the_list_follows_the_jobs(world: World, tmp_path: Path) -> None:
    assert listed(world) == []
    record = world.add_video("street.mp4")
    [waiting] = listed(world)
    world.add_results(record, tmp_path / "stored")
    [done] = listed(world)

    assert (waiting["state"], waiting["reportAddress"]) == ("WAITING", None)
    assert (done["state"], done["people"]) == ("SUCCEEDED", 1)
    assert done["reportAddress"] == f"videos/{record.video_id}/report.html"


def test_the_page_has_the_videos_and_knows_where_the_stack_is(world: World) -> None:
    world.add_video("street.mp4")

    data = embedded(world.live.page())

    assert [one["name"] for one in data["entries"]] == ["street.mp4"]
    assert data["live"] == {"videos": "videos.json", "uploads": "uploads/"}


def test_the_report_plays_the_video_beside_it_and_has_the_zones_of_the_stack(
    world: World, tmp_path: Path
) -> None:
    record = world.add_video("street.mp4")
    world.add_results(record, tmp_path / "stored")
    first = world.live.report(record.video_id)
    world.app.s3.put_object(Bucket=VIDEOS, Key="zones/.json", Body=ZONES.encode())
    second = world.live.report(record.video_id)

    assert first
    assert second
    assert embedded_in(first.decode())["video"]["source"] == "video"
    assert embedded_in(second.decode())["zonesFile"]["lines"][0]["name"] == "door"


def test_results_from_which_people_were_erased_are_read_again(world: World, tmp_path: Path) -> None:
    record = world.add_video("street.mp4")
    world.add_results(record, tmp_path / "stored")
    assert listed(world)[0]["people"] == 1
    stored = world.app.table.get(record.video_id)
    assert stored

    # In the order of `people-pathing erase --index`.
    store(tmp_path / "erased", [])
    for name in ("observations.jsonl.gz", "people.json"):
        world.app.s3.upload_file(str(tmp_path / "erased" / name), RESULTS, stored.results_prefix + name)
    world.app.table.replace(stored, stored)
    between = listed(world)[0]
    world.app.s3.upload_file(str(tmp_path / "erased/job.json"), RESULTS, stored.results_prefix + "job.json")

    assert between["people"] is None
    assert "it has 0 people, but job.json says 1" in between["reason"]
    assert listed(world)[0]["people"] == 0


def test_results_are_read_once(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world.add_results(world.add_video("street.mp4"), tmp_path / "stored")
    listed(world)
    monkeypatch.setattr(world.app.s3, "get_object", None)

    assert listed(world)[0]["people"] == 1


def test_only_videos_with_results_have_a_report(world: World) -> None:
    record = world.add_video("street.mp4")

    assert world.live.report(record.video_id) is None
    assert world.live.report("f" * 64) is None


@pytest.mark.parametrize(
    ("byte_range", "status", "expected", "content_range"),
    [
        (None, 200, CONTENT, None),
        ("bytes=0-", 206, CONTENT, "bytes 0-2047/2048"),
        ("bytes=100-199", 206, CONTENT[100:200], "bytes 100-199/2048"),
        ("bytes=-10", 206, CONTENT[-10:], "bytes 2038-2047/2048"),
        # Others are ignored, as HTTP allows.
        ("bytes=0-1,5-6", 200, CONTENT, None),
        ("bytes=-", 200, CONTENT, None),
        ("bytes=5-2", 200, CONTENT, None),
        ("lines=0-1", 200, CONTENT, None),
    ],
)
def test_a_player_gets_the_bytes_that_it_asks_for(
    byte_range: str | None, status: int, expected: bytes, content_range: str | None, world: World
) -> None:
    record = world.add_video("street.mp4")

    part = world.live.video(record.video_id, byte_range)

    assert part
    assert (part.status, b"".join(part.blocks)) == (status, expected)
    assert part.headers.get("Content-Range") == content_range
    assert (part.headers["Content-Length"], part.headers["Content-Type"]) == (str(len(expected)), "video/mp4")


def test_a_range_behind_the_end_is_refused(world: World) -> None:
    record = world.add_video("street.mp4")

    part = world.live.video(record.video_id, "bytes=5000-")

    assert part
    assert (part.status, b"".join(part.blocks)) == (416, b"")


def test_the_version_of_the_job_is_played_and_not_a_later_one(world: World) -> None:
    record = world.add_video("street.mp4")
    world.app.s3.put_object(Bucket=VIDEOS, Key="street.mp4", Body=b"another")

    part = world.live.video(record.video_id, None)

    assert part
    assert b"".join(part.blocks) == CONTENT


def test_only_videos_of_known_jobs_are_played(world: World) -> None:
    record = world.add_video("street.mp4")
    world.app.s3.delete_object(Bucket=VIDEOS, Key="street.mp4", VersionId=str(record.version))

    assert world.live.video(record.video_id, None) is None
    assert world.live.video("f" * 64, None) is None


@pytest.mark.parametrize("key", ["page.html.x", "page.svg", "script.js.mp5", "no ending"])
def test_a_video_is_never_a_page_for_the_browser(key: str, world: World) -> None:
    version = world.app.s3.put_object(Bucket=VIDEOS, Key=key, Body=b"<script>", ContentType="text/html")
    record = JobRecord.of(Video(VIDEOS, key, version["VersionId"], version["VersionId"]), 0, 0)
    world.app.table.add(record)

    part = world.live.video(record.video_id, None)

    assert part
    assert part.headers["Content-Type"] == "application/octet-stream"


@pytest.mark.parametrize(
    ("name", "byte_count", "problem"),
    [
        ("notes.txt", 5, "notes.txt is not a video"),
        ("street.mp4", 0, "street.mp4 is empty"),
        ("zones/a.mp4", 5, "no slash"),
        ("", 5, "a name must have 1 to 1,024 bytes"),
        ("é" * 600, 5, "a name must have 1 to 1,024 bytes"),
        ("..", 5, "must not be a dot name or have control characters"),
        ("a\x1b[2J.mp4", 5, "must not be a dot name or have control characters"),
        ("a\n.mp4", 5, "must not be a dot name or have control characters"),
    ],
)
def test_what_is_no_video_is_refused(name: str, byte_count: int, problem: str, world: World) -> None:
    assert problem in (world.live.upload_refusal(name, byte_count) or "")


def test_an_upload_with_a_used_name_is_a_new_version(world: World) -> None:
    assert world.live.upload_refusal("café 1.mp4", 5) is None
    world.live.upload("café 1.mp4", io.BytesIO(b"first"))
    world.live.upload("café 1.mp4", io.BytesIO(b"second"))

    versions = world.app.s3.list_object_versions(Bucket=VIDEOS)["Versions"]
    assert [(one["Key"], one["Size"]) for one in versions] == [("café 1.mp4", 6), ("café 1.mp4", 5)]


def test_an_upload_that_breaks_off_leaves_nothing(world: World) -> None:
    class Broken:
        def __init__(self) -> None:
            self.left = 3

        def read(self, size: int = -1) -> bytes:
            self.left -= 1
            if self.left < 0:
                raise ConnectionError("the connection ended before the file")
            return b"x" * size

    with pytest.raises(ConnectionError):
        world.live.upload("street.mp4", Broken())

    assert "Versions" not in world.app.s3.list_object_versions(Bucket=VIDEOS)
    assert "Uploads" not in world.app.s3.list_multipart_uploads(Bucket=VIDEOS)
