"""Deploys the longest names and values that the template allows, on paper, and checks AWS's limits.

cfn-lint checks most of them, from AWS's own schemas. The functions of CloudFormation are evaluated before.
The other tests check what it does not check.
"""

import json
import re
from functools import cache

import pytest
from cfnlint.api import lint
from cfnlint.config import ManualArgs

from tests.template.deployments import PARAMETERS
from tests.template.longest import longest_match, longest_values
from tests.template.policies import policies
from tests.template.resolved import Stack
from tests.template.translated import REPOSITORY, Json, source, translated

LONGEST_STACK_NAME = "s" * 128
"""Source: "CreateStack" in the CloudFormation API Reference."""

LONGEST_STACK_NAME_WITHOUT_BUCKET_NAMES = "s" * 27
"""The description of VideoBucketName says so."""

LONGEST_REGION = "ap-southeast-2"

# The longest values where a value is free. The choices are those of the deployments.
FREE = {
    "existing service": longest_values(ResultsBucketName="b" * 63),
    "everything given": longest_values(ResultsBucketName="b" * 63, RekognitionEndpointUrl="none"),
}
LARGEST = pytest.mark.parametrize("deployment", FREE)


@cache
def largest(deployment: str) -> Stack:
    """Returns a deployment with the longest names and values."""
    values = {**FREE[deployment]}
    for name, value in PARAMETERS[deployment].items():
        if "AllowedValues" in source()["Parameters"][name]:
            values[name] = value
    return Stack(values, name=LONGEST_STACK_NAME, region=LONGEST_REGION)


def size(policy: Json) -> int:
    """Returns the characters that IAM counts: it leaves out white space."""
    return len(re.sub(r"\s", "", json.dumps(policy)))


@LARGEST
def test_names_descriptions_and_environments_are_within_the_limits_of_awss_schemas(deployment: str) -> None:
    template = {"AWSTemplateFormatVersion": "2010-09-09", "Resources": largest(deployment).resources}
    found = lint(json.dumps(template), config=ManualArgs(regions=[LONGEST_REGION]))

    assert [
        f"{one.rule.id} {'.'.join(map(str, one.path or []))}: {one.message[-150:]}" for one in found
    ] == []


# Source: "IAM and AWS STS quotas" in the IAM User Guide.
@LARGEST
def test_policies_are_within_iams_sizes(deployment: str) -> None:
    stack = largest(deployment)
    managed = stack.of_type("AWS::IAM::ManagedPolicy")
    attached = stack.of_type("AWS::IAM::Policy")

    for name, policy in managed.items():
        assert size(policy["PolicyDocument"]) <= 6144, name
    for name, role in stack.of_type("AWS::IAM::Role").items():
        inline = [
            *role.get("Policies", []),
            *(policy for policy in attached.values() if stack.physical_name(name) in policy["Roles"]),
        ]
        assert sum(size(policy["PolicyDocument"]) for policy in inline) <= 10240, name
        assert size(role["AssumeRolePolicyDocument"]) <= 2048, name
        assert len(role.get("ManagedPolicyArns", [])) <= 10, name
        assert all(len(policy["PolicyName"]) <= 128 for policy in inline), name


# Sources: "Bucket policies" in the S3 User Guide (20 KB), and "SetQueueAttributes" in the SQS API Reference.
@LARGEST
def test_policies_of_buckets_and_queues_are_within_their_sizes(deployment: str) -> None:
    for name, policy in policies(largest(deployment)):
        assert size(policy) <= 20480, name


# Source: "Step Functions service quotas" in the Step Functions Developer Guide.
@LARGEST
def test_the_state_machine_is_within_its_limits(deployment: str) -> None:
    stack = largest(deployment)
    for machine in stack.of_type("AWS::StepFunctions::StateMachine").values():
        text = (REPOSITORY / "statemachine" / "track_people.asl.json").read_text()
        for name, value in machine["DefinitionSubstitutions"].items():
            text = text.replace(f"${{{name}}}", str(value))
        assert len(text.encode()) <= 1024 * 1024
        assert max(map(len, state_names(json.loads(text)))) <= 80
        assert all(
            len(stack.physical_name(name)) <= 80 for name in stack.of_type("AWS::StepFunctions::StateMachine")
        )


def state_names(value: Json) -> list[str]:
    """Returns the names of all states, also of those inside of others."""
    if isinstance(value, dict):
        own = list(value.get("States", {}))
        return [*own, *(name for part in value.values() for name in state_names(part))]
    return [name for part in value for name in state_names(part)] if isinstance(value, list) else []


# Source: "Understand CloudFormation quotas" in the CloudFormation User Guide.
def test_the_template_is_within_cloudformations_limits() -> None:
    template = translated()

    # `sam deploy` uploads the template. One of more than 51,200 bytes could not be passed in the request.
    assert len((REPOSITORY / "template.yaml").read_bytes()) <= 1024 * 1024
    assert len(json.dumps(template).encode()) <= 1024 * 1024
    assert len(template["Resources"]) <= 500
    assert len(template["Parameters"]) <= 200
    assert len(template["Outputs"]) <= 200
    assert len(source()["Description"].encode()) <= 1024
    for name, parameter in template["Parameters"].items():
        assert len(parameter["Description"]) <= 4000, name
    for name, output in template["Outputs"].items():
        assert len(output["Description"].encode()) <= 1024, name


# Source: "PutDashboard" in the CloudWatch API Reference.
@LARGEST
def test_the_dashboard_is_within_cloudwatchs_limits(deployment: str) -> None:
    for dashboard in largest(deployment).of_type("AWS::CloudWatch::Dashboard").values():
        assert len(dashboard["DashboardName"]) <= 255
        assert re.fullmatch(r"[A-Za-z0-9_-]+", dashboard["DashboardName"])
        assert len(json.loads(dashboard["DashboardBody"])["widgets"]) <= 500


def test_the_longest_stack_name_for_which_buckets_are_named_is_the_one_in_the_description() -> None:
    def names(stack_name: str) -> list[str]:
        stack = Stack(name=stack_name, region=LONGEST_REGION)
        return [stack.physical_name(name) for name in ("VideoBucket", "ResultsBucket")]

    stated = source()["Parameters"]["VideoBucketName"]["Description"]
    longest = LONGEST_STACK_NAME_WITHOUT_BUCKET_NAMES
    assert f"at most {len(longest)} characters" in stated
    assert max(map(len, names(longest))) == 63
    assert max(map(len, names(longest + "s"))) > 63


@pytest.mark.parametrize("name", source()["Parameters"])
def test_every_parameter_has_a_longest_value_that_it_accepts(name: str) -> None:
    parameter = source()["Parameters"][name]
    for value in parameter.get("AllowedValues", [FREE["existing service"].get(name)]):
        # CloudFormation checks every member of a list, and removes the spaces around it.
        members = value.split(",") if parameter["Type"] == "CommaDelimitedList" else [value]
        assert all(re.fullmatch(parameter.get("AllowedPattern", ".*"), member) for member in members)
        assert len(value) <= parameter.get("MaxLength", 4096)


def test_spaces_between_the_members_of_a_list_change_nothing() -> None:
    lists = [name for name, one in source()["Parameters"].items() if one["Type"] == "CommaDelimitedList"]
    assert lists
    close = Stack(PARAMETERS["everything given"])
    spaced = Stack(
        {
            name: value.replace(",", " , ") if name in lists else value
            for name, value in close.parameters.items()
        }
    )

    assert spaced.resources == close.resources


@pytest.mark.parametrize(
    ("pattern", "most", "longest"),
    [
        ("^(no|[1-9][0-9]{0,3})$", None, "1000"),
        ("^(default|.*%Y.*)$", 12, "xxxxx%Yxxxxx"),
        ("^(none|a+)?$", 8, "aaaaaaaa"),
        ("^(none|a+)?$", None, None),
        (".*", 3, "xxx"),
    ],
)
def test_the_longest_value_of_a_pattern_is_found(pattern: str, most: int | None, longest: str | None) -> None:
    assert longest_match(pattern, most) == longest


WIDE_OPEN = {
    "OtherVideoBuckets": ("*", "a*", "arn:aws:s3:::videos", "Videos"),
    "OtherNotificationRoleArns": (
        "*",
        "arn:aws:iam::123456789012:role/*",
        "arn:aws:iam::*:role/notify",
        "notify",
    ),
}


@pytest.mark.parametrize("name", WIDE_OPEN)
def test_a_list_that_widens_rights_accepts_names_only(name: str) -> None:
    pattern = source()["Parameters"][name]["AllowedPattern"]

    assert [value for value in WIDE_OPEN[name] if re.fullmatch(pattern, value)] == []
    assert all(re.fullmatch(pattern, value) for value in PARAMETERS["everything given"][name].split(","))
