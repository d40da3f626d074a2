"""docs/costs.md is what the program calculates, and the program counts what AWS bills."""

from __future__ import annotations

import re
from collections import Counter
from types import SimpleNamespace

import pytest

from benchmarks.costs import prices, usage
from benchmarks.costs.__main__ import ITEMISED_MIN, beyond_free, minute, quantity, tables, total
from benchmarks.costs.usage import (
    ANALYSIS_METRICS,
    STARTS,
    Calls,
    counted_calls,
    month_usage,
    transitions_of_job,
    video_usage,
    worker_gb_s,
)
from benchmarks.engine.tables import TABLE_END, table_start
from benchmarks.load import Observed
from benchmarks.scaling.aws import NOTICE_S, Setup, default_setup
from benchmarks.scaling.measuring import load
from benchmarks.scaling.results import ResultTime
from benchmarks.scaling.tables import SPEEDS
from people_pathing.pipeline.job_metrics import JobMetrics
from people_pathing.pipeline.observability import metrics
from tests.template.deployments import OWN_SERVICE, metrics_of
from tests.template.translated import REPOSITORY, of_type

COSTS = (REPOSITORY / "docs/costs.md").read_text("utf-8")


def test_the_page_has_the_tables_that_make_costs_writes() -> None:
    for name, table in tables().items():
        written = COSTS.split(table_start(name))[1].split(TABLE_END)[0]
        assert written.strip() == table.strip(), f"{name}: run `make costs`"


def test_the_readme_and_the_deployment_guide_state_the_price_of_the_page() -> None:
    measured = load()
    low, high = (minute(measured, "1080p", "default", ITEMISED_MIN, slowness) for slowness, _ in SPEEDS)
    stated = f"${low:.4f} to ${high:.4f}"
    idle = total(month_usage(with_uploads=False))

    assert stated in COSTS
    assert f"[{stated} on AWS](docs/costs.md)" in (REPOSITORY / "README.md").read_text("utf-8")
    guide = (REPOSITORY / "docs/deploy.md").read_text("utf-8")
    assert stated in guide
    assert f"${idle:.2f} a month" in guide


@pytest.fixture
def simple(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """Simple figures for a bill by hand: every function has a gigabyte."""
    results = (
        ResultTime(
            10_000, 1.0, 1.0, {"PutObject": 3}, {"PutObject": 3, "GetObject": 5, "ListObjectsV2": 2}, 1
        ),
        ResultTime(
            20_000,
            2.0,
            2.0,
            {"PutObject": 5, "GetObject": 2},
            {"PutObject": 3, "GetObject": 5, "ListObjectsV2": 2},
            2_000_000,
        ),
    )
    calls = Calls(
        job=Counter(
            {
                ("dynamodb", "PutItem"): 2,
                ("dynamodb", "UpdateItem"): 1,
                ("dynamodb", "TransactWriteItems"): 1,
                ("dynamodb", "GetItem"): 5,
                ("dynamodb", "Query"): 1,
                ("s3", "GetObject"): 3,
                ("s3", "PutObject"): 2,
                ("s3", "HeadObject"): 1,
            }
        ),
        segment=Counter({("dynamodb", "GetItem"): 1, ("s3", "GetObject"): 2, ("s3", "PutObject"): 1}),
        chunk=Counter({("dynamodb", "PutItem"): 1}),
        zip_calls={"StartTracking": 10, "TrackingApi": 0, "CollectResults": 20},
        metrics=frozenset(),
        idle=Observed(),
        idle_metrics=frozenset(),
    )
    times = SimpleNamespace(segments=4, plan_s=7.0, window_s=3.0, link_s=20.0, detect_gb_s=100.0)
    link = SimpleNamespace(observations=25_000, result_bytes=20 * 1024 * 1024)
    replaced: dict[str, object] = {
        "counted_calls": lambda: calls,
        "turnaround": lambda *_: times,
        "interpolated": lambda *_: link,
        "memory_mb": lambda _: 1024,
        "report_s": lambda *_: NOTICE_S + 9.0,
        "collect_s": lambda *_: 10.0,
        "serving_s": lambda *_: 2.0,
        "reads_of_pages": lambda _: (1, 1, 1),
    }
    for name, value in replaced.items():
        monkeypatch.setattr(usage, name, value)
    video = SimpleNamespace(size="1080p", seconds=60, video_bytes=4_194_304, segment_bytes=1_000_000)
    return SimpleNamespace(
        measured=SimpleNamespace(results=results), video=video, setup=Setup(1.0, 5, 1024, 30.0)
    )


HOUR_WINDOWS = 4


def test_an_hour_is_billed_as_calculated_by_hand(simple: SimpleNamespace) -> None:
    used = video_usage(simple.measured, simple.video, 60, simple.setup)

    stored_bytes = 2_500_000 + (60_000_000 + 20_971_520) * 8 / 30.4
    assert used == pytest.approx(
        {
            # Detection, the plan, four windows, the link step, and the tables and the report.
            prices.LAMBDA_X86: 100 + 7 + 4 * 8 + 20 + 9,
            # A start, calls of 30 ms, and the work.
            prices.LAMBDA_ARM: (1 + 0.3) + (1 + 2) + (1 + 0.6 + 10),
            # Eight functions, three further segments, four windows and 25 pages.
            prices.LAMBDA_REQUESTS: 8 + 3 + HOUR_WINDOWS + 25,
            # The states of an execution, four segments and four windows.
            prices.TRANSITIONS: 7 + 4 + HOUR_WINDOWS,
            # The job, three segments, four windows, the files, two lists, and an upload in three parts.
            prices.S3_WRITES: 2 + 3 + HOUR_WINDOWS + 9 + 2 + (3 + 1),
            # The job, three segments, pages, windows with a segment each, the video, and the files.
            prices.S3_READS: 4 + 6 + 3 + HOUR_WINDOWS * 3 + 60 + 8,
            prices.S3_STORAGE: stored_bytes / 1e9,
            # Two records, two further chunks, an update and a transaction.
            prices.DYNAMODB_WRITES: (2 + 2) * 3 + 2 + 8,
            prices.DYNAMODB_READS: 5 + 3 + 1,
            prices.SNS: 1,
            prices.LOGS: 40 * 2000 / 1e9,
            prices.TRACES: 4,
        }
    )
    assert total(used) == pytest.approx(
        168 * 0.0000166667
        + 15.9 * 0.0000133334
        + 40 * 0.0000002
        + 15 * 0.000025
        + 24 * 0.000005
        + 93 * 0.0000004
        + stored_bytes / 1e9 * 0.023
        + 22 * 0.000000625
        + 9 * 0.000000125
        + 0.0000005
        + 0.00004
        + 4 * 0.000005
    )


def test_the_starts_of_the_worker_are_told_apart_from_its_work(simple: SimpleNamespace) -> None:
    gb_s = worker_gb_s(simple.measured, simple.video, 60, simple.setup)

    assert gb_s == {
        "PlanJob": 7 - 5,
        "DetectSegment": 100 - 4 * 5,
        "AssociateWindow": HOUR_WINDOWS * (8 - 5),
        "LinkTracks": 20 - 5,
        "AnalyzeResults": 9 - 5,
        STARTS: (1 + 4 + HOUR_WINDOWS + 1 + 1) * 5,
    }


def test_a_result_up_to_eight_megabytes_is_stored_with_one_request(
    simple: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    larger = video_usage(simple.measured, simple.video, 60, simple.setup)
    monkeypatch.setattr(
        usage, "interpolated", lambda *_: SimpleNamespace(observations=25_000, result_bytes=8_000_000)
    )

    smaller = video_usage(simple.measured, simple.video, 60, simple.setup)

    assert larger[prices.S3_WRITES] - smaller[prices.S3_WRITES] == 4


def test_the_metrics_of_a_month_include_that_of_the_analysis(monkeypatch: pytest.MonkeyPatch) -> None:
    added: list[str] = []
    monkeypatch.setattr(metrics, "add_metric", lambda name, *_: added.append(name))
    JobMetrics().stored(1)

    assert set(added) == ANALYSIS_METRICS
    idle, busy = (month_usage(with_uploads=with_uploads) for with_uploads in (False, True))
    assert busy[prices.METRICS] == len(
        counted_calls().idle_metrics | counted_calls().metrics | ANALYSIS_METRICS
    )
    assert busy[prices.METRICS] > idle[prices.METRICS]


def test_what_an_account_has_for_free_is_not_paid_for() -> None:
    used = {prices.ALARMS: 21.0, prices.METRICS: 5.0, prices.IMAGES: 1.0}

    left = beyond_free(used)

    assert left == {prices.ALARMS: 11, prices.METRICS: 0, prices.IMAGES: 1}


def test_a_longer_video_uses_more_of_everything_that_grows_and_one_notice() -> None:
    measured = load()
    short, long = (
        video_usage(measured, measured.video("1080p"), minutes, default_setup(1.0)) for minutes in (1, 60)
    )

    assert short[prices.SNS] == long[prices.SNS] == 1
    for price in (prices.LAMBDA_X86, prices.TRANSITIONS, prices.S3_READS, prices.DYNAMODB_WRITES):
        assert long[price] > short[price]


def test_an_execution_passes_the_states_that_its_definition_has() -> None:
    # PlanJob, DetectSegments, AssociateWindows, LinkTracks, PublishCompletion, IsServiceError, Ended
    assert transitions_of_job() == 7


def test_each_further_segment_reads_its_job_its_plan_and_the_video_and_stores_its_detections() -> None:
    segment = counted_calls().segment

    assert segment["dynamodb", "GetItem"] == 1
    assert segment["s3", "PutObject"] == 1
    # Its plan and the video, and later the link step reads what it stored.
    assert segment["s3", "GetObject"] == 3


def test_an_idle_month_has_an_alarm_price_for_each_metric_that_an_alarm_reads() -> None:
    alarms = of_type(OWN_SERVICE, "AWS::CloudWatch::Alarm").values()

    assert month_usage(with_uploads=False)[prices.ALARMS] == sum(len(metrics_of(one)) for one in alarms)


def test_an_idle_stack_writes_the_metrics_that_the_operations_guide_says() -> None:
    guide = (REPOSITORY / "docs/operations.md").read_text("utf-8")
    rows = re.findall(r"^\| (.*?) \| every minute:", guide, re.MULTILINE)

    assert {name for row in rows for name in re.findall(r"`(\w+)`", row)} == counted_calls().idle_metrics


def test_every_price_names_its_page_and_where_and_when_it_was_seen() -> None:
    for price in prices.PRICES:
        assert price.page.startswith("https://aws.amazon.com/")
        assert f"<{price.page}> | {price.seen} |" in COSTS
    assert f"compared on {prices.TAKEN}" in COSTS


@pytest.mark.parametrize(
    ("units", "price", "text"),
    [
        (1, prices.DASHBOARD, "1 dashboard-month"),
        (2500, prices.TRANSITIONS, "2,500 state transitions"),
        (0.0244, prices.LOGS, "0.024 GBs"),
    ],
)
def test_a_quantity_reads_as_text(units: float, price: prices.Price, text: str) -> None:
    assert quantity(units, price) == text
