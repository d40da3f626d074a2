"""Checks from where videos are decoded, and what the functions that decode them can reach."""

from __future__ import annotations

import json
from typing import Any

import pytest
from samtranslator.yaml_helper import yaml_parse

from devstack.sam import IMAGE_FUNCTIONS
from tests.template.calls.made_by_aws import MANAGE_INTERFACES
from tests.template.deployments import EXISTING_SERVICE, OWN_SERVICE, as_list, functions
from tests.template.rules import refusals
from tests.template.test_rights import statements
from tests.template.translated import REPOSITORY, Json, deployed, of_type, references

SUBNETS = "subnet-0123456789abcdef0,subnet-0123456789abcdef1"
GROUP = "sg-0123456789abcdef0"
IN_VPC = deployed(WorkerSubnetIds=SUBNETS, WorkerSecurityGroupId=GROUP)
WORKER = {"PlanJob", "DetectSegment", "AssociateWindow", "LinkTracks"}
NETWORK = yaml_parse((REPOSITORY / "examples" / "worker_network.yaml").read_text())


def role_of(function: str) -> str:
    """Returns the logical id of a function's role."""
    return str(functions(OWN_SERVICE)[function]["Role"]["Fn::GetAtt"][0])


def rights_of(template: dict[str, Json], function: str) -> list[Json]:
    """Returns the statements of every policy that a function's role has."""
    role = of_type(template, "AWS::IAM::Role")[role_of(function)]
    attached = {one["Ref"] for one in role.get("ManagedPolicyArns", [])}
    attached |= {
        name
        for name, policy in of_type(template, "AWS::IAM::Policy").items()
        if {"Ref": role_of(function)} in policy["Roles"]
    }
    return [
        statement for name, statement in statements(template) if name in attached or name == role_of(function)
    ]


def test_the_functions_that_work_on_jobs_run_in_the_vpc_and_no_others_do() -> None:
    network = {
        "SubnetIds": {"Ref": "WorkerSubnetIds"},
        "SecurityGroupIds": [{"Ref": "WorkerSecurityGroupId"}],
    }
    placed = {name: one["VpcConfig"] for name, one in functions(IN_VPC).items() if "VpcConfig" in one}

    assert placed == dict.fromkeys(WORKER, network)
    # The other function of the image reads result files and zones files. It decodes nothing.
    assert set(IMAGE_FUNCTIONS) - WORKER == {"AnalyzeResults"}


def test_turning_the_vpc_on_or_off_changes_no_role_and_no_policy() -> None:
    """IAM needs a while for a change, and Lambda needs the rights as long as versions use the network."""
    for kind in ("AWS::IAM::Role", "AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"):
        assert of_type(OWN_SERVICE, kind) == of_type(IN_VPC, kind)


def test_without_an_own_service_no_role_may_manage_network_interfaces() -> None:
    assert "ec2:" not in json.dumps(list(statements(EXISTING_SERVICE)))


def test_lambda_may_manage_network_interfaces_and_the_functions_code_may_not() -> None:
    added = [statement for name, statement in statements(IN_VPC) if name == "ConnectToVpcPolicy"]
    allowed, denied = added

    assert (allowed["Effect"], denied["Effect"]) == ("Allow", "Deny")
    assert set(allowed["Action"]) == set(denied["Action"]) == set(MANAGE_INTERFACES)
    assert denied["Resource"] == "*"
    every_function = "arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:*"
    assert denied["Condition"] == {"ArnLike": {"lambda:SourceFunctionArn": {"Fn::Sub": every_function}}}
    holders = {
        name
        for name, role in of_type(IN_VPC, "AWS::IAM::Role").items()
        if {"Ref": "ConnectToVpcPolicy"} in role.get("ManagedPolicyArns", [])
    }
    assert holders == {role_of(name) for name in WORKER}


@pytest.mark.parametrize("function", sorted(WORKER))
def test_the_worker_calls_only_services_that_have_free_endpoints(function: str) -> None:
    """Lambda itself writes logs and traces, and S3 decrypts. So a VPC needs no other endpoints."""
    with_key = deployed(VideoKmsKeyArn="a key", WorkerSubnetIds=SUBNETS, WorkerSecurityGroupId=GROUP)
    services = {
        action.partition(":")[0]
        for statement in rights_of(with_key, function)
        for action in as_list(statement["Action"])
        if statement["Effect"] == "Allow"
    }

    assert services - {"logs", "xray", "ec2", "kms"} == {"s3", "dynamodb"}


def test_without_an_own_service_there_is_no_worker_to_isolate() -> None:
    endpoint = "https://tracking.example"
    existing = deployed(RekognitionEndpointUrl=endpoint)
    given = deployed(RekognitionEndpointUrl=endpoint, WorkerSubnetIds=SUBNETS, WorkerSecurityGroupId=GROUP)

    assert given == existing


def test_subnets_without_a_security_group_are_refused_and_the_reverse() -> None:
    for nothing in ("", "none"):
        without_group = refusals(WorkerSubnetIds=SUBNETS, WorkerSecurityGroupId=nothing)
        without_subnets = refusals(WorkerSubnetIds=nothing, WorkerSecurityGroupId=GROUP)
        assert without_group.keys() == {"WorkerSubnetsHaveASecurityGroup"}
        assert without_subnets.keys() == {"WorkerSecurityGroupHasSubnets"}
        assert refusals(WorkerSubnetIds=nothing, WorkerSecurityGroupId=nothing) == {}
    assert refusals(WorkerSubnetIds=SUBNETS, WorkerSecurityGroupId=GROUP) == {}


# The functions that decode videos, without a VPC: docs/security.md says what they may do.
DECODING = {"PlanJob", "DetectSegment"}


@pytest.mark.parametrize("function", sorted(DECODING))
def test_a_function_that_decodes_videos_may_do_what_the_docs_say(function: str) -> None:
    granted = {
        (action, name)
        for statement in rights_of(OWN_SERVICE, function)
        for action in as_list(statement["Action"])
        for name in sorted(set(references(statement["Resource"])) - {"AWS::Partition"})
        if name not in {"AWS::StackName", "AWS::AccountId", "AWS::Region", "VideoBucketName"}
    }
    video_rights = {
        action
        for statement in rights_of(OWN_SERVICE, function)
        for action in as_list(statement["Action"])
        if "VideoBucketName" in json.dumps(statement) or "-videos-" in json.dumps(statement)
    }

    # PlanJob only stores a plan.
    reading = {("s3:GetObject", "ArtifactBucket"), ("s3:ListBucket", "ArtifactBucket")}
    assert granted == (set() if function == "PlanJob" else reading) | {
        ("s3:PutObject", "ArtifactBucket"),
        ("dynamodb:GetItem", "JobStoreTable"),
        ("logs:CreateLogStream", "ServiceLogs"),
        ("logs:PutLogEvents", "ServiceLogs"),
    }
    assert video_rights == {"s3:GetObject", "s3:GetObjectVersion", "s3:ListBucket"}


# ---------------------------------------------------------------- examples/worker_network.yaml


def network_resources(kind: str) -> list[Any]:
    """Returns the properties of the example network's resources of one type."""
    return [one["Properties"] for one in NETWORK["Resources"].values() if one["Type"] == kind]


def test_the_example_network_has_the_outputs_that_the_parameters_need() -> None:
    assert set(NETWORK["Outputs"]) == {"WorkerSubnetIds", "WorkerSecurityGroupId"}
    assert set(NETWORK["Outputs"]) <= set(OWN_SERVICE["Parameters"])


def test_the_example_network_has_no_way_out_but_the_two_endpoints() -> None:
    kinds = {resource["Type"] for resource in NETWORK["Resources"].values()}
    assert kinds.isdisjoint({"AWS::EC2::Route", "AWS::EC2::InternetGateway", "AWS::EC2::NatGateway"})
    endpoints = network_resources("AWS::EC2::VPCEndpoint")
    assert {one["VpcEndpointType"] for one in endpoints} == {"Gateway"}
    services = {one["ServiceName"]["Fn::Sub"].rpartition(".")[2] for one in endpoints}
    assert services == {"s3", "dynamodb"}
    [group] = network_resources("AWS::EC2::SecurityGroup")
    assert "SecurityGroupIngress" not in group


def test_the_endpoints_of_the_example_network_reach_this_account_only() -> None:
    account = {"Ref": "AWS::AccountId"}
    for endpoint in network_resources("AWS::EC2::VPCEndpoint"):
        [statement] = endpoint["PolicyDocument"]["Statement"]
        assert statement["Condition"] == {
            "StringEquals": {"aws:PrincipalAccount": account, "aws:ResourceAccount": account}
        }


def test_the_endpoints_of_the_example_network_allow_every_call_of_the_worker_and_no_other() -> None:
    allowed = {
        action
        for endpoint in network_resources("AWS::EC2::VPCEndpoint")
        for statement in endpoint["PolicyDocument"]["Statement"]
        for action in as_list(statement["Action"])
    }
    used = {
        action
        for function in WORKER
        for statement in rights_of(OWN_SERVICE, function)
        for action in as_list(statement["Action"])
        if action.startswith(("s3:", "dynamodb:"))
    }

    assert allowed == used


def test_the_example_network_resolves_no_names_but_those_of_the_endpoints() -> None:
    [group] = network_resources("AWS::Route53Resolver::FirewallRuleGroup")
    rules = sorted(group["FirewallRules"], key=lambda rule: int(rule["Priority"]))

    assert [rule["Action"] for rule in rules] == ["ALLOW", "BLOCK"]
    lists = [NETWORK["Resources"][rule["FirewallDomainListId"]["Ref"]]["Properties"] for rule in rules]
    assert [name["Fn::Sub"] for name in lists[0]["Domains"]] == [
        "s3.${AWS::Region}.amazonaws.com",
        "*.s3.${AWS::Region}.amazonaws.com",
        "dynamodb.${AWS::Region}.amazonaws.com",
        "${AWS::AccountId}.ddb.${AWS::Region}.amazonaws.com",
    ]
    assert lists[1]["Domains"] == ["*"]
