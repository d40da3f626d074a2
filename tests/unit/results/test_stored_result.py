"""Reading result files from a folder: what is read, and what is wrong with folders that cannot be read."""

import gzip
import json
from pathlib import Path

import pytest

from people_pathing.results import file_names
from people_pathing.results.files.job_summary import VideoFile
from people_pathing.results.observation import BoundingBox
from people_pathing.results.provenance import Provenance
from people_pathing.results.recording_time import RecordingSource, RecordingTime
from people_pathing.results.stored_result import StoredResultError, open_stored_result
from tests.unit.exports.stored import METADATA, seen, store

PERSONS = [seen(0, 40, (0.25, 0.125, 0.5, 0.25)), seen(0, 80), seen(3, 40)]


def test_the_summary_says_what_was_tracked(tmp_path: Path) -> None:
    stored = store(tmp_path, PERSONS)

    assert stored.video == "s3://videos/lobby/ramp 1.mp4"
    assert (stored.duration_ms, stored.frame_rate) == (4240, 25.0)
    assert (stored.frame_width_px, stored.frame_height_px) == (640, 480)
    assert stored.observation_count == 3


def test_a_file_that_was_tracked_without_a_bucket_is_named_by_its_path(tmp_path: Path) -> None:
    assert store(tmp_path, [], video=VideoFile("clips/street.mp4")).video == "clips/street.mp4"


def test_unknown_metadata_is_0(tmp_path: Path) -> None:
    stored = store(tmp_path, [], metadata={})

    assert (stored.duration_ms, stored.frame_rate, stored.frame_width_px, stored.frame_height_px) == (
        0,
        0,
        0,
        0,
    )


def test_the_video_and_the_time_of_recording_are_read(tmp_path: Path) -> None:
    recorded = RecordingTime(1_772_442_000_250, RecordingSource.NAME)
    stored = store(tmp_path, [], recording_time=recorded, provenance=Provenance(sample_fps=12.5))

    assert (stored.bucket, stored.key, stored.version) == ("videos", "lobby/ramp 1.mp4", "v1")
    assert (stored.at_utc_ms(0), stored.at_utc_ms(750)) == (1_772_442_000_250, 1_772_442_001_000)
    assert stored.sample_fps == 12.5


def test_of_a_tracked_file_the_path_is_the_key_and_what_is_unknown_is_none(tmp_path: Path) -> None:
    stored = store(tmp_path, [], video=VideoFile("clips/street.mp4"), metadata={})

    assert (stored.bucket, stored.key, stored.version) == (None, "clips/street.mp4", None)
    assert (stored.at_utc_ms(40), stored.frame_number(40), stored.sample_fps) == (None, None, 0)


@pytest.mark.parametrize("time", ["yesterday", "9999-12-31T23:59:59Z", "1904-01-01T00:00:00Z", 5])
def test_a_time_of_recording_that_cannot_be_is_damage(tmp_path: Path, time: object) -> None:
    store(tmp_path, [])
    job = json.loads((tmp_path / "job.json").read_text())
    (tmp_path / "job.json").write_text(json.dumps({**job, "recorded_at": time}))

    with pytest.raises(StoredResultError, match=r"job.json is damaged"):
        open_stored_result(tmp_path)


@pytest.mark.parametrize(
    ("name", "number", "most"),
    [
        ("DurationMillis", 2_678_400_001, "2678400000"),
        ("DurationMillis", 1e300, "2678400000"),
        ("DurationMillis", -1, "2678400000"),
        ("FrameRate", float("inf"), "10000"),
        ("FrameRate", float("nan"), "10000"),
        ("FrameWidth", 10**400, "1000000"),
        ("FrameHeight", -480, "1000000"),
    ],
)
def test_a_number_about_the_video_that_cannot_be_is_named(
    tmp_path: Path, name: str, number: float, most: str
) -> None:
    store(tmp_path, [])
    job = json.loads((tmp_path / "job.json").read_text())
    job["VideoMetadata"][name] = number
    (tmp_path / "job.json").write_text(json.dumps(job))

    with pytest.raises(StoredResultError, match=rf"job.json is damaged .*{name} is .* from 0 to {most}\)"):
        open_stored_result(tmp_path)


def test_a_job_summary_that_is_nested_too_deeply_is_damage(tmp_path: Path) -> None:
    store(tmp_path, [])
    (tmp_path / "job.json").write_text("[" * 100_000)

    with pytest.raises(StoredResultError, match=r"job.json is damaged"):
        open_stored_result(tmp_path)


def test_the_observations_are_read_in_the_order_of_the_file(tmp_path: Path) -> None:
    observations = list(store(tmp_path, PERSONS).observations())

    assert [(one.person_index, one.timestamp_ms) for one in observations] == [(0, 40), (0, 80), (3, 40)]
    assert observations[0].box == BoundingBox(0.25, 0.125, 0.5, 0.25)
    assert observations[1].box is None


def test_a_file_of_several_gzip_members_is_read_to_its_end(tmp_path: Path) -> None:
    store(tmp_path, PERSONS)
    lines = gzip.decompress((tmp_path / "observations.jsonl.gz").read_bytes()).splitlines(keepends=True)
    (tmp_path / "observations.jsonl.gz").write_bytes(b"".join(map(gzip.compress, lines)))

    assert len(list(open_stored_result(tmp_path).observations())) == 3


def test_a_folder_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoredResultError, match="nowhere does not exist; give a folder with result files"):
        open_stored_result(tmp_path / "nowhere")


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "street.mp4").touch()
    with pytest.raises(StoredResultError, match=r"street\.mp4 is a file; give a folder with result files"):
        open_stored_result(tmp_path / "street.mp4")


def test_a_folder_without_result_files_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoredResultError, match=r"is not a folder with result files: job\.json is missing"):
        open_stored_result(tmp_path)


@pytest.mark.parametrize("inside", ["street.mp4", "lobby/ramp.mp4/v1"])
def test_the_folder_around_results_leads_to_the_folder_of_one_video(tmp_path: Path, inside: str) -> None:
    store(tmp_path / inside, PERSONS)
    with pytest.raises(StoredResultError) as raised:
        open_stored_result(tmp_path)
    assert str(raised.value) == (
        f"{tmp_path} is not a folder with result files; give the folder of one video, "
        f"for example {tmp_path / inside}"
    )


@pytest.mark.parametrize("missing", file_names())
def test_results_of_which_a_file_is_missing_are_incomplete(tmp_path: Path, missing: str) -> None:
    store(tmp_path, PERSONS)
    (tmp_path / missing).unlink()
    with pytest.raises(StoredResultError, match=f"are incomplete: {missing} missing; track the video again"):
        open_stored_result(tmp_path)


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", "null", "{}", '{"video": {"path": "a"}, "VideoMetadata": [], "counts": {}}', "\xff"],
)
def test_a_damaged_summary_is_named(tmp_path: Path, content: str) -> None:
    store(tmp_path, PERSONS)
    (tmp_path / "job.json").write_bytes(content.encode("latin-1"))
    with pytest.raises(StoredResultError, match=r"job\.json is damaged"):
        open_stored_result(tmp_path)


@pytest.mark.parametrize("damage", ["cut", "no gzip", "no JSON", "no observation", "fewer", "more"])
def test_a_damaged_file_of_observations_is_named(tmp_path: Path, damage: str) -> None:
    store(tmp_path, PERSONS)
    path = tmp_path / "observations.jsonl.gz"
    whole = path.read_bytes()
    text = gzip.decompress(whole)
    contents = {
        "cut": whole[:-12],
        "no gzip": text,
        "no JSON": gzip.compress(text[:-5]),
        "no observation": gzip.compress(b'{"Timestamp": 4}\n'),
        "fewer": gzip.compress(b"".join(text.splitlines(keepends=True)[:2])),
        "more": whole + whole,
    }
    path.write_bytes(contents[damage])
    stored = open_stored_result(tmp_path)

    with pytest.raises(StoredResultError, match=r"observations\.jsonl\.gz (is damaged|has \d observations)"):
        list(stored.observations())


def test_the_metadata_of_the_tests_is_that_of_a_job(tmp_path: Path) -> None:
    store(tmp_path, [])
    assert json.loads((tmp_path / "job.json").read_text())["VideoMetadata"] == METADATA
