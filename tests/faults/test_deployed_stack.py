"""Faults in the template, deployed on this machine.

The tests share one stack. The last test checks what all of them leave behind.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from devstack.stack import STACK_NAME, LocalStack
from people_pathing.common.clock import now_ms
from people_pathing.pipeline.erasure import SETTLING_MS, Eraser
from people_pathing.pipeline.job_record import JobState
from people_pathing.results import file_names
from tests.faults.deployment import TIMEOUT_S, Deployment
from tests.faults.scenario import ReportOutcome
from tests.stack.walkers import Walker, write_clip

pytestmark = pytest.mark.stack

# With one job at a time, every second upload meets the job limit.
PARAMETERS = {"Detector": "hog", "MaxConcurrentJobs": "1"}
WALKERS = [Walker(140, 9, 380, 200, coat=(60, 30, 30), legs=(40, 40, 45))]
ALL_FILES = sorted(file_names())


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """A stack for the tests of this module only."""
    clip = tmp_path_factory.mktemp("faults") / "walker.mp4"
    write_clip(clip, WALKERS, frame_count=6)
    with LocalStack(parameters=PARAMETERS) as stack:
        yield Deployment(stack, clip)


@pytest.mark.faults(
    "the results bucket does not exist when a job ends",
    expected="the job stays open; collected when the bucket exists again",
)
def test_a_job_is_collected_when_the_results_bucket_exists_again(
    deployment: Deployment, report_outcome: ReportOutcome
) -> None:
    s3, bucket = deployment.s3, deployment.results_bucket
    s3.delete_bucket(Bucket=bucket)
    try:
        video = deployment.upload("bucket-missing.mp4")
        record = deployment.wait_for_state(video, JobState.IN_PROGRESS)
        deployment.wait_until(lambda: deployment.current(record).attempts > 0)
        reason = deployment.current(record).reason
    finally:
        s3.create_bucket(Bucket=bucket)
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    if deployment.current(record).is_open:
        deployment.reconcile_as_if_due(deployment.current(record))
    record = deployment.wait_for_state(video, JobState.SUCCEEDED)

    assert deployment.files_written(record) == ALL_FILES
    report_outcome(f"deferred ({reason}), then SUCCEEDED")


@pytest.mark.faults(
    "an upload event is delivered 6 times, 5 of them at once", expected="one job, one set of results"
)
def test_concurrent_deliveries_of_one_event_start_one_job(
    deployment: Deployment, report_outcome: ReportOutcome
) -> None:
    video = deployment.upload("again.mp4")
    event = deployment.event(video)
    with ThreadPoolExecutor(5) as threads:
        list(threads.map(lambda _: deployment.invoke("StartTracking", event), range(5)))
    record = deployment.wait_for_state(video, JobState.SUCCEEDED)

    count = deployment.executions()[str(record.job_id)]
    assert count == 1
    assert deployment.files_written(record) == ALL_FILES
    report_outcome(f"{count} job, {len(ALL_FILES)} files")


@pytest.mark.faults(
    "a video is so long that it has two tracking windows",
    expected="a person who walks across their border is one person",
)
def test_a_person_who_crosses_the_border_of_two_tracking_windows_stays_one_person(
    deployment: Deployment, report_outcome: ReportOutcome, tmp_path: Path
) -> None:
    duration_s, around_border_s = 1380, [690 + step / 10 for step in range(-10, 10)]
    # A single frame at the beginning or the end, far from all others, would count as one with a wrong time.
    begin_s, end_s = ([at + step / 10 for step in range(5)] for at in (0, duration_s - 0.4))
    times_s = [*begin_s, *around_border_s, *end_s]
    write_clip(tmp_path / "long.mp4", WALKERS, len(times_s), times_s)
    video = deployment.pipeline.upload(tmp_path / "long.mp4", "long.mp4")
    record = deployment.wait_for_state(video, JobState.SUCCEEDED)

    windows = deployment.s3.list_objects_v2(
        Bucket=deployment.stack.outputs["ArtifactBucketName"], Prefix=f"jobs/{record.job_id}/windows/"
    )["KeyCount"]
    assert windows == 2
    people = deployment.s3.get_object(
        Bucket=deployment.results_bucket, Key=f"{record.results_prefix}people.json"
    )
    paths_ms = [[point[0] for point in person["path"]] for person in json.load(people["Body"])]
    longest_ms = max(paths_ms, key=len)
    assert longest_ms[0] <= 689_200
    assert longest_ms[-1] >= 690_700
    report_outcome(f"{windows} windows; one person from {longest_ms[0]} to {longest_ms[-1]} ms")


@pytest.mark.faults("6 uploads at once with one job slot", expected="all SUCCEEDED, each started once")
def test_uploads_beyond_the_job_limit_wait_and_are_started_once(
    deployment: Deployment, report_outcome: ReportOutcome
) -> None:
    begin_s = time.monotonic()
    with ThreadPoolExecutor(6) as threads:
        videos = list(threads.map(deployment.upload, (f"burst/{number}.mp4" for number in range(6))))
    waited = set()
    while open_videos := [video for video in videos if deployment.is_open(video)]:
        waited |= {video.key for video in open_videos if deployment.is_waiting(video)}
        assert time.monotonic() - begin_s < TIMEOUT_S, f"still open: {open_videos}"
        time.sleep(0.2)
    records = [deployment.wait_for_state(video, JobState.SUCCEEDED) for video in videos]

    counts = deployment.executions()
    assert {counts[str(record.job_id)] for record in records} == {1}
    assert waited, "the job limit was never reached"
    report_outcome(f"6 SUCCEEDED in {time.monotonic() - begin_s:.0f} s; {len(waited)} of them waited")


@pytest.mark.faults("the subscription to the notices is deleted", expected="polled, and collected")
def test_a_job_is_polled_and_collected_without_a_subscription_to_notices(
    deployment: Deployment, report_outcome: ReportOutcome
) -> None:
    sns, topic = deployment.stack.client("sns"), deployment.stack.outputs["CompletionTopicArn"]
    subscriptions = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    for subscription in subscriptions:
        sns.unsubscribe(SubscriptionArn=subscription["SubscriptionArn"])
    try:
        video = deployment.upload("no-notice.mp4")
        record = deployment.wait_for_state(video, JobState.IN_PROGRESS)
        deployment.wait_until(lambda: deployment.execution_status(record) == "SUCCEEDED")
        assert deployment.current(record).state is JobState.IN_PROGRESS
    finally:
        for subscription in subscriptions:
            sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=subscription["Endpoint"])
    deployment.reconcile_as_if_due(deployment.current(record))
    deployment.wait_for_state(video, JobState.SUCCEEDED)
    report_outcome("IN_PROGRESS when the execution had ended, SUCCEEDED after ReconcileJobs")


@pytest.mark.faults("a notice is published 5 more times", expected="the results are not written again")
def test_repeated_notices_do_not_write_the_results_again(
    deployment: Deployment, report_outcome: ReportOutcome
) -> None:
    record = deployment.wait_for_state(deployment.upload("repeated-notice.mp4"), JobState.SUCCEEDED)
    notice = {
        "JobId": record.job_id,
        "Status": "SUCCEEDED",
        "API": "StartPersonTracking",
        "JobTag": record.video_id,
        "Timestamp": record.finished_ms,
        "Video": {"S3ObjectName": record.key, "S3Bucket": record.bucket},
    }
    for _ in range(5):
        deployment.stack.client("sns").publish(
            TopicArn=deployment.stack.outputs["CompletionTopicArn"], Message=json.dumps(notice)
        )
    # By the end of a later job, the repeated notices have been delivered too.
    following = deployment.wait_for_state(deployment.upload("after.mp4"), JobState.SUCCEEDED)

    written = deployment.files_written(record)
    assert written == ALL_FILES
    report_outcome(f"{len(written)} files, and the next job is {following.state}")


@pytest.mark.faults(
    "an invalid event and a valid upload",
    expected="the event is in the dead-letter queue; the upload is tracked",
)
def test_an_invalid_event_goes_to_the_dead_letter_queue_and_blocks_no_upload(
    deployment: Deployment, report_outcome: ReportOutcome
) -> None:
    invalid = {"Records": [{"eventVersion": "9.9"}]}
    deployment.invoke("StartTracking", invalid, invocation_type="Event")
    video = deployment.upload("valid.mp4")
    deployment.wait_for_state(video, JobState.SUCCEEDED)

    assert deployment.take_failed_events(wait_s=20) == [invalid]
    report_outcome("1 event in the queue, valid.mp4 SUCCEEDED")


@pytest.mark.faults(
    "the job table denies access at every attempt to record an upload",
    expected="the event is in the dead-letter queue; tracked after the redrive",
)
def test_an_upload_that_could_never_be_recorded_is_tracked_after_a_redrive(
    deployment: Deployment, report_outcome: ReportOutcome
) -> None:
    iam, role = deployment.stack.client("iam"), deployment.physical_id("StartTrackingRole")
    denied = {"Effect": "Deny", "Action": "dynamodb:PutItem", "Resource": "*"}
    policy = {"Version": "2012-10-17", "Statement": [denied]}
    iam.put_role_policy(RoleName=role, PolicyName="denied", PolicyDocument=json.dumps(policy))
    try:
        video = deployment.upload("denied.mp4")
        deployment.wait_until(lambda: deployment.failed_event_count() > 0)
        assert deployment.pipeline.record(video) is None
    finally:
        iam.delete_role_policy(RoleName=role, PolicyName="denied")
    redrive = subprocess.run(
        [sys.executable, "-m", "people_pathing.cli.main", "redrive", "--stack-name", STACK_NAME],
        env={**os.environ, **deployment.stack.environment()},
        check=True,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
    )
    record = deployment.wait_for_state(video, JobState.SUCCEEDED)
    report_outcome(f"not recorded; {redrive.stdout.strip()}; then {record.state}")


@pytest.mark.faults("an object is deleted while its upload waits", expected="FAILED, and no job")
def test_a_deleted_video_whose_upload_waits_fails_without_a_job(
    deployment: Deployment, report_outcome: ReportOutcome
) -> None:
    first, second = (deployment.upload(key) for key in ("first.mp4", "deleted.mp4"))
    deployment.s3.delete_object(Bucket=second.bucket, Key=second.key)
    deployment.wait_for_state(first, JobState.SUCCEEDED)
    record = deployment.wait_for_state(second, JobState.FAILED, JobState.SUCCEEDED)

    assert record.state is JobState.FAILED, "the job started before the object was deleted"
    report_outcome(f"FAILED: {record.reason}")


@pytest.mark.faults(
    "a video is erased, and then its upload event is delivered again",
    expected="nothing is stored; not tracked again",
)
def test_a_late_event_does_not_track_an_erased_video_again(
    deployment: Deployment, report_outcome: ReportOutcome
) -> None:
    video = deployment.upload("erased.mp4")
    first = deployment.wait_for_state(video, JobState.SUCCEEDED)
    event = deployment.event(video)
    executions = deployment.executions()
    pipeline = deployment.pipeline
    # The clock is ahead, so that the test need not wait for functions that may still write.
    eraser = Eraser(pipeline.s3, pipeline.job_table, pipeline.results_bucket, lambda: now_ms() + SETTLING_MS)
    erased = eraser.finish(eraser.mark(eraser.plan([first])))
    assert deployment.files_written(first) == []
    assert pipeline.record(video) is None

    deployment.invoke("StartTracking", event)
    deployment.invoke("ReconcileJobs", {})

    assert pipeline.record(video) is None
    assert deployment.executions() == executions
    assert deployment.files_written(first) == []
    report_outcome(f"{erased.object_count} objects erased; the event brought nothing back")


@pytest.mark.faults("a job's execution is stopped by hand", expected="FAILED, with that reason")
def test_a_job_whose_execution_is_stopped_fails(
    deployment: Deployment, report_outcome: ReportOutcome
) -> None:
    video = deployment.upload("stopped.mp4")
    record = deployment.wait_for_state(video, JobState.IN_PROGRESS)
    # Raises if the execution has already ended.
    deployment.stack.client("stepfunctions").stop_execution(executionArn=deployment.execution_arn(record))
    deployment.reconcile_as_if_due(deployment.current(record))
    record = deployment.wait_for_state(video, JobState.FAILED)
    report_outcome(f"FAILED: {record.reason}")


@pytest.mark.faults("all of the above", expected="no event in the dead-letter queue, and no open job")
def test_after_all_faults_no_job_is_open_and_the_dead_letter_queue_is_empty(
    deployment: Deployment, report_outcome: ReportOutcome
) -> None:
    table = deployment.pipeline.job_table
    counts = {state.value: len(list(table.in_state(state))) for state in JobState}
    assert (counts["WAITING"], counts["IN_PROGRESS"]) == (0, 0)
    assert deployment.take_failed_events(wait_s=1) == []
    report_outcome(", ".join(f"{count} {state}" for state, count in counts.items()))
