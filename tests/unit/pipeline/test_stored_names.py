"""Erasing and expiring cover every object that the code stores, also one that is added later.

The lists come from the code: what modules name as their files, which modules call S3 to store something, and
what the pipeline has stored in fact.
"""

import ast
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import people_pathing
from people_pathing.analysis import count_files
from people_pathing.cli.annotating.stack_video import StackVideo
from people_pathing.cli.deployed_stack import DeployedStack
from people_pathing.cli.erasing.people_in_bucket import PersonEraser
from people_pathing.pipeline.counting.table_files import table_keys
from people_pathing.pipeline.erasure import stored_names
from people_pathing.pipeline.results_bucket import chunks_prefix
from people_pathing.pipeline.video import MAX_FILE_NAME_BYTES
from people_pathing.results import file_names
from people_pathing.tables.columns import TABLES
from tests.fakes.pipeline import RESULTS, VIDEOS, FakePipeline
from tests.unit.cli.test_count import CALIBRATION, ZONES
from tests.unit.pipeline.test_counting import erase, job_stored, put_zones, tracked, versions_left

KEY = "cam7/street.mp4"
PACKAGE = Path(people_pathing.__file__).parent
STORING_CALLS = {
    *("put_object", "copy_object", "create_multipart_upload", "copy"),
    *("upload_file", "upload_fileobj", "upload_part_copy", "write_get_object_response"),
}
STORING_MODULES = {
    # Result files and chunks of them.
    "pipeline/results_bucket.py",
    # Counts, the report and tables.
    "pipeline/counting/result_analysis.py",
    # The annotated video.
    "cli/annotating/stack_video.py",
    # Result files without erased people.
    "cli/erasing/people_in_bucket.py",
    # Videos, which have a bucket of their own.
    "cli/deployed_stack.py",
    "cli/overview/live_stack.py",
    # The clip of the smoke test, also in the bucket of videos.
    "smoke_test/steps.py",
    # Artifacts of the service, all of them below the prefix of their job.
    "service/artifacts.py",
}
NAMED_ELSEWHERE = {"cli": "commands write to the machine of the user", "exports": "erased by their registry"}
WRITTEN_ON_THE_USERS_MACHINE = {"index.html"}


def modules() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        yield path.relative_to(PACKAGE).as_posix(), ast.parse(path.read_text("utf-8"))


def named_files() -> set[str]:
    """Returns the names of files that modules state as the constant NAME."""
    found = set()
    for module, tree in modules():
        if module.partition("/")[0] in NAMED_ELSEWHERE:
            continue
        for node in tree.body:
            match node:
                case ast.Assign(targets=[ast.Name(id="NAME")], value=ast.Constant(value=str(name))) if (
                    "." in name
                ):
                    found.add(name)
    return found


def test_every_file_that_a_module_names_is_erased_with_the_results() -> None:
    named = named_files() | {*count_files.ALL_NAMES, count_files.ANALYSIS}
    assert named - WRITTEN_ON_THE_USERS_MACHINE == set(stored_names())
    assert named >= WRITTEN_ON_THE_USERS_MACHINE
    assert len(stored_names()) == len(set(stored_names()))


def test_every_file_that_may_be_stored_fits_into_the_longest_key() -> None:
    assert max(len(name.encode()) for name in stored_names()) <= MAX_FILE_NAME_BYTES


def test_only_known_modules_store_objects() -> None:
    found = {
        module
        for module, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in STORING_CALLS
        and (node.args or node.keywords)
    }
    assert found == STORING_MODULES, "add what it stores to `stored_names`, and the module to this list"


def store_everything(pipeline: FakePipeline, key: str, folder: Path) -> None:
    """Stores all that the system stores about a video, and a second version of it."""
    put_zones(pipeline, {**ZONES, "calibration": CALIBRATION}, key="zones/.json")
    record = tracked(pipeline, key)
    for _ in range(2):
        pipeline.on_results(job_stored(record))
        stack = DeployedStack(pipeline.s3, pipeline.table, VIDEOS, RESULTS, None, None)
        copy = folder / "copy.webm"
        copy.write_bytes(b"pictures")
        StackVideo(stack, record, 1).upload(copy)
        chunk = f"{chunks_prefix(record.video_id)}000000/people.json"
        pipeline.s3.put_object(Bucket=RESULTS, Key=chunk, Body=b"[")
    for name in stored_names():
        pipeline.s3.create_multipart_upload(Bucket=RESULTS, Key=record.results_prefix + name)


def test_everything_that_is_stored_about_a_video_has_a_known_name_and_is_erased(
    pipeline: FakePipeline, tmp_path: Path
) -> None:
    for key in (KEY, "tables/reserved.mp4"):
        store_everything(pipeline, key, tmp_path)
        record = pipeline.records()[-1]
        prefix = record.results_prefix

        stored = set(versions_left(pipeline))
        beside = {name.removeprefix(prefix) for name in stored if name.startswith(prefix)}
        assert beside == set(stored_names())
        others = stored - {prefix + name for name in beside}
        uploaded_on = date(2026, 1, 31)
        assert others == {
            *table_keys(record.video_id, uploaded_on),
            f"{chunks_prefix(record.video_id)}000000/people.json",
        }
        assert len(table_keys(record.video_id, uploaded_on)) == len(TABLES)

        erase(pipeline, key)

        assert versions_left(pipeline) == []
        assert "Uploads" not in pipeline.s3.list_multipart_uploads(Bucket=RESULTS)


def test_erasing_people_replaces_or_erases_every_file_that_may_be_stored(pipeline: FakePipeline) -> None:
    eraser = PersonEraser(pipeline.s3, pipeline.table, RESULTS, frozenset({"mot.txt"}))
    assert eraser.made_from_tracks() | set(file_names()) == {*stored_names(), "mot.txt"}
    assert not eraser.made_from_tracks() & set(file_names())
