"""The report page counts as Python does: complete results of random videos are equal."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from people_pathing.analysis.path_points import foot_point
from people_pathing.analysis.summaries.intervals import Recording
from people_pathing.analysis.video_counts import VideoCounts, count_video, section_names
from people_pathing.analysis.zones_file.reading import read_zones
from people_pathing.common.clock import epoch_ms
from tests.page.counting.made_up_videos import made_up_video

CASES = 300
FOLDER = Path(__file__).parent


@pytest.fixture
def node() -> str:
    """The program that runs the page's modules."""
    found = shutil.which("node")
    reason = "Node.js is missing: apt-get install nodejs"
    if found is None and os.environ.get("CI"):
        pytest.fail(reason)
    return found or pytest.skip(reason)


def counted_in_python(video: dict[str, Any]) -> VideoCounts:
    recorded_at = video["recorded_at"]
    recorded_at_ms = recorded_at and epoch_ms(datetime.fromisoformat(recorded_at))
    return count_video(
        [foot_point(*observation) for observation in video["observations"]],
        read_zones(json.dumps(video["zones"])),
        aspect_ratio=video["frame"]["width_px"] / video["frame"]["height_px"],
        recording=Recording(video["duration_ms"], recorded_at_ms),
        interval_minutes=video["interval_minutes"],
    )


def document(counts: VideoCounts) -> dict[str, Any]:
    """Returns all counts with the names that the page gives them."""
    counted = counts.counted
    # Python lists what a person did in the order in which it was confirmed, and the page by its start.
    order = {name: at for at, name in enumerate(section_names(counts.zones_file))}
    visits = sorted(counted.visits, key=lambda one: (one.person, one.enter.at_ms, order[one.zone]))
    crossings = sorted(counted.crossings, key=lambda one: (one.person, one.moment.at_ms, order[one.line]))
    names_in_python = {
        "visits": [{**asdict(visit), "dwell_ms": visit.dwell_ms} for visit in visits],
        "crossings": list(map(asdict, crossings)),
        "presences": list(map(asdict, counted.presences)),
        "people": list(map(asdict, counted.people)),
        "excluded": asdict(counted.excluded),
        "recording": asdict(counts.recording),
        "events": [asdict(event) for event in counts.events],
        "whole": asdict(counts.whole),
        "per_interval": [asdict(summary) for summary in counts.per_interval],
        "flows": [asdict(flow) for flow in counts.flows],
    }
    renamed: dict[str, Any] = in_camel_case(names_in_python)
    return renamed


def in_camel_case(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            re.sub(r"_(\w)", lambda found: found[1].upper(), name): in_camel_case(member)
            for name, member in value.items()
        }
    if isinstance(value, list | tuple):
        return [in_camel_case(member) for member in value]
    return value


def test_random_videos_have_the_same_counts_in_the_page(node: str) -> None:
    videos = [made_up_video(seed) for seed in range(CASES)]
    expected = [document(counted_in_python(video)) for video in videos]

    answer = subprocess.run(
        [node, FOLDER / "count_cases.js"],
        input=json.dumps(videos),
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    assert answer.stderr == ""
    found = json.loads(answer.stdout)

    for seed, (one, other) in enumerate(zip(expected, found, strict=True)):
        assert one == other, f"seed {seed}"
    # Random videos in which nothing happens would prove nothing.
    assert sum(len(one["events"]) for one in expected) > CASES
    assert sum(len(one["flows"]) for one in expected) > CASES / 10
    assert sum(one["excluded"]["staff"] for one in expected) > CASES / 100
