"""Checks that running jobs keep their code during an update, and that new jobs get the new code."""

from __future__ import annotations

import copy
import re

import pytest

from tests.template.deployments import OWN_SERVICE, functions, functions_of_versions
from tests.template.resolved import Stack
from tests.template.translated import Json, deployed, of_type, references, source, translate, translated

STEPS = {"PlanJob", "DetectSegment", "AssociateWindow", "LinkTracks", "PublishCompletion"}
MAX_DESCRIPTION = 256
"""Characters. Source: Description of PublishVersion in the AWS Lambda API Reference."""


def versions(template: dict[str, Json]) -> dict[str, str]:
    """Returns the name of the version of each function."""
    return {function: version for version, function in functions_of_versions(template).items()}


def test_each_step_of_a_job_has_a_version_and_no_other_function_has() -> None:
    assert versions(OWN_SERVICE).keys() == STEPS


def test_a_version_stays_when_an_update_replaces_or_drops_it() -> None:
    for name, resource in OWN_SERVICE["Resources"].items():
        if resource["Type"] == "AWS::Lambda::Version":
            assert resource["DeletionPolicy"] == "Retain", name
            assert resource["UpdateReplacePolicy"] == "Retain", name
        if resource["Type"] == "AWS::StepFunctions::StateMachineVersion":
            assert (resource["DeletionPolicy"], resource["UpdateReplacePolicy"]) == ("Retain", "Retain")


@pytest.mark.parametrize("step", sorted(STEPS))
def test_another_value_of_a_parameter_that_a_step_reads_makes_another_version(step: str) -> None:
    template = translated()
    properties = template["Resources"][step]["Properties"]
    read = {name for name in references(properties) if name in template["Parameters"]}
    description = template["Resources"][versions(template)[step]]["Properties"].get("Description")
    assert read <= set(references(description)), step


def test_the_values_of_the_parameters_fit_the_description_of_a_version() -> None:
    description = translated()["Resources"][versions(translated())["PlanJob"]]["Properties"]["Description"]
    longest = {
        "SampleFps": "29.97",
        "SegmentSeconds": "9999",
        "Detector": "yolox",
        "DetectorInput": "default",
        "TrackingModel": "/var/task/models/person-detection-0200.onnx",
        "FaceModel": "/var/task/models/centerface.onnx",
        "ReidentificationModel": "/var/task/models/person-reidentification-retail-0286.onnx",
        "UpdateAttempt": "999",
        "WorkerSecurityGroupId": "sg-0123456789abcdef0",
        "WorkerSubnetIds": " ".join(["subnet-0123456789abcdef0"] * 2),
    }
    assert set(longest) == set(references(description))
    text = " ".join(longest.values())
    assert 0 < len(text) <= MAX_DESCRIPTION


# Lambda publishes no version of a function that has not changed, and CloudFormation then fails with "A
# version for this Lambda function exists". See https://github.com/aws/serverless-application-model/issues/3281.
@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({name: values[0]}, {name: values[1]})
        for name, values in {
            "TrackingModel": ("", "none"),
            "FaceModel": ("", "none"),
            "ReidentificationModel": ("", "default"),
            "WorkerSubnetIds": ("", "none"),
            "WorkerSecurityGroupId": ("", "none"),
        }.items()
    ],
)
def test_values_that_mean_the_same_to_a_step_make_no_version(
    before: dict[str, str], after: dict[str, str]
) -> None:
    stacks = Stack(before), Stack(after)
    for step in STEPS:
        properties, descriptions = (
            [resources[name]["Properties"] for resources in (stack.resources for stack in stacks)]
            for name in (step, versions(OWN_SERVICE)[step])
        )
        assert properties[0] == properties[1], step
        assert descriptions[0]["Description"] == descriptions[1]["Description"], step


def test_another_attempt_changes_each_step_and_its_version() -> None:
    first, second = Stack(), Stack({"UpdateAttempt": "2"})
    for step in STEPS:
        for name in (step, versions(OWN_SERVICE)[step]):
            assert first.resources[name]["Properties"] != second.resources[name]["Properties"], name


def changed(resource: str, name: str, value: Json) -> dict[str, Json]:
    template = copy.deepcopy(source())
    template["Resources"][resource]["Properties"][name] = value
    return translate(template)


@pytest.mark.parametrize(
    ("resource", "name", "value", "renewed"),
    [
        ("LinkTracks", "Timeout", 800, {"LinkTracks"}),
        ("PlanJob", "ImageUri", "account.example/worker:2", {"PlanJob"}),
        # PublishCompletion is the only step that uses the layer.
        ("Dependencies", "ContentUri", "s3://packaged/another", {"PublishCompletion"}),
    ],
)
def test_another_property_of_a_step_or_its_layer_makes_another_version(
    resource: str, name: str, value: Json, renewed: set[str]
) -> None:
    before, after = versions(translated()), versions(changed(resource, name, value))

    assert {step for step in STEPS if before[step] != after[step]} == renewed


def test_jobs_start_through_an_alias() -> None:
    [alias] = of_type(OWN_SERVICE, "AWS::StepFunctions::StateMachineAlias")
    for name in ("TrackingApi", "SweepJobs"):
        environment = functions(OWN_SERVICE)[name]["Environment"]["Variables"]
        assert environment["STATE_MACHINE_ARN"] == {"Ref": alias}


def test_the_function_url_belongs_to_no_version_so_that_its_address_stays() -> None:
    [url] = of_type(OWN_SERVICE, "AWS::Lambda::Url").values()
    assert "Qualifier" not in url


@pytest.mark.parametrize(
    ("minutes", "preference"),
    [
        (
            "10",
            {
                "Type": "CANARY",
                "Percentage": 10,
                "Interval": {"Ref": "CanaryMinutes"},
                "Alarms": [{"Ref": "TrackPeopleAlarm"}, {"Ref": "StepsFailingAlarm"}],
            },
        ),
        ("none", {"Type": "ALL_AT_ONCE"}),
    ],
)
def test_an_update_watches_a_canary_unless_a_parameter_says_no(minutes: str, preference: Json) -> None:
    [alias] = of_type(deployed(CanaryMinutes=minutes), "AWS::StepFunctions::StateMachineAlias").values()
    assert alias["DeploymentPreference"] == {
        **preference,
        "StateMachineVersionArn": {"Ref": "TrackPeopleVersion"},
    }


@pytest.mark.parametrize(
    ("text", "is_allowed"),
    [("none", True), ("1", True), ("30", True), ("0", False), ("31", False), ("2.5", False), ("", False)],
)
def test_a_canary_takes_whole_minutes(text: str, is_allowed: bool) -> None:
    pattern = source()["Parameters"]["CanaryMinutes"]["AllowedPattern"]
    assert bool(re.search(pattern, text)) == is_allowed
