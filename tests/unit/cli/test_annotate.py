"""`people-pathing annotate`: files, videos of a stack, and every refusal before any work."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import av
import pytest
from moto import mock_aws

import people_pathing.cli.aws
from people_pathing.annotation.choices import AllBut
from people_pathing.cli.main import build_parser
from people_pathing.pipeline.job_record import JobRecord
from people_pathing.pipeline.video import Video
from people_pathing.results import file_names
from tests.fakes.pipeline import JOBS, RESULTS, VIDEOS, FakePipeline
from tests.unit.annotation.material import Sound, pictures_in, results_of, standing, stripes, write_video
from tests.unit.cli.programs import imported_modules, run_here, run_without
from tests.unit.report.pages import embedded

BOX = (0.25, 0.25, 0.25, 0.5)
ZONES = '{"version": 1, "zones": [{"name": "hall", "polygon": [[0.6, 0.6], [0.9, 0.6], [0.9, 0.9]]}]}'
ONLY_ZONES = ("--no-boxes", "--no-trails", "--no-counts", "--no-clock")
PLAIN = (*ONLY_ZONES, "--no-zones")


@pytest.fixture
def video(tmp_path: Path) -> Path:
    """A video with sound, and its results beside it, as `track street.mp4 --out .` writes them."""
    path = write_video(tmp_path / "street.mp4", frames=10, draw=stripes, sounds=[Sound(click_s=0.1)])
    results_of(
        path, {0: standing(BOX, until_ms=400), 3: standing(BOX, until_ms=400)}, tmp_path / "street.mp4.paths"
    )
    return path


def test_the_copy_is_written_beside_the_results(video: Path) -> None:
    completed = run_here("annotate", video)

    out = video.with_name("street.mp4.paths") / "annotated.webm"
    assert (completed.returncode, completed.stdout) == (0, f"{out}\n")
    assert completed.stderr == "annotating: 100%\n10 frames annotated in 0s\n"
    assert len(pictures_in(out)) == 10


def test_the_results_and_the_copy_can_be_anywhere(video: Path, tmp_path: Path) -> None:
    (tmp_path / "street.mp4.paths").rename(tmp_path / "elsewhere")
    out = tmp_path / "new" / "copy.webm"

    completed = run_here("annotate", video, "--results", tmp_path / "elsewhere", "--out", out)

    assert (completed.returncode, completed.stdout) == (0, f"{out}\n")
    assert {path.name for path in out.parent.iterdir()} == {"copy.webm"}


def test_replacing_an_older_copy_is_said_before(video: Path) -> None:
    run_here("annotate", video)

    completed = run_here("annotate", video)

    out = video.with_name("street.mp4.paths") / "annotated.webm"
    assert completed.stderr.startswith(
        f"{out} is there already; it is replaced when the new one is complete\n"
    )
    assert completed.returncode == 0


def test_a_link_in_the_folder_of_the_results_does_not_choose_what_is_replaced(
    video: Path, tmp_path: Path
) -> None:
    victim = tmp_path / "victim"
    victim.write_text("old")
    out = video.with_name("street.mp4.paths") / "annotated.webm"
    out.symlink_to(Path("..") / "victim")

    completed = run_here("annotate", video)

    assert completed.returncode == 1
    assert f"{out} is a link to ../victim, which would be replaced; delete the link" in completed.stderr
    assert victim.read_text() == "old"
    assert run_here("annotate", video, "--out", tmp_path / "copy.webm").returncode == 0


def test_the_report_offers_the_copy_beside_it_and_keeps_its_zones(video: Path, tmp_path: Path) -> None:
    page = tmp_path / "street.mp4.paths" / "report.html"
    (tmp_path / "zones.json").write_text(ZONES)
    run_here("open", page.parent, "--zones", tmp_path / "zones.json", "--no-browser")
    assert embedded(page)["video"]["annotatedSource"] is None

    run_here("annotate", video, "--out", tmp_path / "copy.webm")
    assert embedded(page)["video"]["annotatedSource"] is None
    run_here("annotate", video)

    assert embedded(page)["video"]["annotatedSource"] == "./annotated.webm"
    assert embedded(page)["zonesFile"]["zones"][0]["name"] == "hall"


def test_what_blur_does_not_cover_is_said(video: Path) -> None:
    completed = run_here("annotate", video, "--blur", "people", *PLAIN)

    assert completed.returncode == 0
    assert "faces and people that were not detected are still visible" in completed.stderr
    assert "The sound is left out; --keep-sound keeps it." in completed.stderr
    out = video.with_name("street.mp4.paths") / "annotated.webm"
    assert all(picture[60:180, 80:160].std() < 8 for _, picture in pictures_in(out))
    with av.open(out) as file:
        assert not file.streams.audio


def test_sound_can_be_kept_although_something_is_blurred(video: Path) -> None:
    completed = run_here("annotate", video, "--blur", "faces", "--keep-sound")

    assert "The sound is left out" not in completed.stderr
    with av.open(video.with_name("street.mp4.paths") / "annotated.webm") as file:
        assert len(file.streams.audio) == 1


@pytest.mark.parametrize(
    "arguments", [("street.mp4", "--blur", "all-but", "3"), ("--blur", "all-but", "3", "street.mp4")]
)
def test_the_video_may_come_before_or_after_blur(arguments: tuple[str, ...], video: Path) -> None:
    placed = [video if word == "street.mp4" else word for word in arguments]

    assert run_here("annotate", *placed, *PLAIN).returncode == 0
    assert build_parser().parse_args(["annotate", *arguments]).blur == AllBut(3)


def test_zones_are_drawn_from_a_file_or_as_in_the_report(video: Path, tmp_path: Path) -> None:
    (tmp_path / "zones.json").write_text(ZONES)
    out = tmp_path / "street.mp4.paths" / "annotated.webm"

    run_here("annotate", video, *ONLY_ZONES)
    plain = pictures_in(out)
    assert run_here("annotate", video, "--zones", tmp_path / "zones.json", *ONLY_ZONES).returncode == 0
    with_zones = pictures_in(out)
    run_here("open", tmp_path / "street.mp4.paths", "--zones", tmp_path / "zones.json", "--no-browser")
    completed = run_here("annotate", video, *ONLY_ZONES)

    assert f"zones of {tmp_path / 'street.mp4.paths' / 'report.html'}" in completed.stderr
    assert (plain[0][1] != with_zones[0][1]).any()
    assert (pictures_in(out)[0][1] == with_zones[0][1]).all()


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("nowhere.mp4",), "there is no file {}/nowhere.mp4; a key in a bucket needs --stack-name"),
        (("other.mp4",), "there are no results in {}/other.mp4.paths; track it first: people-pathing track"),
        (
            ("moved.mp4",),
            "there are no results in {0}/moved.mp4.paths; add --results {0}/out/moved.mp4.paths",
        ),
        (("street.mp4", "--blur", "all-but", "7"), "there is no person 7 in the results; they have 0, 3"),
        (("other.mp4", "--results", "street.mp4.paths"), "those of {}/other.mp4: it is 1.0 s long"),
        (("street.mp4", "--out", "copy.mp4"), "copy.mp4 must end with .webm"),
        (("street.mp4", "--out", "street.mp4"), "street.mp4 is the video itself; choose another file"),
        (("street.mp4", "--results", "out"), "{}/out is not a folder with result files"),
        (("street.mp4", "--zones", "wrong.json"), '{}/wrong.json: "version" is 2'),
        (("street.mp4", "--time-zone", "Mars"), "'Mars' is not a time zone"),
    ],
)
def test_wrong_input_is_named_and_nothing_is_written(
    arguments: tuple[str, ...], problem: str, video: Path, tmp_path: Path
) -> None:
    write_video(tmp_path / "other.mp4", frames=25)
    write_video(tmp_path / "moved.mp4", frames=5)
    (tmp_path / "out" / "moved.mp4.paths").mkdir(parents=True)
    (tmp_path / "wrong.json").write_text('{"version": 2}')
    placed = [tmp_path / word if "." in word or word == "out" else word for word in arguments]

    completed = run_here("annotate", *placed)

    assert completed.returncode == 1
    assert problem.format(tmp_path) in completed.stderr.splitlines()[-1]
    assert not list(tmp_path.rglob("*.webm"))
    assert video.stat().st_size > 1000


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("--blur", "heads"), "'heads' is not faces, people or all-but INDEX"),
        (("--blur", "all-but"), "give the number of a person: all-but INDEX, for example all-but 3"),
        (("--blur", "all-but", "street.mp4"), "give the number of a person"),
        (("--crf", "64"), "'64' is not a whole number from 0 to 63"),
        (("--codec", "h264"), "invalid choice: 'h264'"),
        (("",), "the value is empty; give a path, or the key of a video"),
        (("a.mp4", "--results", ""), "the value is empty; give a folder with result files"),
    ],
)
def test_an_option_that_is_wrong_by_itself_is_named(arguments: tuple[str, ...], problem: str) -> None:
    completed = run_here("annotate", *arguments)

    assert completed.returncode == 2
    assert problem in completed.stderr


@pytest.mark.parametrize("arguments", [(), ("a.mp4", "--blur", "people", "b.mp4")])
def test_exactly_one_video_is_needed(arguments: tuple[str, ...]) -> None:
    completed = run_here("annotate", *arguments)

    assert completed.returncode == 1
    assert "give VIDEO|KEY, a video file or the key of a video" in completed.stderr


def test_it_works_without_the_aws_extra(video: Path) -> None:
    completed = run_without(["boto3", "botocore"], "annotate", video)

    assert completed.returncode == 0, completed.stderr
    assert "onnxruntime" not in imported_modules(completed)


@pytest.fixture
def stack(video: Path) -> Iterator[FakePipeline]:
    """A stack that has the video and its results, and a zones file that applies to it."""
    with mock_aws():
        app = FakePipeline()
        app.s3.upload_file(str(video), VIDEOS, "cam/street.mp4")
        version = app.s3.head_object(Bucket=VIDEOS, Key="cam/street.mp4")["VersionId"]
        app.s3.put_object(Bucket=VIDEOS, Key="zones/cam/.json", Body=ZONES.encode())
        record = JobRecord.of(Video(VIDEOS, "cam/street.mp4", version, version), app.now_ms, app.now_ms)
        app.table.add(record.in_progress("job", app.now_ms).succeeded(app.now_ms))
        for name in file_names():
            path = video.with_name("street.mp4.paths") / name
            app.s3.upload_file(str(path), RESULTS, record.results_prefix + name)
        outputs = {"JobTableName": JOBS, "VideoBucketName": VIDEOS, "ResultsBucketName": RESULTS}

        class Session:
            def client(self, name: str) -> Any:
                return {"s3": app.s3, "dynamodb": app.dynamodb}[name]

        with (
            patch.object(people_pathing.cli.aws, "aws_session", lambda _: Session()),
            patch.object(people_pathing.cli.aws, "stack_outputs", lambda *_: outputs),
        ):
            yield app


def record_of(app: FakePipeline) -> JobRecord:
    [record] = app.table.find(VIDEOS, "cam/street.mp4")
    return record


def stored_key(app: FakePipeline) -> str:
    return record_of(app).results_prefix + "annotated.webm"


def is_stored(app: FakePipeline) -> bool:
    found = app.s3.list_object_versions(Bucket=RESULTS, Prefix=stored_key(app))
    return bool(found.get("Versions") or found.get("DeleteMarkers"))


def test_a_video_of_a_stack_is_annotated_beside_its_results(stack: FakePipeline, tmp_path: Path) -> None:
    completed = run_here("annotate", "cam/street.mp4", "--stack-name", "s", "--blur", "people")

    assert completed.returncode == 0, completed.stderr
    assert completed.stdout == f"s3://{RESULTS}/{stored_key(stack)}\n"
    assert f"zones of s3://{VIDEOS}/zones/cam/.json" in completed.stderr
    stack.s3.download_file(RESULTS, stored_key(stack), str(tmp_path / "fetched.webm"))
    assert len(pictures_in(tmp_path / "fetched.webm")) == 10
    head = stack.s3.head_object(Bucket=RESULTS, Key=stored_key(stack))
    assert head["ContentType"] == "video/webm"


def test_a_video_of_a_stack_can_be_annotated_into_a_local_file(stack: FakePipeline, tmp_path: Path) -> None:
    out = tmp_path / "copy.webm"

    completed = run_here("annotate", "cam/street.mp4", "--stack-name", "s", "--out", out)

    assert (completed.returncode, completed.stdout) == (0, f"{out}\n")
    assert len(pictures_in(out)) == 10
    assert not is_stored(stack)


def test_replacing_a_stored_copy_is_said_before(stack: FakePipeline) -> None:
    run_here("annotate", "cam/street.mp4", "--stack-name", "s")

    completed = run_here("annotate", "cam/street.mp4", "--stack-name", "s")

    assert f"s3://{RESULTS}/{stored_key(stack)} is there already; it is replaced" in completed.stderr


def test_a_video_that_is_erased_in_the_meantime_leaves_no_copy(stack: FakePipeline) -> None:
    upload = stack.s3.upload_file

    def upload_after_erasure(*arguments: Any, **options: Any) -> None:
        assert stack.table.bury(record_of(stack), 4_000_000_000)
        upload(*arguments, **options)

    key = stored_key(stack)
    with patch.object(stack.s3, "upload_file", upload_after_erasure):
        completed = run_here("annotate", "cam/street.mp4", "--stack-name", "s")

    assert completed.returncode == 1
    assert "the video was erased or tracked again in the meantime; nothing was stored" in completed.stderr
    found = stack.s3.list_object_versions(Bucket=RESULTS, Prefix=key)
    assert not found.get("Versions")


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("cam/other.mp4",), "there are no results of cam/other.mp4; `people-pathing jobs` lists the keys"),
        (("cam/street.mp4", "--blur", "all-but", "9"), "there is no person 9 in the results; they have 0, 3"),
        (("cam/street.mp4", "--results", "."), "--results is for a video file"),
        (("cam/street.mp4", "--out", "copy.mp4"), "copy.mp4 must end with .webm"),
        (("cam/street.mp4", "--time-zone", "Mars"), "'Mars' is not a time zone"),
    ],
)
def test_what_a_stack_does_not_have_is_named_before_the_download(
    arguments: tuple[str, ...], problem: str, stack: FakePipeline
) -> None:
    completed = run_here("annotate", *arguments, "--stack-name", "s")

    assert completed.returncode == 1
    assert problem in completed.stderr
    assert "fetching the video" not in completed.stderr


def test_masks_whose_place_is_not_known_are_named_before_the_download(stack: FakePipeline) -> None:
    key = record_of(stack).results_prefix + "job.json"
    job = json.loads(stack.s3.get_object(Bucket=RESULTS, Key=key)["Body"].read())
    job["provenance"] = {"masked_areas": 2}
    stack.s3.put_object(Bucket=RESULTS, Key=key, Body=json.dumps(job).encode())

    completed = run_here("annotate", "cam/street.mp4", "--stack-name", "s", "--blur", "people")

    assert completed.returncode == 1
    assert "the zones have 0 masks" in completed.stderr
    assert "(--zones FILE)" in completed.stderr
    assert "fetching the video" not in completed.stderr


def test_a_deleted_video_is_named(stack: FakePipeline) -> None:
    record = record_of(stack)
    assert record.version
    stack.s3.delete_object(Bucket=VIDEOS, Key="cam/street.mp4", VersionId=record.version)

    completed = run_here("annotate", "cam/street.mp4", "--stack-name", "s")

    assert completed.returncode == 1
    assert "was deleted; its results are still there" in completed.stderr


def test_a_full_disk_is_named_before_the_download(stack: FakePipeline) -> None:
    with patch("shutil.disk_usage", lambda _: SimpleNamespace(free=10)):
        completed = run_here("annotate", "cam/street.mp4", "--stack-name", "s")

    assert completed.returncode == 1
    assert "has 0.0 GB left, but the video and its copy need about" in completed.stderr
    assert "set TMPDIR to a folder on a larger disk" in completed.stderr


def test_an_archived_video_is_named(stack: FakePipeline) -> None:
    head = stack.s3.head_object

    def archived(**arguments: Any) -> Any:
        return {**head(**arguments), "StorageClass": "DEEP_ARCHIVE"}

    with patch.object(stack.s3, "head_object", archived):
        completed = run_here("annotate", "cam/street.mp4", "--stack-name", "s")

    assert completed.returncode == 1
    assert "is in the archive DEEP_ARCHIVE; restore it first" in completed.stderr
