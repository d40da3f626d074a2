"""Compares the outputs on docs/tutorial.md with those of its commands. test_floors.py says what it needs.

tests/stack runs the same commands with other videos, to see that they work.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

TUTORIAL = Path(__file__).parents[2] / "docs" / "tutorial.md"
VIDEOS = {"street.mp4": "vtest.avi", "yard.mov": "tud-stadtmitte.mp4"}

pytestmark = [pytest.mark.accuracy, pytest.mark.timeout(900)]


def commands_and_outputs(page: str) -> list[tuple[str, str]]:
    """Returns each block of commands, with the block of output below it: empty if there is none."""
    blocks = re.findall(r"^```(sh|text)\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)
    pairs: list[tuple[str, str]] = []
    for language, content in blocks:
        if language == "sh":
            pairs.append((content, ""))
        else:
            command, output = pairs.pop()
            assert not output, f"two outputs follow {command}"
            pairs.append((command, content))
    return pairs


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the videos of the tutorial."""
    data = Path(os.environ.get("TRACKING_DATA", "."))
    if missing := [name for name in VIDEOS.values() if not (data / name).is_file()]:
        pytest.skip(f"TRACKING_DATA names no folder with {missing[0]}")
    folder = tmp_path_factory.mktemp("shop")
    for name, source in VIDEOS.items():
        shutil.copy(data / source, folder / name)
    return folder


@pytest.fixture(scope="module")
def printed(folder: Path) -> list[str]:
    """What the blocks of commands print, in their order."""
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    outputs = []
    for commands, _ in commands_and_outputs(TUTORIAL.read_text("utf-8")):
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", commands],
            cwd=folder,
            env={**os.environ, "PATH": path},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        outputs.append(done.stdout)
    return outputs


def test_the_outputs_of_the_tutorial_are_those_of_its_commands(printed: list[str]) -> None:
    pairs = commands_and_outputs(TUTORIAL.read_text("utf-8"))

    shown = [(output, real) for (_, output), real in zip(pairs, printed, strict=True) if output]
    assert len(shown) == 4
    for output, real in shown:
        # The page may leave out the first part of an output, but no line after it.
        assert f"\n{real}".endswith(f"\n{output}")


@pytest.mark.usefixtures("printed")
def test_the_sentences_about_the_till_have_the_figures_of_the_counts(folder: Path) -> None:
    # The last command counts all files, which gives the same counts of each.
    counts = json.loads((folder / "shop" / "street.mp4.paths" / "counts.json").read_text())
    [till], text = counts["zones"], " ".join(TUTORIAL.read_text("utf-8").split())
    [from_door] = [
        flow["people"]
        for flow in counts["flows"]
        if (flow["origin"], flow["destination"]) == ("door", "till")
    ]

    assert (
        f"{till['people']} different people were at the till, in {till['visits']} visits. Half of the visits "
        f"were longer than {till['dwell_median_ms'] / 1000:.1f} seconds. {from_door} people crossed the door"
    ) in text
