"""Checks that no right in template.yaml is wider than needed."""

import json
import re
from collections.abc import Iterator

import pytest

from people_pathing.results.files import job_summary
from tests.template.calls.made_by_aws import MANAGE_INTERFACES, READ_SAMPLING_RULES, WRITE_TRACES
from tests.template.deployments import DEPLOYMENTS, OWN_SERVICE, as_list, functions
from tests.template.translated import Json, deployed, of_type

# AWS defines no resources for these.
WITHOUT_RESOURCES = {
    *WRITE_TRACES,
    *READ_SAMPLING_RULES,
    "rekognition:StartPersonTracking",
    "rekognition:GetPersonTracking",
}
# The objects of one bucket, perhaps only those with one name, or the executions of one state machine: a
# reference precedes the only wildcard.
PARTS_OF_ONE_RESOURCE = re.compile(r"^[^*]*\$\{(?!AWS::)[^}*]+\}[^*]*[/:]\*(/[\w.]+)?$")


def statements(template: dict[str, Json]) -> Iterator[tuple[str, Json]]:
    """Yields every statement of a role's policies, with the name of the resource that contains it."""
    documents = [
        *((name, role["PolicyDocument"]) for name, role in of_type(template, "AWS::IAM::Policy").items()),
        *(
            (name, role["PolicyDocument"])
            for name, role in of_type(template, "AWS::IAM::ManagedPolicy").items()
        ),
        *(
            (name, policy["PolicyDocument"])
            for name, role in of_type(template, "AWS::IAM::Role").items()
            for policy in role.get("Policies", [])
        ),
    ]
    for name, document in documents:
        for statement in document["Statement"]:
            yield name, statement


@DEPLOYMENTS
def test_no_policy_has_a_wildcard_in_place_of_a_name(template: dict[str, Json]) -> None:
    for name, statement in statements(template):
        if statement["Effect"] == "Deny":
            continue
        assert "NotAction" not in statement, name
        assert "NotResource" not in statement, name
        actions = as_list(statement["Action"])
        assert not any("*" in action for action in actions), (name, actions)
        for resource in as_list(statement["Resource"]):
            if resource == "*":
                allowed = set(MANAGE_INTERFACES) if name == "ConnectToVpcPolicy" else WITHOUT_RESOURCES
                assert set(actions) <= allowed, (name, actions)
            else:
                text = resource_text(resource)
                assert "*" not in text or PARTS_OF_ONE_RESOURCE.search(text), (name, text)


def resource_text(resource: Json) -> str:
    """Returns the text of a resource, or that of its Fn::Sub or Fn::Split."""
    if isinstance(resource, str):
        return resource
    [(function, argument)] = resource.items()
    if function == "Fn::Split":
        return resource_text(argument[1])
    if function == "Fn::Sub":
        return str(argument[0] if isinstance(argument, list) else argument)
    return json.dumps(argument)


@DEPLOYMENTS
def test_every_function_has_a_role_of_its_own(template: dict[str, Json]) -> None:
    roles = [function["Role"]["Fn::GetAtt"][0] for function in functions(template).values()]
    assert len(roles) == len(set(roles))


@DEPLOYMENTS
def test_every_role_trusts_named_principals_only(template: dict[str, Json]) -> None:
    for name, role in of_type(template, "AWS::IAM::Role").items():
        [statement] = role["AssumeRolePolicyDocument"]["Statement"]
        principals = [value for kind in statement["Principal"].values() for value in as_list(kind)]
        assert "*" not in json.dumps(principals), name
        if principals != ["lambda.amazonaws.com"] and "Service" in statement["Principal"]:
            # Only this account may have an AWS service assume the role.
            assert statement["Condition"] == {
                "StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}
            }, name


def test_the_completion_role_can_only_publish_to_the_completion_topic() -> None:
    role = of_type(OWN_SERVICE, "AWS::IAM::Role")["CompletionRole"]
    [policy] = role["Policies"]
    [statement] = policy["PolicyDocument"]["Statement"]
    assert (statement["Action"], statement["Resource"]) == ("sns:Publish", {"Ref": "CompletionTopic"})
    assert "ManagedPolicyArns" not in role
    [trust] = role["AssumeRolePolicyDocument"]["Statement"]
    trusted = {principal["Fn::GetAtt"][0] for principal in trust["Principal"]["AWS"]}
    assert trusted == {"TrackingApiRole", "PublishCompletionRole", "SweepJobsRole"}


def test_the_roles_that_another_role_must_trust_are_those_that_may_assume_it() -> None:
    [assuming] = (policy for policy in of_type(OWN_SERVICE, "AWS::IAM::Policy").values() if "Roles" in policy)
    publishing = [{"Fn::GetAtt": [role["Ref"], "Arn"]} for role in assuming["Roles"]]
    assert OWN_SERVICE["Outputs"]["ServiceRoleArns"]["Value"] == {"Fn::Join": [",", publishing]}
    environment = functions(OWN_SERVICE)["TrackingApi"]["Environment"]["Variables"]
    assert environment["SERVICE_ROLE_ARNS"] == {"Fn::Join": [",", publishing]}


@pytest.mark.parametrize(
    ("endpoint", "readers"),
    [
        ("none", {"PlanJobRole", "DetectSegmentRole", "AnalyzeResultsRole"}),
        ("https://tracking.example", {"AnalyzeResultsRole"}),
    ],
)
def test_a_key_of_videos_lets_their_readers_decrypt_through_s3_and_nothing_else(
    endpoint: str, readers: set[str]
) -> None:
    def rights(key: str) -> list[tuple[str, Json]]:
        return list(statements(deployed(VideoKmsKeyArn=key, RekognitionEndpointUrl=endpoint)))

    with_key = deployed(VideoKmsKeyArn="a key", RekognitionEndpointUrl=endpoint)
    [added] = [right for right in rights("a key") if right not in rights("none")]
    name, statement = added
    assert statement == {
        "Effect": "Allow",
        "Action": "kms:Decrypt",
        "Resource": {"Ref": "VideoKmsKeyArn"},
        "Condition": {"StringEquals": {"kms:ViaService": {"Fn::Sub": "s3.${AWS::Region}.${AWS::URLSuffix}"}}},
    }
    assert {role["Ref"] for role in of_type(with_key, "AWS::IAM::Policy")[name]["Roles"]} == readers
    assert not [right for right in rights("none") if "kms:" in json.dumps(right)]


def test_the_readers_of_videos_are_the_functions_that_download_them_or_their_zones() -> None:
    readers = {
        name
        for name, role in of_type(OWN_SERVICE, "AWS::IAM::Role").items()
        if {"Ref": "ReadVideosPolicy"} in role.get("ManagedPolicyArns", [])
    }
    # The API asks S3 for headers only, which needs no key.
    assert readers == {"PlanJobRole", "DetectSegmentRole", "TrackingApiRole"}


def test_each_bucket_may_invoke_the_function_that_it_notifies_and_no_other() -> None:
    buckets = of_type(OWN_SERVICE, "AWS::S3::Bucket")
    notified = {
        name: [
            one["Function"]["Fn::GetAtt"][0]
            for one in bucket["NotificationConfiguration"]["LambdaConfigurations"]
        ]
        for name, bucket in buckets.items()
        if "NotificationConfiguration" in bucket
    }
    assert notified == {"VideoBucket": ["StartTracking"], "ResultsBucket": ["AnalyzeResults"]}
    granted = {
        permission["FunctionName"]["Ref"]: permission
        for permission in of_type(OWN_SERVICE, "AWS::Lambda::Permission").values()
        if permission["Principal"] == "s3.amazonaws.com"
    }
    assert set(granted) == {"StartTracking", "AnalyzeResults"}
    for name, [function] in notified.items():
        [arn, names] = granted[function]["SourceArn"]["Fn::Sub"]
        assert arn == "arn:${AWS::Partition}:s3:::${Name}"
        assert names == {"Name": buckets[name]["BucketName"]}
        # S3's ARNs have no account, and any account may take the name of a deleted bucket.
        assert granted[function]["SourceAccount"] == {"Ref": "AWS::AccountId"}


def test_only_a_stored_job_json_is_analyzed() -> None:
    bucket = of_type(OWN_SERVICE, "AWS::S3::Bucket")["ResultsBucket"]
    [configuration] = bucket["NotificationConfiguration"]["LambdaConfigurations"]
    assert configuration["Event"] == "s3:ObjectCreated:*"
    assert configuration["Filter"] == {
        "S3Key": {"Rules": [{"Name": "suffix", "Value": f"/{job_summary.NAME}"}]}
    }


@DEPLOYMENTS
def test_every_service_that_may_invoke_a_function_may_do_so_for_one_source_only(
    template: dict[str, Json],
) -> None:
    for name, permission in of_type(template, "AWS::Lambda::Permission").items():
        if permission["Principal"].endswith(".amazonaws.com"):
            assert "SourceArn" in permission, name


def test_the_function_url_requires_a_signature() -> None:
    [url] = of_type(OWN_SERVICE, "AWS::Lambda::Url").values()
    assert url["AuthType"] == "AWS_IAM"
    for permission in of_type(OWN_SERVICE, "AWS::Lambda::Permission").values():
        assert permission["Principal"] != "*"
