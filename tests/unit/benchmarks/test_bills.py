"""docs/costs.md is what the program calculates, and the program counts what AWS bills."""

from __future__ import annotations

import re

import pytest

from benchmarks.costs import prices
from benchmarks.costs.__main__ import ITEMISED_MIN, minute, quantity, tables, total
from benchmarks.costs.usage import counted_calls, month_usage, transitions_of_job, video_usage
from benchmarks.engine.tables import TABLE_END, table_start
from benchmarks.scaling.aws import default_setup
from benchmarks.scaling.measuring import load
from benchmarks.scaling.tables import SPEEDS
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


def test_a_bill_is_the_sum_of_its_units_times_their_prices() -> None:
    usage = {prices.TRANSITIONS: 8.0, prices.LAMBDA_X86: 100.0, prices.S3_READS: 1000.0}

    bill = sum(price.of(units) for price, units in usage.items())

    assert bill == pytest.approx(8 * 0.000025 + 100 * 0.0000166667 + 0.0004)


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


def test_every_price_names_its_page_and_where_it_was_seen() -> None:
    for price in prices.PRICES:
        assert price.page.startswith("https://aws.amazon.com/")
        assert f"<{price.page}> | {price.evidence} |" in COSTS


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
