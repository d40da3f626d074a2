"""Counts what a video uses, in the units that AWS bills.

Calls and invocations are counted in the simulated stack, which runs the real handlers. Times are calculated
from processor times that were measured, see `benchmarks.scaling.turnaround`.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cache
from math import ceil

from benchmarks.costs import prices
from benchmarks.costs.prices import Price
from benchmarks.load import Load, Observed, run
from benchmarks.scaling.aws import (
    CALL_S,
    IMAGE_START_S,
    NOTICE_S,
    ZIP_START_S,
    Setup,
    memory_mb,
)
from benchmarks.scaling.collecting import collect_s, reads_of_pages, report_s, serving_s
from benchmarks.scaling.measuring import Measured, VideoTime
from benchmarks.scaling.turnaround import interpolated, metadata_of, turnaround
from people_pathing.engine.tracking.association import plan_windows
from people_pathing.pipeline.result_collection import CHUNK_PAGES
from people_pathing.service.result_pages.layout import PAGE_SIZE
from tests.simulation import replacements
from tests.simulation.engine import OBSERVATIONS_PER_PERSON, Content
from tests.template.deployments import OWN_SERVICE, metrics_of
from tests.template.translated import REPOSITORY, of_type

LOGGED_BYTES = 2_000
"""What an invocation logs, with Lambda's own lines. An assumption."""
ARTIFACT_DAYS, MONTH_DAYS = 8, 30.4
MINUTES_A_MONTH = MONTH_DAYS * 24 * 60
TRACES_A_JOB = 4
"""The upload, the execution, the notice and the analysis, if each is sampled."""
SMOKE_TEST_VIDEO_S, SMOKE_TEST_S, SMOKE_TEST_LISTS = 5, 60, 40
"""The clip, the time of a run and its lists of objects. The last two are estimates."""
UNITS = {"PutItem": 3, "DeleteItem": 3, "UpdateItem": 2, "TransactWriteItems": 8}
"""Write request units of a call, at most. A job record has under 1 KB, and its index is written twice. An
item of the job store may have 2 KB, and a transaction costs double."""
UPLOAD_PART_BYTES = 8 * 1024 * 1024
"""boto3 uploads a larger object in parts of this size (`boto3.s3.transfer.TransferConfig`)."""
ANALYSIS_METRICS = frozenset({"ResultsReceived"})
"""The metrics of AnalyzeResults, which is not simulated, for a video without a zones file."""
IMAGE_GB = 0.5
"""The worker's image: 300 MB (docs/deploy.md), and its base, whose size is an estimate."""
STARTS = "starts"
S3_WRITES = frozenset(
    {
        "PutObject",
        "ListObjectsV2",
        "CreateMultipartUpload",
        "UploadPart",
        "CompleteMultipartUpload",
        "DeleteObjects",
    }
)
ZIP_FUNCTIONS = ("StartTracking", "TrackingApi", "PublishCompletion", "CollectResults")

Usage = defaultdict[Price, float]


@dataclass(frozen=True, slots=True)
class Calls:
    """The calls of all functions for a video, by service and operation.

    Attributes:
        job: for a job with one segment and one chunk of pages.
        segment: for each further segment.
        chunk: of the table of jobs, for each further chunk.
        zip_calls: the calls of the zip functions for a job, by function.
        metrics: the metrics of a job.
        idle: the stack without uploads, for each minute.
        idle_metrics: the metrics that it writes.
    """

    job: Counter[tuple[str, str]]
    segment: Counter[tuple[str, str]]
    chunk: Counter[tuple[str, str]]
    zip_calls: dict[str, int]
    metrics: frozenset[str]
    idle: Observed
    idle_metrics: frozenset[str]


IDLE_MINUTES = 20


@cache
def counted_calls() -> Calls:
    """Counts in the simulated stack."""
    with replacements.installed():
        alone = _alone(Content())
        two_segments = _alone(Content(segments=2))
        more_pages = _alone(Content(people=3))
        idle = run(Load(0, 1.0, 20, 10.0), until_s=IDLE_MINUTES * 60.0)
        chunks = (_chunks(3) - _chunks(1)) or 1
    job, segment, pages = (_of_jobs(one) for one in (alone, two_segments, more_pages))
    chunk = Counter({key: (pages[key] - job[key]) // chunks for key in pages if key[0] == "dynamodb"})
    zip_calls = {
        name: sum(count for (role, _, _), count in alone.operations.items() if role == name)
        for name in ZIP_FUNCTIONS
    }
    return Calls(job, segment - job, +chunk, zip_calls, alone.metrics, idle, idle.metrics)


def video_usage(measured: Measured, video: VideoTime, minutes: float, setup: Setup) -> Usage:
    """Returns what one video uses whose functions all have to start first."""
    calls, link = counted_calls(), interpolated(measured, minutes)
    times = turnaround(measured, video, minutes, setup)
    windows = _associated_windows(video, minutes)
    pages = max(1, ceil(link.observations / PAGE_SIZE))
    chunks = ceil(pages / CHUNK_PAGES)
    operations = Counter(calls.job)
    for key, count in calls.segment.items():
        operations[key] += count * (times.segments - 1)
    for key, count in calls.chunk.items():
        operations[key] += count * (chunks - 1)
    # The simulated result has other pages and chunks, and the simulated video is one read.
    s3 = Counter({name: count for (service, name), count in operations.items() if service == "s3"})
    s3["GetObject"] += len(reads_of_pages(pages)) + windows * (2 + ceil(times.segments / max(windows, 1)))
    s3["GetObject"] += ceil(video.video_bytes * minutes * 60 / video.seconds / 4_194_304)
    s3["PutObject"] += windows
    if link.result_bytes > UPLOAD_PART_BYTES:
        # Beginning and ending the upload take the place of PutObject.
        s3["UploadPart"] += ceil(link.result_bytes / UPLOAD_PART_BYTES) + 1
    s3 += _result_calls(measured, link.observations)
    invocations = 8 + times.segments - 1 + windows + pages
    usage: Usage = defaultdict(float)
    usage[prices.LAMBDA_X86] = sum(worker_gb_s(measured, video, minutes, setup).values())
    usage[prices.LAMBDA_ARM] = _zip_gb_s(measured, pages, link.observations, setup)
    usage[prices.LAMBDA_REQUESTS] = invocations
    usage[prices.TRANSITIONS] = transitions_of_job() + times.segments + windows
    usage[prices.S3_WRITES] = sum(count for name, count in s3.items() if name in S3_WRITES)
    usage[prices.S3_READS] = sum(count for name, count in s3.items() if name not in S3_WRITES)
    more = measured.results[-1]
    stored_bytes = more.stored_bytes * link.observations / more.observations
    artifacts = video.segment_bytes * minutes * 60 / video.seconds + link.result_bytes
    usage[prices.S3_STORAGE] = (stored_bytes + artifacts * ARTIFACT_DAYS / MONTH_DAYS) / 1e9
    usage[prices.DYNAMODB_WRITES] = sum(
        count * UNITS[name] for (_, name), count in operations.items() if name in UNITS
    )
    usage[prices.DYNAMODB_READS] = sum(
        count for (_, name), count in operations.items() if name in ("GetItem", "Query")
    )
    usage[prices.SNS] = 1
    usage[prices.LOGS] = invocations * LOGGED_BYTES / 1e9
    usage[prices.TRACES] = TRACES_A_JOB
    return usage


def smoke_test_usage(measured: Measured, setup: Setup) -> Usage:
    """Returns what a scheduled smoke test uses: a video of five seconds, and the calls that test the stack.

    Its function runs for a minute and mostly waits. It also starts AssociateWindow, and lists what it erases.
    """
    usage = video_usage(measured, measured.video("720p"), SMOKE_TEST_VIDEO_S / 60, setup)
    usage[prices.LAMBDA_ARM] += SMOKE_TEST_S * memory_mb("RunSmokeTest") / 1024
    usage[prices.LAMBDA_X86] += IMAGE_START_S * memory_mb("AssociateWindow") / 1024
    usage[prices.LAMBDA_REQUESTS] += 2
    usage[prices.S3_WRITES] += SMOKE_TEST_LISTS
    return usage


def month_usage(*, with_uploads: bool) -> Usage:
    """Returns what the stack uses in a month besides its videos.

    Args:
        with_uploads: whether videos are uploaded in every hour, so that all usual metrics are billed.
    """
    calls = counted_calls()
    usage: Usage = defaultdict(float)
    alarms = of_type(OWN_SERVICE, "AWS::CloudWatch::Alarm").values()
    usage[prices.ALARMS] = sum(len(metrics_of(alarm)) for alarm in alarms)
    usage[prices.METRICS] = len(
        calls.idle_metrics | (calls.metrics | ANALYSIS_METRICS if with_uploads else frozenset())
    )
    usage[prices.DASHBOARD] = len(of_type(OWN_SERVICE, "AWS::CloudWatch::Dashboard"))
    invocations = 0.0
    for (role, _, name), count in calls.idle.operations.items():
        each_minute = count / IDLE_MINUTES
        usage[prices.LAMBDA_ARM] += each_minute * CALL_S * memory_mb(role) / 1024 * MINUTES_A_MONTH
        if name in ("GetItem", "Query"):
            usage[prices.DYNAMODB_READS] += each_minute * MINUTES_A_MONTH
    for count in calls.idle.invocations.values():
        invocations += count / IDLE_MINUTES * MINUTES_A_MONTH
    usage[prices.LAMBDA_REQUESTS] = invocations
    usage[prices.LOGS] = invocations * LOGGED_BYTES / 1e9
    usage[prices.TRACES] = invocations
    usage[prices.IMAGES] = IMAGE_GB
    return usage


@cache
def transitions_of_job() -> int:
    """Returns the state transitions of an execution, without what is inside its maps."""
    machine = json.loads((REPOSITORY / "statemachine/track_people.asl.json").read_text("utf-8"))
    name, passed = machine["StartAt"], 1
    while machine["States"][name]["Type"] != "Succeed":
        name = machine["States"][name].get("Default") or machine["States"][name]["Next"]
        passed += 1
    return passed


def worker_gb_s(measured: Measured, video: VideoTime, minutes: float, setup: Setup) -> dict[str, float]:
    """Returns the gigabyte-seconds of the worker's image by function, and those of all its starts."""
    times = turnaround(measured, video, minutes, setup)
    windows = _associated_windows(video, minutes)
    observations = interpolated(measured, minutes).observations
    # The longest window stands for all of them.
    seconds = {
        "PlanJob": times.plan_s,
        "AssociateWindow": windows * (IMAGE_START_S + times.window_s),
        "LinkTracks": times.link_s,
        "AnalyzeResults": report_s(measured, observations, setup) - NOTICE_S,
    }
    environments = dict.fromkeys(seconds, 1) | {"AssociateWindow": windows}
    gb_s = {name: seconds[name] * memory_mb(name) / 1024 for name in seconds}
    starts = {name: count * IMAGE_START_S * memory_mb(name) / 1024 for name, count in environments.items()}
    gb_s["DetectSegment"] = times.detect_gb_s
    starts["DetectSegment"] = min(setup.concurrency, times.segments) * IMAGE_START_S * setup.memory_mb / 1024
    return {name: gb_s[name] - starts[name] for name in gb_s} | {STARTS: sum(starts.values())}


def _associated_windows(video: VideoTime, minutes: float) -> int:
    """Returns how many AssociateWindow steps a video has. For one window, LinkTracks does their work."""
    windows = len(plan_windows(metadata_of(video, minutes)))
    return windows if windows > 1 else 0


def _result_calls(measured: Measured, observations: int) -> Counter[str]:
    """Returns the calls to S3 of CollectResults and AnalyzeResults, in proportion to those counted."""
    fewer, more = (Counter(one.collect_calls) + Counter(one.analyze_calls) for one in measured.results)
    first, last = (one.observations for one in measured.results)
    share = max(0.0, (observations - first) / (last - first))
    return Counter({name: ceil(fewer[name] + share * (more[name] - fewer[name])) for name in more})


def _zip_gb_s(measured: Measured, pages: int, observations: int, setup: Setup) -> float:
    calls = counted_calls()
    seconds = {name: ZIP_START_S + count * CALL_S for name, count in calls.zip_calls.items()}
    seconds["TrackingApi"] += serving_s(measured, pages, setup.slowness)
    seconds["CollectResults"] += collect_s(measured, observations, setup)
    return sum(each_s * memory_mb(name) / 1024 for name, each_s in seconds.items())


def _alone(content: Content) -> Observed:
    return run(Load(1, 1.0, 20, 10.0, content=content))


def _of_jobs(observed: Observed) -> Counter[tuple[str, str]]:
    """Returns the calls of all functions but those of the schedule."""
    found: Counter[tuple[str, str]] = Counter()
    for (role, service, name), count in observed.operations.items():
        if role not in ("ReconcileJobs", "SweepJobs", "TrackPeople"):
            found[service, name] += count
    return found


def _chunks(people: int) -> int:
    """Returns how many chunks a simulated result has. Its pages and chunks have two parts each."""
    return ceil(ceil(people * OBSERVATIONS_PER_PERSON / 2) / 2)
