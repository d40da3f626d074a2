"""What one process shares, and when an invocation stops beginning new work."""

import pytest

from people_pathing.common.settings import SettingsError
from people_pathing.pipeline.composition import Pipeline, compose
from tests.fakes.person_tracking import session
from tests.unit.pipeline.test_settings import COMPLETE


@pytest.fixture(scope="module")
def composed() -> Pipeline:
    return compose(COMPLETE, session().client)


@pytest.mark.parametrize(("remaining_ms", "is_reached"), [(20_000, False), (19_999, True)])
def test_no_job_starts_in_the_last_twenty_seconds(
    composed: Pipeline, remaining_ms: int, is_reached: bool
) -> None:
    assert composed.start_queue(lambda: remaining_ms).deadline_reached() is is_reached


@pytest.mark.parametrize(("remaining_ms", "is_reached"), [(120_000, False), (119_999, True)])
def test_collecting_pauses_in_the_last_two_minutes(
    composed: Pipeline, remaining_ms: int, is_reached: bool
) -> None:
    assert composed.result_collector(lambda: remaining_ms).deadline_reached() is is_reached


def test_the_parts_are_configured_from_the_settings(composed: Pipeline) -> None:
    queue, collector = composed.start_queue(lambda: 0), composed.result_collector(lambda: 0)
    assert queue.tracking == collector.tracking
    assert (queue.tracking.topic_arn, queue.tracking.role_arn) == (
        COMPLETE["COMPLETION_TOPIC_ARN"],
        COMPLETE["COMPLETION_ROLE_ARN"],
    )
    assert collector.results.bucket == "results"
    assert queue.table is collector.table is composed.table


def test_an_incomplete_environment_creates_no_clients() -> None:
    def create(*_: object, **__: object) -> None:
        raise AssertionError("a client was created")

    with pytest.raises(SettingsError):
        compose({}, create)


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("RECORDER_TIME_ZONE", "Berlin", "'Berlin' is not a time zone; give an IANA name"),
        ("RECORDED_AT_PATTERN", "%Y", "%m is missing, %d is missing, %H is missing"),
    ],
)
def test_a_setting_for_recording_times_that_cannot_be_used_is_named(
    name: str, value: str, problem: str
) -> None:
    with pytest.raises(SettingsError, match=problem):
        compose({**COMPLETE, name: value}, session().client)
