"""Checks which deployments template.yaml refuses before they start, and that it names no partition."""

import re
from collections.abc import Iterator

import pytest

from people_pathing.cli.doctor.check_account import REGIONS_WITHOUT_FUNCTION_URLS
from tests.template.rules import refusals
from tests.template.translated import REPOSITORY, Json, source

# "Creating and managing Lambda function URLs" in the AWS Lambda Developer Guide, read on 2026-11-26.
WITHOUT_FUNCTION_URLS = (
    *("ap-east-2", "ap-south-2", "ap-southeast-4", "ap-southeast-5", "ap-southeast-6", "ap-southeast-7"),
    *("ca-west-1", "eu-central-2", "eu-south-2", "il-central-1", "me-central-1"),
)


@pytest.mark.parametrize("region", WITHOUT_FUNCTION_URLS)
def test_a_region_without_function_urls_is_refused_with_a_way_out(region: str) -> None:
    [sentences] = refusals(region).values()

    assert "RekognitionEndpointUrl" in sentences[0]
    assert refusals(region, RekognitionEndpointUrl="none").keys() == {"RegionHasFunctionUrls"}
    assert refusals(region, RekognitionEndpointUrl="https://tracking.example") == {}


@pytest.mark.parametrize(
    "region", ["us-east-1", "eu-west-1", "eu-central-1", "ap-southeast-2", "mx-central-1"]
)
def test_a_region_with_function_urls_is_not_refused(region: str) -> None:
    assert refusals(region) == {}


@pytest.mark.parametrize("parameters", [{}, {"RekognitionEndpointUrl": "https://tracking.example"}])
@pytest.mark.parametrize(
    ("region", "partition"),
    [("us-gov-west-1", "aws-us-gov"), ("cn-north-1", "aws-cn"), ("eusc-de-east-1", "aws-eusc")],
)
def test_another_partition_is_refused(region: str, partition: str, parameters: dict[str, str]) -> None:
    assert refusals(region, partition, **parameters).keys() == {"PartitionIsSupported"}


def test_tracking_other_buckets_without_naming_one_is_refused() -> None:
    for nothing in ("", "none"):
        named = refusals(TrackOtherVideoBuckets="yes", OtherVideoBuckets=nothing)
        assert named.keys() == {"OtherBucketsToTrackAreNamed"}
        assert refusals(TrackOtherVideoBuckets="no", OtherVideoBuckets=nothing) == {}
    assert refusals(TrackOtherVideoBuckets="yes", OtherVideoBuckets="one,two") == {}


def test_only_delimiters_which_allow_no_function_name_a_partition() -> None:
    def texts(value: Json) -> Iterator[str]:
        if isinstance(value, dict):
            for key, part in value.items():
                yield from texts(part[1] if key == "Fn::Join" else part)
        elif isinstance(value, list):
            for part in value:
                yield from texts(part)
        else:
            yield str(value)

    assert [text for text in texts(source()["Resources"]) if re.search(r"arn:aws\b", text)] == []
    assert "arn:aws" not in (REPOSITORY / "statemachine" / "track_people.asl.json").read_text()


def test_doctor_and_the_docs_list_the_regions_that_are_refused() -> None:
    assert set(WITHOUT_FUNCTION_URLS) == REGIONS_WITHOUT_FUNCTION_URLS
    [section] = re.findall(
        r"^## Regions\n(.*?)^## ", (REPOSITORY / "docs/deploy.md").read_text(), re.DOTALL | re.MULTILINE
    )

    assert set(re.findall(r"`([a-z]{2}-[a-z]+-\d)`", section)) == set(WITHOUT_FUNCTION_URLS)
