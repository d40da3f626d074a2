"""Checks the arithmetic of "What it costs" in docs/deploy.md against the template and the state machine."""

from __future__ import annotations

import json
import re

from tests.template.deployments import OWN_SERVICE, functions, metrics_of
from tests.template.translated import REPOSITORY, Json, of_type

[SECTION] = re.findall(
    r"^## What it costs\n(.*?)^## ", (REPOSITORY / "docs/deploy.md").read_text(), re.DOTALL | re.MULTILINE
)
STATES: dict[str, Json] = json.loads((REPOSITORY / "statemachine/track_people.asl.json").read_text())
# At 3,008 MB, a function bills 2.9375 GB.
GB_SECOND_PRICE = 0.0000166667


def figure(pattern: str) -> float:
    """Returns the only number in the section that stands where the pattern has its group."""
    [number] = re.findall(pattern, SECTION)
    return float(number)


def test_a_minute_of_detection_costs_what_its_factors_say() -> None:
    frames = figure(r"detection: (\d+) frames")
    rate = figure(r"frames at (\d+) a second")
    memory_gb = functions(OWN_SERVICE)["DetectSegment"]["MemorySize"] / 1024

    assert f"{memory_gb:.2f} GB" in SECTION
    assert round(frames / rate * memory_gb * GB_SECOND_PRICE, 4) == figure(r"a GB-second \| \$([\d.]+)")


def test_a_job_of_one_segment_makes_the_transitions_that_the_price_names() -> None:
    name, passed = STATES["StartAt"], 0
    while True:
        state = STATES["States"][name]
        passed += 1
        if state["Type"] == "Succeed":
            break
        name = state.get("Default") or state["Next"]
    inside = STATES["States"]["DetectSegments"]["ItemProcessor"]["States"]

    assert passed == figure(r"(\d+) more state transitions")
    # Each segment, of a minute by default, adds what is inside the map.
    assert len(inside) == 1
    assert "one state transition of Step Functions for each minute" in SECTION
    assert OWN_SERVICE["Parameters"]["SegmentSeconds"]["Default"] == "60"
    assert round(passed * 0.000025, 4) == figure(r"\$0\.000025 \| \$([\d.]+)")


def test_a_stack_without_uploads_has_the_alarms_and_the_metrics_that_the_price_names() -> None:
    alarms = of_type(OWN_SERVICE, "AWS::CloudWatch::Alarm").values()
    count = figure(r"alarms on (\d+) metrics")

    # CloudWatch bills an alarm for each metric that it reads.
    assert count == sum(len(metrics_of(alarm)) for alarm in alarms)
    assert round(count * 0.10, 2) == figure(r"alarms on \d+ metrics . \$0\.10 \| \$([\d.]+)")
    every_minute = {"JobsWaiting", "OldestWaitingAge", "OldestInProgressAge", "JobsRunning", "NoticesOverdue"}
    guide = (REPOSITORY / "docs/operations.md").read_text()
    rows = re.findall(r"^\| (.*?) \| every minute:", guide, re.MULTILINE)
    assert {name for row in rows for name in re.findall(r"`(\w+)`", row)} == every_minute
    assert figure(r"(\d+) metrics that are written every minute") == len(every_minute)


def test_the_sums_are_those_of_their_rows() -> None:
    tables = re.findall(r"(?:^\|.*\n)+", SECTION, re.MULTILINE)
    minute, video, month = (
        [float(cost) for cost in re.findall(r"\$([\d.]+)\**? \|$", table, re.MULTILINE)] for table in tables
    )

    assert round(sum(minute[:2]), 4) == minute[2]
    assert round(minute[0] * 2.25 + minute[1], 3) == minute[3]
    assert round(sum(video[:-1]), 4) == video[-1]
    assert round(sum(month)) == figure(r"That is about \$(\d+)\.")
    assert round(minute[2] + video[-1], 3) == figure(r"one minute costs about \$([\d.]+),")
    assert round(60 * minute[2] + video[-1], 3) == figure(r"one of an hour \$([\d.]+) at")
    readme = (REPOSITORY / "README.md").read_text()
    assert f"${minute[2]} to ${minute[3]} on AWS, and ${video[-1]} for each video" in readme
