import pytest
from moto import mock_aws

from tests.faults.burst import Burst
from tests.faults.cases import CASES, Case, new_app, uninterrupted_results


@pytest.fixture(scope="module", autouse=True)
def _uninterrupted() -> None:
    uninterrupted_results()


def test_a_burst_ends_with_every_upload_succeeded_and_started_exactly_once() -> None:
    report = Burst(uploads=200).run()
    assert (report.succeeded, report.jobs, report.result_files, report.dead_letters) == (200, 200, 600, 0)
    assert report.start_calls_per_job < 3
    assert report.idle_slot_share < 0.05


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.done)
def test_no_upload_is_lost(case: Case) -> None:
    with mock_aws():
        case.run(new_app())
