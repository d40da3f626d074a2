"""`people-pathing erase FOLDER --index N`: every file in a result folder without one person."""

import gzip
import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from people_pathing import exports
from people_pathing.analysis import count_files
from people_pathing.cli.erasing import people_of_folder
from people_pathing.cli.erasing.people_of_folder import FolderErasure
from people_pathing.cli.errors import CommandError
from people_pathing.results import file_names
from people_pathing.results.person_removal import write_without
from people_pathing.results.stored_result import open_stored_result
from tests.unit.cli.programs import ROOT, imported_modules, run_here, run_without
from tests.unit.cli.test_count import CALIBRATION, ZONES, Store, store, table
from tests.unit.exports.stored import seen
from tests.unit.exports.stored import store as store_persons
from tests.unit.report.pages import embedded, rows
from tests.unit.review.cvat_files import box, track, write_xml

__all__ = ["store"]

EXPORT_NAMES = frozenset(exports.load_export(name).FILE_NAME for name in exports.EXPORTS.names())


@pytest.fixture
def zones(tmp_path: Path) -> Path:
    path = tmp_path / "zones.json"
    path.write_text(json.dumps({**ZONES, "calibration": CALIBRATION}))
    return path


@pytest.fixture
def folder(store: Store, zones: Path) -> Path:
    """Three people with counts on the floor, and a report."""
    folder = store(people=3)
    assert run_here("count", folder, "--zones", zones, "--out", folder.parent).returncode == 0
    return folder


def erase(folder: Path, *arguments: object) -> Any:
    return run_here("erase", folder, *arguments)


def people_named_in(folder: Path) -> dict[str, set[int]]:
    """Returns which people each file is about."""
    counts = json.loads((folder / "counts.json").read_text())
    observations = gzip.decompress((folder / "observations.jsonl.gz").read_bytes()).splitlines()
    return {
        "observations.jsonl.gz": {json.loads(line)["Person"]["Index"] for line in observations},
        "people.json": {one["index"] for one in json.loads((folder / "people.json").read_text())},
        "counts.json": {one["person"] for one in counts["people"]},
        "events.csv": {int(row["person"]) for row in table(folder / "events.csv")},
        "floor_paths.csv": {int(row["person"]) for row in table(folder / "floor_paths.csv")},
        "report.html": {int(row[0]) for row in rows(folder / "report.html")},
    }


def test_a_person_is_in_no_file_any_more_and_the_others_are_counted_again(folder: Path) -> None:
    assert set.union(*people_named_in(folder).values()) == {0, 1, 2}

    completed = erase(folder, "--index", 1)

    assert completed.returncode == 0, completed.stderr
    assert set(map(frozenset, people_named_in(folder).values())) == {frozenset({0, 2})}
    counts = json.loads((folder / "counts.json").read_text())
    assert counts["picture"]["people"] == 2
    assert [(line["in"], line["people"]) for line in counts["lines"]] == [(2, 2)]
    assert counts["provenance"]["erased"]["people"] == 1
    assert counts["timezone"] == "Europe/Berlin"
    assert [row["people"] for row in table(folder / "flows.csv")] == ["2"]
    assert "erased 1 people with 9 observations from the results of videos/street.mp4" in completed.stdout
    assert "videos/street.mp4 itself, where it still is, shows these people" in completed.stderr


def test_the_zones_of_the_report_stay(folder: Path) -> None:
    erase(folder, "--index", 0, "--index", 2)
    assert [zone["name"] for zone in embedded(folder / "report.html")["zonesFile"]["zones"]] == ["till"]
    assert people_named_in(folder)["people.json"] == {1}


def test_exports_the_annotated_video_and_the_originals_of_reviews_are_erased(
    folder: Path, tmp_path: Path
) -> None:
    name = "mot.txt"
    (folder / name).write_text("1,1")
    (folder / "annotated.webm").write_bytes(b"-")
    (folder / "notes.txt").write_text("mine")
    for original in ("original", "original-1"):
        (folder / original).mkdir()
        (folder / original / "people.json").write_text("[]")
    (folder / "original-2.zip").write_bytes(b"-")

    completed = erase(folder, "--index", 1, "--json", "--report", tmp_path / "erased.jsonl")

    left = {path.name for path in folder.iterdir()}
    assert not {name, "annotated.webm", "original", "original-1"} & left
    assert "stay, and may be about them, too: notes.txt, original-2.zip" in completed.stderr
    printed, written = json.loads(completed.stdout), json.loads((tmp_path / "erased.jsonl").read_text())
    assert printed == {**written, "time": printed["time"]}
    assert {key: value for key, value in written.items() if key != "time"} == {
        "folder": str(folder),
        "index": [1],
        "complete": True,
        "erased": {"people": 1, "observations": 9, "files": 4},
    }


def test_a_reviewed_folder_keeps_no_copy_of_the_original(tmp_path: Path) -> None:
    folder = tmp_path / "street.mp4.paths"
    store_persons(
        folder, [seen(index, 40 * step, (0.1, 0.1, 0.1, 0.1)) for index in (0, 1) for step in range(5)]
    )
    boxes = [box(frame, 64.0) for frame in range(5)]
    cvat = write_xml(tmp_path / "cvat.xml", track(0, boxes), track(1, boxes))
    assert run_here("import", folder, "--cvat", cvat).returncode == 0
    assert (folder / "original").is_dir()

    assert erase(folder, "--index", 0).returncode == 0

    assert not (folder / "original").exists()
    assert "reviewed" in (open_stored_result(folder).provenance or {})
    assert {one.person_index for one in open_stored_result(folder).observations()} == {1}


def test_counts_without_their_zones_are_erased(folder: Path) -> None:
    path = folder / "counts.json"
    document = json.loads(path.read_text())
    del document["zones_file"]
    path.write_text(json.dumps(document))

    assert erase(folder, "--index", 1).returncode == 0

    assert {path.name for path in folder.iterdir()} == {*file_names(), "report.html"}


def test_a_dry_run_lists_what_would_change_and_changes_nothing(folder: Path) -> None:
    (folder / "mot.txt").write_text("1,1")
    (folder / "person-1.csv").write_text("1")
    before = contents(folder)

    completed = erase(folder, "--index", 1, "--dry-run", "--json")
    listed = erase(folder, "--index", 1, "--dry-run")

    found = json.loads(completed.stdout)
    assert {"what": "person", "name": "1", "observations": 9} in found
    assert {"what": "file to replace", "name": "floor_paths.csv", "observations": None} in found
    assert {"what": "file to erase", "name": "mot.txt", "observations": None} in found
    assert {"what": "stays", "name": "person-1.csv", "observations": None} in found
    assert "nothing was erased, because of --dry-run" in listed.stdout
    assert "annotate --blur people` first" in listed.stderr
    assert contents(folder) == before


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["--index", "3"], "person 3 is not in the results of videos/street.mp4; they have 0, 1, 2"),
        (["--index", "1", "--index", "7"], "person 7 is not in"),
        (["--index", "x"], "'x' is not the number of a person, such as 3"),
        (["--index", "-1"], "'-1' is not the number of a person"),
        (["--index", "1", "--keep-video"], "--index always keeps the video; leave out --keep-video"),
        (["--index", "1", "--before", "2026-01-01"], "leave out --before"),
        (["--index", "1", "--version", "v1"], "is a folder, which has no versions and no bucket"),
        (["--index", "1", "--bucket", "b"], "for a key of this name, give --stack-name, too"),
    ],
)
def test_wrong_arguments_are_refused_before_anything_changes(
    folder: Path, arguments: list[str], problem: str
) -> None:
    before = contents(folder)
    completed = erase(folder, *arguments)
    assert completed.returncode != 0
    assert problem in completed.stderr
    assert contents(folder) == before


def test_a_folder_of_several_videos_is_refused_with_the_folder_of_one(folder: Path) -> None:
    completed = erase(folder.parent, "--index", 1)
    assert f"give the folder of one video, for example {folder}" in completed.stderr


class StoppedError(Exception):
    """The process is killed."""


@pytest.mark.parametrize("moves", range(1 + len(file_names()) + len(count_files.ALL_NAMES) + 1))
def test_an_erasure_that_was_interrupted_anywhere_is_completed_by_the_same_command(
    folder: Path, moves: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "mot.txt").write_text("1,1")
    (folder / "original").mkdir()
    done = 0
    move = Path.replace

    def move_or_die(path: Path, target: Path) -> Path:
        nonlocal done
        # Files in the making are moved inside the scratch folder.
        if target.parent == folder:
            if done == moves:
                raise StoppedError
            done += 1
        return move(path, target)

    erasure = FolderErasure(folder, frozenset({1}), EXPORT_NAMES)
    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", move_or_die)
        with pytest.raises(StoppedError):
            erasure.run()
    assert "erased" not in (open_stored_result(folder).provenance or {})
    # The first move is that of the marker.
    if moves > 1:
        # Nothing counts a mixture of old and new files.
        counted = run_here("count", folder, "--zones", folder.parents[1] / "zones.json")
        assert "has 18 observations, but job.json says 27" in counted.stderr
    assert erase(folder, "--index", 1).returncode == 0

    assert set(map(frozenset, people_named_in(folder).values())) == {frozenset({0, 2})}
    assert not (folder / "mot.txt").exists()
    assert not (folder / "original").exists()
    assert (open_stored_result(folder).provenance or {})["erased"]["people"] == 1
    assert not [path for path in folder.iterdir() if path.name.startswith(".")]


def test_an_erasure_that_was_interrupted_when_job_json_was_replaced_is_completed_by_the_same_command(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    move = Path.replace

    def move_and_die(path: Path, target: Path) -> Path:
        moved = move(path, target)
        if target == folder / "job.json":
            raise StoppedError
        return moved

    erasure = FolderErasure(folder, frozenset({1}), EXPORT_NAMES)
    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", move_and_die)
        with pytest.raises(StoppedError):
            erasure.run()
    assert "person 2000 is not in" in erase(folder, "--index", 2000).stderr
    completed = erase(folder, "--index", 1)

    assert completed.returncode == 0, completed.stderr
    assert (open_stored_result(folder).provenance or {})["erased"]["people"] == 1
    assert "person 1 is not in" in erase(folder, "--index", 1).stderr
    assert not (folder / "erasing.json").exists()


@pytest.mark.parametrize(
    "name", [*file_names(), "report.html", "counts.json", "annotated.webm", "mot.txt", "original"]
)
def test_a_link_is_named_and_nothing_changes(folder: Path, tmp_path: Path, name: str) -> None:
    target = tmp_path / "elsewhere"
    path = folder / name
    if name == "original":
        target.mkdir()
        (target / "people.json").write_text("[]")
    elif path.exists():
        path.rename(target)
    else:
        target.write_bytes(b"person 1")
    path.symlink_to(target)
    before = contents(folder)

    completed = erase(folder, "--index", 1)

    assert completed.returncode != 0
    assert f"{path} is a link to {target}, which would keep the people" in completed.stderr
    assert contents(folder) == before
    assert path.is_symlink()


def test_what_killed_commands_have_left_is_erased(folder: Path) -> None:
    left = [folder / name for name in (".results-k3_x", ".original-abc", ".writing-x1")]
    for path in left:
        (path / "inside").mkdir(parents=True)
        (path / "inside" / "observations.jsonl.gz").write_bytes(b"person 1")
    (folder / ".hidden").mkdir()

    listed = json.loads(erase(folder, "--index", 1, "--dry-run", "--json").stdout)
    completed = erase(folder, "--index", 1, "--json")

    erased = {one["name"] for one in listed if one["what"] == "file to erase"}
    assert erased == {path.name for path in left}
    assert json.loads(completed.stdout)["erased"]["files"] == 3
    assert not any(path.exists() for path in left)
    assert (folder / ".hidden").is_dir()


def test_what_a_killed_erasure_has_left_is_erased_by_the_next_one(folder: Path) -> None:
    kill_at_the_third_move = (
        "import os, signal, sys; from pathlib import Path; moves = []; move = Path.replace\n"
        "def replace(path, target):\n"
        "    moves.append(target)\n"
        "    if len(moves) > 2: os.kill(os.getpid(), signal.SIGKILL)\n"
        "    return move(path, target)\n"
        "from people_pathing.cli.main import main\n"
        "Path.replace = replace\n"
        "main(sys.argv[1:])\n"
    )
    killed = subprocess.run(
        [sys.executable, "-c", kill_at_the_third_move, "erase", str(folder), "--index", "1"],
        env={**os.environ, "PYTHONPATH": str(ROOT / "functions")},
        check=False,
        timeout=60,
    )
    assert killed.returncode == -signal.SIGKILL
    assert list(folder.glob(".results-*"))

    assert erase(folder, "--index", 1).returncode == 0

    assert not list(folder.glob(".*"))
    assert set(map(frozenset, people_named_in(folder).values())) == {frozenset({0, 2})}


@pytest.mark.parametrize("name", [*file_names(), "counts.json", "mot.txt", ".results-another"])
def test_a_change_during_the_erasure_is_noticed_and_nothing_is_replaced(
    folder: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    observations = (folder / "observations.jsonl.gz").read_bytes()

    def write_and_change(*arguments: Any) -> None:
        write_without(*arguments)
        if name.startswith("."):
            (folder / name).mkdir()
        else:
            path = folder / name
            path.write_bytes(path.read_bytes() if path.exists() else b"person 1")

    erasure = FolderErasure(folder, frozenset({1}), EXPORT_NAMES)
    with monkeypatch.context() as patched:
        patched.setattr(people_of_folder, "write_without", write_and_change)
        with pytest.raises(CommandError, match=r"another command changed .* in the meantime"):
            erasure.run()
    assert not erasure.has_begun
    assert (folder / "observations.jsonl.gz").read_bytes() == observations

    assert erase(folder, "--index", 1).returncode == 0
    assert not (folder / "mot.txt").exists()
    assert set(map(frozenset, people_named_in(folder).values())) == {frozenset({0, 2})}


def test_two_erasures_of_a_folder_wait_for_each_other(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = threading.Thread(target=FolderErasure(folder, frozenset({2}), EXPORT_NAMES).run)
    move = Path.replace
    was_waiting: list[bool] = []

    def start_the_other_and_move(path: Path, target: Path) -> Path:
        if not was_waiting:
            was_waiting.append(False)
            other.start()
            other.join(timeout=1)
            was_waiting[0] = other.is_alive()
        return move(path, target)

    monkeypatch.setattr(Path, "replace", start_the_other_and_move)
    FolderErasure(folder, frozenset({1}), EXPORT_NAMES).run()
    other.join(timeout=30)

    assert was_waiting == [True]
    assert set(map(frozenset, people_named_in(folder).values())) == {frozenset({0})}
    assert (open_stored_result(folder).provenance or {})["erased"]["people"] == 2


def test_damaged_results_are_not_taken_for_an_interrupted_erasure(folder: Path) -> None:
    path = folder / "observations.jsonl.gz"
    kept = gzip.decompress(path.read_bytes()).splitlines(keepends=True)[:20]
    path.write_bytes(gzip.compress(b"".join(kept)))
    before = contents(folder)

    for index in (0, 999):
        completed = erase(folder, "--index", index)
        assert completed.returncode != 0
        assert "has 20 observations, but job.json says 27" in completed.stderr
    assert contents(folder) == before


def test_the_sum_of_several_files_is_named(folder: Path, store: Store, zones: Path) -> None:
    other = store("other.mp4")
    for one, time in ((folder, "09:00"), (other, "09:01")):
        document = json.loads((one / "job.json").read_text())
        document |= {"recorded_at": f"2026-03-02T{time}:00.000Z", "recorded_at_source": "stated"}
        (one / "job.json").write_text(json.dumps(document))
    run_here("count", folder, other, "--zones", zones, "--out", folder.parent)

    completed = erase(folder, "--index", 1)

    total = folder.parent / "total" / "counts.json"
    assert total.is_file()
    assert f"{total} adds up files with these people; make it again" in completed.stderr


def test_erasing_from_a_folder_needs_neither_aws_nor_the_engine_nor_pyarrow(
    folder: Path, tmp_path: Path
) -> None:
    blocked = ["boto3", "botocore", "av", "cv2", "onnxruntime", "aws_lambda_powertools", "pyarrow"]

    completed = run_without(blocked, "erase", folder, "--index", 1, cwd=tmp_path)

    assert completed.returncode == 0, completed.stderr
    assert "people_pathing.pipeline" not in imported_modules(completed)
