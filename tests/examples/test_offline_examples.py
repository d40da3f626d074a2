"""Runs the examples that need nothing but this machine."""

import json
import os
import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest

from tests.stack.walkers import Walker, write_clip

EXAMPLES = Path(__file__).parents[2] / "examples"
FRAME_COUNT = 12
"""The last frame need not be searched, so a path may end in the one before."""
# Nothing listens there: no model is downloaded, and the default detector falls back to HOG.
NO_NETWORK = {"http_proxy": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a video of one person who walks from left to right."""
    folder = tmp_path_factory.mktemp("examples")
    write_clip(
        folder / "street.mp4", [Walker(140, 9, 380, 200, coat=(60, 30, 30), legs=(40, 40, 45))], FRAME_COUNT
    )
    return folder


def start(
    folder: Path, *command: str | Path, cwd: Path | None = None, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Runs a command with the development environment's Python.

    Args:
        folder: the user's folder, which also gets the cache of models.
        command: arguments of Python.
        cwd: the current directory; None for the user's folder.
        variables: environment variables to add.
    """
    environment = {name: value for name, value in os.environ.items() if name != "TRACKING_MODEL"}
    environment |= NO_NETWORK | {"XDG_CACHE_HOME": str(folder / "cache"), "MPLBACKEND": "agg"} | variables
    return subprocess.run(
        [sys.executable, *command],
        cwd=cwd or folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def run(folder: Path, *command: str | Path, cwd: Path | None = None, **variables: str) -> str:
    """Runs a command that has to succeed, and returns what it prints; see `start`."""
    completed = start(folder, *command, cwd=cwd, **variables)
    assert completed.returncode == 0, completed.stderr
    return completed.stdout


def documented_video(folder: Path) -> str:
    """Returns the value of VIDEO that the README's command for the notebook sets in a folder."""
    readme = (EXAMPLES / "README.md").read_text()
    [assignment] = re.findall(r"^(VIDEO=\S+) jupyter notebook examples/tracks\.ipynb$", readme, re.MULTILINE)
    program = f'{assignment}; printf %s "$VIDEO"'
    return subprocess.run(
        ["sh", "-c", program], cwd=folder, capture_output=True, text=True, check=True
    ).stdout


def library_snippets() -> list[str]:
    page = (EXAMPLES.parent / "docs" / "python.md").read_text("utf-8")
    return re.findall(r"^```python\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("number", range(len(library_snippets())))
def test_every_snippet_about_the_library_runs(number: int, folder: Path) -> None:
    run(folder, "-c", library_snippets()[number])


def test_the_notebook_tracks_a_video_and_plots_every_path(folder: Path) -> None:
    """Jupyter starts the kernel in the notebook's folder."""
    notebook = json.loads((EXAMPLES / "tracks.ipynb").read_text())
    cells = ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]
    checks = "print(len(axes.lines), len(result.tracks), axes.lines[0].get_xdata().size)"

    program = "\n".join([*cells, checks])
    *lines, last = run(folder, "-c", program, cwd=EXAMPLES, VIDEO=documented_video(folder)).splitlines()

    assert [line.partition(":")[0] for line in lines] == ["person 0"]
    assert last in (f"1 1 {FRAME_COUNT}", f"1 1 {FRAME_COUNT - 1}")


def test_the_notebook_is_stored_without_outputs() -> None:
    notebook = json.loads((EXAMPLES / "tracks.ipynb").read_text())

    for cell in notebook["cells"]:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None


def test_the_annotated_video_shows_the_person_in_every_frame(folder: Path) -> None:
    run(folder, EXAMPLES / "annotated_video.py", "street.mp4", "annotated.mp4")

    with av.open(folder / "annotated.mp4") as annotated, av.open(folder / "street.mp4") as street:
        frames = list(zip(annotated.decode(video=0), street.decode(video=0), strict=True))
    assert len(frames) == FRAME_COUNT
    for drawn, plain in frames[:-1]:
        images = (frame.to_ndarray(format="rgb24").astype(int) for frame in (drawn, plain))
        changed = np.abs(np.subtract(*images))
        # The rectangle's sides of about 200 x 80 pixels, two pixels thick, and the index.
        assert (changed.max(axis=2) > 60).sum() > 500


def test_the_sql_queries_agree_with_the_result_files(folder: Path) -> None:
    run(folder, "-m", "people_pathing.cli.main", "track", "street.mp4", "--detector", "hog", "--out", "out")
    results = folder / "out" / "street.mp4.paths"
    [person] = json.loads((results / "people.json").read_text())
    metadata = json.loads((results / "job.json").read_text())["VideoMetadata"]
    points = [
        (x * metadata["FrameWidth"], y * metadata["FrameHeight"]) for _timestamp_ms, x, y in person["path"]
    ]
    walked_px = sum(((x1 - x0) ** 2 + (y1 - y0) ** 2) ** 0.5 for (x0, y0), (x1, y1) in pairwise(points))

    printed = run(folder, EXAMPLES / "duckdb_results.py", results)

    # Each row of a printed table is between bars.
    rows = [[cell.strip() for cell in line.split("│")[1:-1]] for line in printed.splitlines() if "│" in line]
    assert ["0", "1"] in rows
    [walk] = [row for row in rows if row[:2] == ["0", f"{round(walked_px):.1f}"]]
    assert float(walk[2]) == round((person["last_seen_ms"] - person["first_seen_ms"]) / 1000, 1)


def test_a_folder_without_result_files_is_one_line(folder: Path, tmp_path: Path) -> None:
    completed = start(folder, EXAMPLES / "duckdb_results.py", tmp_path)

    assert completed.returncode == 1
    assert completed.stdout == ""
    missing = "observations.jsonl.gz"
    assert completed.stderr == (
        f"{tmp_path} has no {missing}; name a folder of result files: out/street.mp4.paths\n"
    )


def test_the_table_of_examples_lists_every_program() -> None:
    linked = set(re.findall(r"^\| \[`[^`]+`\]\((\S+)\)", (EXAMPLES / "README.md").read_text(), re.MULTILINE))
    programs = {path.name for path in EXAMPLES.iterdir() if path.suffix in {".py", ".sh", ".ipynb"}}

    assert linked == programs
