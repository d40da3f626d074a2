"""Each outcome of the checks that need no stack."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from people_pathing.cli.doctor import check_account, check_tools
from people_pathing.cli.doctor.deployment_rights import RIGHTS_OF_THE_CATALOG, RIGHTS_OF_TYPES
from people_pathing.common.finding import Finding, Outcome
from tests.template.translated import REPOSITORY, deployed, translated
from tests.unit.cli.doctor.stubs import ACCOUNT_ID, CALLER, ROLES, StubbedAws


@pytest.fixture
def aws() -> StubbedAws:
    return StubbedAws()


def test_the_caller_is_named(aws: StubbedAws) -> None:
    finding = check_account.check_credentials(aws.caller().account())

    assert (finding.outcome, CALLER in finding.message) == (Outcome.OK, True)


@pytest.mark.parametrize(
    ("region", "partition", "outcome", "says"),
    [
        ("eu-west-1", "aws", Outcome.OK, "eu-west-1 has Function URLs"),
        ("eu-south-2", "aws", Outcome.FAILED, "no Function URLs in eu-south-2"),
        ("cn-north-1", "aws-cn", Outcome.FAILED, "partition aws-cn"),
        (None, None, Outcome.FAILED, "no region is set"),
    ],
)
def test_the_region_must_have_function_urls(
    aws: StubbedAws, region: str | None, partition: str | None, outcome: Outcome, says: str
) -> None:
    finding = check_account.check_region(aws.account(region, partition))

    assert finding.outcome is outcome
    assert says in finding.message
    assert bool(finding.advice) is (outcome is not Outcome.OK)


def test_an_endpoint_that_is_not_aws_is_named(aws: StubbedAws, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    assert check_account.check_endpoints(aws.account()).outcome is Outcome.OK

    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:4566")
    finding = check_account.check_endpoints(StubbedAws().account())

    assert finding.outcome is Outcome.WARNING
    assert "http://127.0.0.1:4566" in finding.message


@pytest.mark.parametrize(("quota", "outcome"), [(105, Outcome.OK), (104, Outcome.WARNING)])
def test_the_default_limits_need_105_executions(aws: StubbedAws, quota: int, outcome: Outcome) -> None:
    finding = check_account.check_default_quota(aws.quota(quota).account())

    assert finding.outcome is outcome
    assert outcome is Outcome.OK or "request a quota of at least 105" in finding.advice


def test_the_regions_are_those_that_the_template_refuses() -> None:
    [assertion] = translated()["Rules"]["RegionHasFunctionUrls"]["Assertions"]
    [contains] = assertion["Assert"]["Fn::Not"]

    assert set(contains["Fn::Contains"][0]) == check_account.REGIONS_WITHOUT_FUNCTION_URLS


def test_the_default_limits_are_those_of_the_template() -> None:
    parameters = translated()["Parameters"]

    assert parameters["MaxConcurrentJobs"]["Default"] == str(check_account.DEFAULT_JOBS)
    assert parameters["MaxConcurrentSegments"]["Default"] == str(check_account.DEFAULT_SEGMENTS)


def test_a_caller_who_may_create_everything_may_deploy(aws: StubbedAws) -> None:
    aws.caller().simulation(s3_CreateBucket="allowed", iam_CreateRole="allowed")

    assert check_account.check_rights_to_deploy(aws.account()).outcome is Outcome.OK


def test_actions_that_the_simulation_denies_are_named(aws: StubbedAws) -> None:
    aws.caller().simulation(s3_CreateBucket="allowed", iam_CreateRole="implicitDeny")

    finding = check_account.check_rights_to_deploy(aws.account())

    assert finding.outcome is Outcome.WARNING
    assert "does not allow iam:CreateRole" in finding.message


def simulate(aws: StubbedAws, *denied: str) -> Finding:
    """Checks the rights of a caller whom the simulation denies these actions and allows all others."""
    actions = check_account.actions_of_a_deployment()
    decisions = {
        action.replace(":", "_", 1): "implicitDeny" if action in denied else "allowed" for action in actions
    }
    return check_account.check_rights_to_deploy(aws.caller().simulation(**decisions).account())


def test_a_deployment_needs_actions_for_every_type_of_the_template() -> None:
    by_default = {resource["Type"] for resource in deployed()["Resources"].values()}
    every_type = {resource["Type"] for resource in translated()["Resources"].values()}

    assert RIGHTS_OF_TYPES.keys() == by_default
    assert RIGHTS_OF_TYPES.keys() | RIGHTS_OF_THE_CATALOG.keys() == every_type
    assert {
        *("lambda:PublishVersion", "lambda:CreateAlias", "lambda:PublishLayerVersion"),
        *("lambda:AddPermission", "lambda:PutFunctionEventInvokeConfig", "s3:PutBucketPolicy"),
        *("states:PublishStateMachineVersion", "states:CreateStateMachineAlias", "iam:PutRolePolicy"),
        *("iam:AttachRolePolicy", "sns:Subscribe", "sqs:SetQueueAttributes", "glue:CreateTable"),
    } <= set(check_account.actions_of_a_deployment())


def test_all_pages_of_a_simulation_are_read(aws: StubbedAws) -> None:
    first = {"EvalActionName": "s3:CreateBucket", "EvalDecision": "allowed"}
    second = {"EvalActionName": "s3:PutBucketPolicy", "EvalDecision": "implicitDeny"}
    aws.caller()
    aws.answer("iam", "simulate_principal_policy", EvaluationResults=[first], IsTruncated=True, Marker="next")
    aws.answer("iam", "simulate_principal_policy", EvaluationResults=[second])

    actions = ("s3:CreateBucket", "s3:PutBucketPolicy")
    assert check_account.denied_actions(aws.account(), actions) == ["s3:PutBucketPolicy"]


def test_the_sentence_says_that_the_actions_are_those_of_the_default_parameters(aws: StubbedAws) -> None:
    finding = simulate(aws)

    assert finding.outcome is Outcome.OK
    assert "with the default parameters" in finding.message


def test_the_catalog_is_not_needed_by_default(aws: StubbedAws) -> None:
    finding = simulate(aws, "glue:CreateTable")

    assert finding.outcome is Outcome.OK
    assert finding.message.endswith("it does not allow glue:CreateTable, which CatalogTables needs")


def test_a_denied_role_may_only_lack_its_permissions_boundary(aws: StubbedAws) -> None:
    role, bucket = simulate(aws, "iam:CreateRole"), simulate(StubbedAws(), "s3:CreateBucket")

    assert "PermissionsBoundaryArn" in role.advice
    assert "PermissionsBoundaryArn" not in bucket.advice


def test_the_policies_of_a_session_are_those_of_its_role(aws: StubbedAws) -> None:
    aws.caller(f"arn:aws:sts::{ACCOUNT_ID}:assumed-role/deployer/me")
    role = {
        "Path": "/teams/",
        "RoleName": "deployer",
        "RoleId": "AROA0123456789012345",
        "Arn": f"{ROLES}/teams/deployer",
        "CreateDate": "2026-01-01",
    }
    aws.answer("iam", "get_role", Role=role).simulation(sns_CreateTopic="explicitDeny")

    assert check_account.denied_actions(aws.account(), ("sns:CreateTopic",)) == ["sns:CreateTopic"]
    aws.assert_all_called()


def test_the_root_user_may_do_everything(aws: StubbedAws) -> None:
    aws.caller(f"arn:aws:iam::{ACCOUNT_ID}:root")

    assert check_account.check_rights_to_deploy(aws.account()).outcome is Outcome.OK


@pytest.mark.parametrize(
    ("script", "outcome", "says"),
    [
        ("echo 'SAM CLI, version 1.150.0'", Outcome.OK, "SAM CLI, version 1.150.0"),
        ("echo broken >&2; exit 3", Outcome.FAILED, "failed: broken"),
        (None, Outcome.FAILED, "there is no command sam"),
    ],
)
def test_sam_must_be_a_command_that_works(
    aws: StubbedAws,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    script: str | None,
    outcome: Outcome,
    says: str,
) -> None:
    use_only(monkeypatch, tmp_path, sam=script)

    finding = check_tools.check_sam(aws.account())

    assert finding.outcome is outcome
    assert says in finding.message


DOCKER = "echo 29.1.2"
DOCKER_THAT_IS_STOPPED = "echo 'No server' >&2; exit 1"
FINCH = 'test "$1" = version && echo Client:'
FINCH_THAT_IS_STOPPED = "echo 'instance finch is not running' >&2; exit 1"


@pytest.mark.parametrize(
    ("docker", "finch", "outcome", "says"),
    [
        (DOCKER, None, Outcome.OK, "Docker 29.1.2"),
        (None, FINCH, Outcome.OK, "Finch answers"),
        (DOCKER_THAT_IS_STOPPED, FINCH, Outcome.OK, "Finch answers"),
        (DOCKER, FINCH_THAT_IS_STOPPED, Outcome.OK, "Docker 29.1.2"),
        (DOCKER_THAT_IS_STOPPED, None, Outcome.WARNING, "Docker does not answer: No server"),
        (None, FINCH_THAT_IS_STOPPED, Outcome.WARNING, "Finch does not answer: instance finch"),
        (None, None, Outcome.WARNING, "there is no command docker and no command finch"),
    ],
)
def test_docker_or_finch_builds_the_image_or_it_is_built_elsewhere(
    aws: StubbedAws,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    docker: str | None,
    finch: str | None,
    outcome: Outcome,
    says: str,
) -> None:
    use_only(monkeypatch, tmp_path, docker=docker, finch=finch)

    finding = check_tools.check_image_builder(aws.account())

    assert finding.outcome is outcome
    assert says in finding.message
    assert ('"Without Docker" in docs/deploy.md' in finding.advice) is (outcome is Outcome.WARNING)
    assert "\n## Without Docker\n" in (REPOSITORY / "docs" / "deploy.md").read_text()


def test_make_and_python_must_be_there(
    aws: StubbedAws, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    use_only(monkeypatch, tmp_path, python3="true")
    assert "no command make" in check_tools.check_make(aws.account()).message

    use_only(monkeypatch, tmp_path, make="true")
    assert check_tools.check_make(aws.account()).outcome is Outcome.OK


@pytest.mark.parametrize(("gibibytes", "outcome"), [(9, Outcome.OK), (7, Outcome.WARNING)])
def test_the_disk_needs_room_for_the_build(
    aws: StubbedAws, monkeypatch: pytest.MonkeyPatch, gibibytes: int, outcome: Outcome
) -> None:
    usage = shutil.disk_usage("/")._replace(free=gibibytes * 1024**3)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)

    assert check_tools.check_disk(aws.account()).outcome is outcome


def use_only(monkeypatch: pytest.MonkeyPatch, folder: Path, **scripts: str | None) -> None:
    """Makes a folder with these scripts the only one that has commands."""
    for name, script in scripts.items():
        if script is not None:
            (folder / name).write_text(f"#!/bin/sh\n{script}\n")
            (folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))
