"""Where the calls of a program go that uses the data files, and how they are signed."""

from __future__ import annotations

from pathlib import Path

import pytest
from botocore.config import Config
from botocore.exceptions import EndpointProviderError

from people_pathing.client_routing.installed_sdk import SentRequest
from people_pathing.client_routing.route import Route
from tests.unit.client_routing.offline_client import (
    AWS_URL,
    IRISH_ROUTE,
    REGION,
    ROUTE,
    URL,
    OfflineClient,
    write_files,
)

TO_STACK = SentRequest(URL, "us-east-1/lambda")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_files(tmp_path_factory.mktemp("models"), ROUTE, IRISH_ROUTE)


def test_the_two_operations_go_to_the_stack_and_are_signed_for_lambda(folder: Path) -> None:
    assert OfflineClient([folder]).start() == TO_STACK


def test_every_other_operation_goes_to_aws_as_before(folder: Path) -> None:
    assert OfflineClient([folder]).detect_labels() == SentRequest(AWS_URL, "us-east-1/rekognition")


def test_each_region_has_its_own_stack(folder: Path) -> None:
    sent = OfflineClient([folder], "eu-west-1").start()

    assert sent == SentRequest(IRISH_ROUTE.url, "eu-west-1/lambda")


def test_a_region_without_a_stack_is_an_error_that_says_what_to_do(folder: Path) -> None:
    client = OfflineClient([folder], "ap-south-1")

    with pytest.raises(EndpointProviderError, match=r"no stack of people-pathing is connected in ap-south-1"):
        client.start()
    assert client.detect_labels().url == "https://rekognition.ap-south-1.amazonaws.com/"


@pytest.mark.parametrize(
    "config",
    [Config(), Config(use_fips_endpoint=True), Config(use_dualstack_endpoint=True)],
    ids=["no option", "FIPS", "dual-stack"],
)
@pytest.mark.parametrize("region", ["us-east-1", "us-gov-west-1"])
def test_options_do_to_other_operations_what_they_did_before(
    folder: Path, tmp_path: Path, region: str, config: Config
) -> None:
    before = OfflineClient([tmp_path], region, config=config).detect_labels()

    assert OfflineClient([folder], region, config=config).detect_labels() == before


def test_dual_stack_calls_reach_the_stack_because_function_urls_are_dual_stack(folder: Path) -> None:
    assert OfflineClient([folder], config=Config(use_dualstack_endpoint=True)).start() == TO_STACK


def test_a_call_that_needs_a_fips_endpoint_is_refused(folder: Path) -> None:
    with pytest.raises(EndpointProviderError, match="no FIPS endpoint"):
        OfflineClient([folder], config=Config(use_fips_endpoint=True)).start()


@pytest.mark.parametrize("endpoint_url", ["https://rekognition.example/path", "http://127.0.0.1:5000"])
def test_an_endpoint_that_the_program_sets_is_obeyed(folder: Path, tmp_path: Path, endpoint_url: str) -> None:
    before = OfflineClient([tmp_path], endpoint_url=endpoint_url)
    after = OfflineClient([folder], endpoint_url=endpoint_url)

    assert after.detect_labels() == before.detect_labels()
    assert after.start() == before.start()


@pytest.mark.parametrize(
    "endpoint_url",
    [
        "https://rekognition.us-east-1.amazonaws.com",
        "https://vpce-1-2.rekognition.us-east-1.vpce.amazonaws.com",
        "https://rekognition.us-east-1.api.aws",
        "https://vpce-1-2.rekognition.us-east-1.vpce.amazonaws.com:443",
        "https://rekognition.us-east-1.api.aws:443",
    ],
)
def test_an_endpoint_at_aws_gets_only_the_other_operations(folder: Path, endpoint_url: str) -> None:
    client = OfflineClient([folder], endpoint_url=endpoint_url)

    assert client.start() == TO_STACK
    assert client.detect_labels() == SentRequest(f"{endpoint_url}/", "us-east-1/rekognition")


def test_a_program_that_sets_the_stacks_own_endpoint_is_signed_for_lambda(folder: Path) -> None:
    assert OfflineClient([folder], endpoint_url=URL.rstrip("/")).start() == TO_STACK


def test_a_host_that_only_contains_the_name_of_aws_is_not_aws(folder: Path) -> None:
    sent = OfflineClient([folder], endpoint_url="https://amazonaws.com.example").start()

    assert sent == SentRequest("https://amazonaws.com.example/", "us-east-1/rekognition")


def test_a_stack_that_calls_another_service_is_signed_for_rekognition(tmp_path: Path) -> None:
    route = Route(REGION, "https://rekognition.example/", "rekognition", "123456789012", "people-pathing")

    assert OfflineClient([write_files(tmp_path, route)]).start() == SentRequest(
        "https://rekognition.example/", "us-east-1/rekognition"
    )
