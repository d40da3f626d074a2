"""Deploys the previous release, updates the stack while jobs run, and reads old and new results."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from devstack.folders import FUNCTIONS, REPOSITORY
from devstack.sam import Release
from devstack.stack import STACK_NAME, LocalStack
from people_pathing.cli.deployed_stack import DeployedStack
from people_pathing.pipeline.job_record import JobRecord, JobState
from people_pathing.pipeline.video import Video
from tests.stack.jobs import read_observations
from tests.stack.walkers import write_clip
from tests.upgrade.held_steps import HeldSteps
from tests.upgrade.scenario import (
    FRAME_COUNT,
    WALKERS,
    deployed,
    get_all_pages,
    get_page,
    job_of,
    parameters,
    previous_release,
    start,
    wait_for_api_job,
    wait_for_job,
    wait_until_waiting,
)

pytestmark = [
    pytest.mark.stack,
    pytest.mark.local_only("it deploys two releases into a stack of its own, and holds their steps"),
]


@dataclass
class Upgrade:
    """An update of a stack, with what was there before it and what happened during it.

    Attributes:
        stack: the updated stack.
        steps: holds steps of jobs.
        current: the sources that the stack was updated to.
        clip: the video that all jobs track.
        finished: the record of a video whose results were stored before the update.
        pages: the pages of its job as they were read before the update.
        running_job: the JobId of a job of another caller that was running during the update.
        running: a video of the pipeline whose job was running during the update.
        waiting: a video of the pipeline whose job was waiting for a slot during the update.
        waiting_record: its record before the update.
        url: the address of the API before the update.
        reads: the number of pages that were read during the update.
        failed_reads: the errors of reading during the update.
    """

    stack: LocalStack
    steps: HeldSteps
    current: Release
    clip: Path
    finished: JobRecord
    pages: list[dict[str, Any]]
    running_job: str
    running: Video
    waiting: Video
    waiting_record: JobRecord
    url: str
    reads: int = 0
    failed_reads: list[str] = field(default_factory=list)

    @property
    def pipeline(self) -> DeployedStack:
        return deployed(self.stack)


@pytest.fixture(scope="module")
def upgrade(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Upgrade]:
    """A stack of the previous release that was updated while jobs ran. The steps of these jobs are held."""
    folder = tmp_path_factory.mktemp("upgrade")
    clip = folder / "walkers.mp4"
    write_clip(clip, WALKERS, FRAME_COUNT)
    (folder / "hold").mkdir()
    steps = HeldSteps(folder / "hold")
    previous = previous_release(folder, steps)
    current = Release(REPOSITORY, steps.image_of(FUNCTIONS, folder / "current-image"))
    with LocalStack(parameters=parameters(), on_step=print, release=previous) as stack:
        pipeline = deployed(stack)
        finished = pipeline.upload(clip, "finished.mp4")
        record = wait_for_job(pipeline, finished)
        pages = get_all_pages(stack, job_of(record))

        steps.hold_next()
        running_job = start(stack, "running", "finished.mp4")
        steps.wait_until_held(1)
        steps.hold_next()
        running = pipeline.upload(clip, "running.mp4")
        steps.wait_until_held(2)
        waiting = pipeline.upload(clip, "waiting.mp4")
        waiting_record = wait_until_waiting(pipeline, waiting)

        upgrade = Upgrade(
            stack,
            steps,
            current,
            clip,
            record,
            pages,
            running_job,
            running,
            waiting,
            waiting_record,
            stack.outputs["RekognitionEndpointUrl"],
        )
        update_while_reading(upgrade)
        steps.release()
        yield upgrade


def update_while_reading(upgrade: Upgrade) -> None:
    is_updated = threading.Event()

    def read() -> None:
        while not is_updated.wait(0.5):
            try:
                page = get_page(upgrade.stack, job_of(upgrade.finished), upgrade.pages[0]["NextToken"])
                assert page["Persons"] == upgrade.pages[1]["Persons"]
                upgrade.reads += 1
            except Exception as error:
                upgrade.failed_reads.append(str(error))

    reader = threading.Thread(target=read)
    reader.start()
    try:
        upgrade.stack.update(upgrade.current, parameters())
    finally:
        is_updated.set()
        reader.join()


def test_the_api_answers_during_the_update_and_keeps_its_address(upgrade: Upgrade) -> None:
    assert upgrade.failed_reads == []
    assert upgrade.reads > 0
    assert upgrade.stack.outputs["RekognitionEndpointUrl"] == upgrade.url


def test_jobs_that_ran_during_the_update_succeed_with_the_results_of_the_same_video_before(
    upgrade: Upgrade, tmp_path: Path
) -> None:
    record = wait_for_job(upgrade.pipeline, upgrade.running)
    assert (record.state, record.reason) == (JobState.SUCCEEDED, None)
    assert wait_for_api_job(upgrade.stack, upgrade.running_job) == "SUCCEEDED"

    before = people_of(upgrade.pages)
    assert len(before) == len(WALKERS)
    assert people_of(get_all_pages(upgrade.stack, upgrade.running_job)) == before
    upgrade.pipeline.fetch_results(record, tmp_path)
    assert people_of([{"Persons": read_observations(tmp_path)}]) == before


def people_of(pages: list[dict[str, Any]]) -> dict[int, list[tuple[int, tuple[float, ...]]]]:
    """Returns the path of every person: times and boxes."""
    people: dict[int, list[tuple[int, tuple[float, ...]]]] = {}
    for observation in (one for page in pages for one in page["Persons"]):
        person = observation["Person"]
        box = tuple(round(person["BoundingBox"][side], 3) for side in ("Left", "Top", "Width", "Height"))
        people.setdefault(person["Index"], []).append((observation["Timestamp"], box))
    return people


def test_a_job_that_waited_during_the_update_starts_after_it(upgrade: Upgrade) -> None:
    assert upgrade.waiting_record.state is JobState.WAITING
    record = wait_for_job(upgrade.pipeline, upgrade.waiting)
    assert (record.state, record.reason) == (JobState.SUCCEEDED, None)


def test_results_of_the_previous_release_are_read_with_its_own_page_tokens(upgrade: Upgrade) -> None:
    tokens = [None, *(page["NextToken"] for page in upgrade.pages[:-1])]
    pages = [get_page(upgrade.stack, job_of(upgrade.finished), token) for token in tokens]
    assert len(pages) > 2
    assert [page["Persons"] for page in pages] == [page["Persons"] for page in upgrade.pages]
    assert pages[0]["VideoMetadata"] == upgrade.pages[0]["VideoMetadata"]
    assert upgrade.pipeline.record(upgrade.finished.video) == upgrade.finished


def test_a_repeated_start_returns_the_job_that_the_previous_release_accepted(upgrade: Upgrade) -> None:
    assert start(upgrade.stack, "running", "finished.mp4") == upgrade.running_job


def version_that_linked(stack: LocalStack, job_id: str) -> str:
    """Returns the version of LinkTracks that linked the detections of a job."""
    [log] = stack.log_dir.glob(f"{STACK_NAME}-LinkTracks-*.log")
    version = ""
    for line in log.read_text().splitlines():
        if line.startswith("START "):
            version = line.rpartition(" ")[2]
        elif '"linked"' in line and job_id in line:
            return version
    raise AssertionError(f"the job {job_id} was not linked")


def alias_target(stack: LocalStack) -> str:
    machine = stack.outputs["TrackPeopleArn"]
    alias = stack.client("stepfunctions").describe_state_machine_alias(stateMachineAliasArn=f"{machine}:live")
    [route] = alias["routingConfiguration"]
    return str(route["stateMachineVersionArn"])


def test_an_update_that_an_alarm_stops_is_rolled_back_and_jobs_of_both_sides_succeed(
    upgrade: Upgrade,
) -> None:
    stack, pipeline = upgrade.stack, upgrade.pipeline
    before = alias_target(stack)
    running = hold_a_job(upgrade, "runs-during-a-rollback.mp4")
    cloudwatch = stack.client("cloudwatch")
    alarms = cloudwatch.describe_alarms(AlarmNamePrefix=STACK_NAME)["MetricAlarms"]
    [alarm] = [one["AlarmName"] for one in alarms if "StepsFailingAlarm" in one["AlarmName"]]
    cloudwatch.set_alarm_state(AlarmName=alarm, StateValue="ALARM", StateReason="a test")

    assert change_parameters(stack, SampleFps="5") == "UPDATE_ROLLBACK_COMPLETE"

    cloudwatch.set_alarm_state(AlarmName=alarm, StateValue="OK", StateReason="a test")
    assert alias_target(stack) == before
    upgrade.steps.release()
    for video in (running, pipeline.upload(upgrade.clip, "comes-after-a-rollback.mp4")):
        record = wait_for_job(pipeline, video)
        assert (record.state, record.reason) == (JobState.SUCCEEDED, None)
        assert sample_fps(stack, record) == 10


def test_an_update_that_was_rolled_back_fails_when_it_is_repeated_without_another_attempt(
    upgrade: Upgrade,
) -> None:
    stack = upgrade.stack
    before = alias_target(stack)

    assert change_parameters(stack, SampleFps="5") == "UPDATE_ROLLBACK_COMPLETE"

    assert alias_target(stack) == before
    events = stack.client("cloudformation").describe_stack_events(StackName=STACK_NAME)["StackEvents"]
    reasons = [one.get("ResourceStatusReason", "") for one in events]
    assert any("A version for this Lambda function exists" in reason for reason in reasons)


def test_a_job_keeps_its_versions_of_the_functions_while_new_jobs_get_those_of_another_attempt(
    upgrade: Upgrade,
) -> None:
    stack, pipeline = upgrade.stack, upgrade.pipeline
    before = alias_target(stack)
    running = hold_a_job(upgrade, "runs-during-an-update.mp4")

    assert change_parameters(stack, SampleFps="5", UpdateAttempt="2") == "UPDATE_COMPLETE"

    assert alias_target(stack) != before
    new = wait_for_job(pipeline, pipeline.upload(upgrade.clip, "comes-after-an-update.mp4"))
    upgrade.steps.release()
    old = wait_for_job(pipeline, running)
    assert (new.reason, old.reason) == (None, None)
    assert (sample_fps(stack, new), sample_fps(stack, old)) == (5, 10)
    # Version 2 was published by the update that was rolled back.
    versions = [version_that_linked(stack, job_of(record)) for record in (upgrade.finished, old, new)]
    assert versions == ["$LATEST", "1", "3"]


def hold_a_job(upgrade: Upgrade, key: str) -> Video:
    """Uploads a video, and waits until a step of its job is held."""
    held = upgrade.steps.held_count()
    upgrade.steps.hold_next()
    video = upgrade.pipeline.upload(upgrade.clip, key)
    upgrade.steps.wait_until_held(held + 1)
    return video


def change_parameters(stack: LocalStack, **changed: str) -> str:
    """Updates the stack to other values of some parameters. Returns the status of the stack afterwards."""
    formation = stack.client("cloudformation")
    [description] = formation.describe_stacks(StackName=STACK_NAME)["Stacks"]
    kept = {one["ParameterKey"] for one in description["Parameters"]} - changed.keys()
    formation.update_stack(
        StackName=STACK_NAME,
        UsePreviousTemplate=True,
        Parameters=[
            *({"ParameterKey": name, "ParameterValue": value} for name, value in changed.items()),
            *({"ParameterKey": one, "UsePreviousValue": True} for one in kept),
        ],
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
    )
    deadline = time.monotonic() + 60
    while True:
        [description] = formation.describe_stacks(StackName=STACK_NAME)["Stacks"]
        status = str(description["StackStatus"])
        if not status.endswith("IN_PROGRESS"):
            return status
        assert time.monotonic() < deadline, status
        time.sleep(0.2)


def sample_fps(stack: LocalStack, record: JobRecord) -> float:
    key = f"{record.results_prefix}job.json"
    body = stack.client("s3").get_object(Bucket=stack.outputs["ResultsBucketName"], Key=key)["Body"]
    return float(json.load(body)["provenance"]["sample_fps"])
