"""`people-pathing check-role`: what a role for completion notices lacks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber
from moto import mock_aws

from people_pathing.cli.errors import CommandError
from people_pathing.cli.main import build_parser, main
from people_pathing.cli.role_check.publishing import publish_problem
from people_pathing.cli.role_check.role_needs import check_role
from people_pathing.cli.role_check.trust import trust_problem
from people_pathing.service.role_trust import trust_statement
from tests.fakes.aws_errors import client_error

ACCOUNT = "123456789012"
REGION = "us-east-1"
ROLES = f"arn:aws:iam::{ACCOUNT}:role"
SERVICE_ROLES = [f"{ROLES}/stack-TrackingApi", f"{ROLES}/stack-PublishCompletion", f"{ROLES}/stack-SweepJobs"]
SERVICE_ROLE = SERVICE_ROLES[0]
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:AmazonRekognition-stack"
# The trust policy of the guide: "Configuring Amazon Rekognition Video", and its managed policy.
GUIDE_TRUST = {
    "Effect": "Allow",
    "Principal": {"Service": "rekognition.amazonaws.com"},
    "Action": "sts:AssumeRole",
    "Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}},
}
PUBLISH = {"Effect": "Allow", "Action": "sns:Publish", "Resource": "arn:aws:sns:*:*:AmazonRekognition*"}


def document(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


@pytest.fixture
def iam() -> Iterator[Any]:
    """moto's IAM for a caller who may read roles, but not simulate. moto has no simulation."""
    with mock_aws():
        client = boto3.client("iam", region_name=REGION)
        client.meta.events.register("before-call.iam.SimulatePrincipalPolicy", _deny)
        yield client


def _deny(**_: Any) -> None:
    raise client_error("AccessDenied", "SimulatePrincipalPolicy", 403)


def make_role(iam: Any, *trust: dict[str, Any], path: str = "/") -> str:
    """Creates the role of the guide, with more statements in its trust policy, and returns its ARN."""
    policy = json.dumps(document(GUIDE_TRUST, *trust))
    role = iam.create_role(RoleName="Rekognition", Path=path, AssumeRolePolicyDocument=policy)["Role"]
    iam.put_role_policy(
        RoleName="Rekognition", PolicyName="own", PolicyDocument=json.dumps(document(PUBLISH))
    )
    arn: str = role["Arn"]
    return arn


def problems_of(iam: Any, role_arn: str, *, topic: str = TOPIC, named: bool = True) -> list[tuple[str, ...]]:
    names = [f"{ROLES}/own", *([role_arn] if named else [])]
    return [finding.problems for finding in check_role(iam, role_arn, topic, SERVICE_ROLES, names)]


def test_the_role_of_the_guide_lacks_trust_in_each_role_of_the_service(iam: Any) -> None:
    role_arn = make_role(iam)

    _, trust, publish = check_role(iam, role_arn, TOPIC, SERVICE_ROLES, [f"{ROLES}/own", role_arn])

    assert trust.problems == tuple(
        f"{arn} may not assume it: no statement allows it" for arn in SERVICE_ROLES
    )
    assert json.loads("\n".join(trust.remedy[1:])) == trust_statement(SERVICE_ROLES)
    assert publish.problems == ()


@pytest.mark.parametrize("path", ["/", "/service-role/video/"])
def test_the_role_of_the_guide_is_complete_with_the_statement_of_the_remedy(iam: Any, path: str) -> None:
    role_arn = make_role(iam, trust_statement(SERVICE_ROLES), path=path)

    assert problems_of(iam, role_arn) == [(), (), ()]


def test_a_role_that_the_stack_does_not_name_is_found_with_the_value_of_the_parameter(iam: Any) -> None:
    role_arn = make_role(iam, trust_statement(SERVICE_ROLES))
    named = [f"{ROLES}/own", f"{ROLES}/another"]

    first, *_ = check_role(iam, role_arn, TOPIC, SERVICE_ROLES, named)

    assert first.problems == ("the stack's parameter OtherNotificationRoleArns does not name it",)
    assert first.remedy[0].endswith(f"OtherNotificationRoleArns={ROLES}/another,{role_arn}")


def test_the_right_to_publish_is_not_checked_if_the_topic_is_not_known(iam: Any) -> None:
    role_arn = make_role(iam, trust_statement(SERVICE_ROLES))

    findings = list(check_role(iam, role_arn, None, SERVICE_ROLES, [f"{ROLES}/own", role_arn]))

    assert [finding.problems for finding in findings] == [(), ()]


def test_a_role_without_the_right_to_publish_is_found(iam: Any) -> None:
    role_arn = make_role(iam, trust_statement(SERVICE_ROLES))
    other = f"arn:aws:sns:{REGION}:{ACCOUNT}:mine"

    *_, publish = check_role(iam, role_arn, other, SERVICE_ROLES, [f"{ROLES}/own", role_arn])

    assert publish.problems == ("no policy of the role allows it without a condition",)
    assert json.loads("\n".join(publish.remedy[1:])) == {
        "Effect": "Allow",
        "Action": "sns:Publish",
        "Resource": other,
    }


def test_attached_policies_count_and_a_denial_wins(iam: Any) -> None:
    role_arn = make_role(iam)
    iam.delete_role_policy(RoleName="Rekognition", PolicyName="own")
    assert publish_problem(iam, role_arn, "Rekognition", TOPIC) is not None
    for name, effect in (("allow", "Allow"), ("deny", "Deny")):
        policy = json.dumps(document({"Effect": effect, "Action": ["sns:*"], "Resource": "*"}))
        arn = iam.create_policy(PolicyName=name, PolicyDocument=policy)["Policy"]["Arn"]
        iam.attach_role_policy(RoleName="Rekognition", PolicyArn=arn)
        problem = publish_problem(iam, role_arn, "Rekognition", TOPIC)
        assert problem == (None if effect == "Allow" else "a policy of the role denies it")


@pytest.mark.parametrize(
    ("denial", "problem"),
    [
        ({"NotAction": "s3:*", "Resource": "*"}, "a policy of the role denies it"),
        ({"Action": "sns:*", "NotResource": f"{TOPIC}-2"}, "a policy of the role denies it"),
        ({"NotAction": "sns:*", "Resource": "*"}, None),
        ({"Action": "sns:*", "NotResource": TOPIC}, None),
    ],
)
def test_a_denial_of_all_but_some_is_read(iam: Any, denial: dict[str, str], problem: str | None) -> None:
    role_arn = make_role(iam)
    policy = json.dumps(document({"Effect": "Deny", **denial}))
    iam.put_role_policy(RoleName="Rekognition", PolicyName="denial", PolicyDocument=policy)

    assert publish_problem(iam, role_arn, "Rekognition", TOPIC) == problem


@pytest.mark.parametrize(
    ("decision", "problem"),
    [("allowed", None), ("implicitDeny", "IAM's simulation says implicitDeny")],
)
def test_the_simulation_of_iam_decides_if_the_caller_may_use_it(decision: str, problem: str | None) -> None:
    client = boto3.client("iam", aws_access_key_id="a", aws_secret_access_key="s", region_name=REGION)
    with Stubber(client) as stubber:
        stubber.add_response(
            "simulate_principal_policy",
            {"EvaluationResults": [{"EvalActionName": "sns:Publish", "EvalDecision": decision}]},
            {"PolicySourceArn": SERVICE_ROLE, "ActionNames": ["sns:Publish"], "ResourceArns": [TOPIC]},
        )
        assert publish_problem(client, SERVICE_ROLE, "name", TOPIC) == problem


def statement(principal: Any = None, effect: str = "Allow", **more: Any) -> dict[str, Any]:
    principal = {"AWS": SERVICE_ROLE} if principal is None else principal
    return {"Effect": effect, "Principal": principal, "Action": "sts:AssumeRole", **more}


NOT_TAGGING = {"Effect": "Deny", "Principal": "*", "NotAction": "sts:TagSession"}
NOT_THE_OTHER = {
    "Effect": "Deny",
    "NotPrincipal": {"AWS": f"{ROLES}/other"},
    "Action": "sts:AssumeRole",
}


@pytest.mark.parametrize(
    "trust",
    [
        [statement()],
        [statement({"AWS": [f"{ROLES}/another", SERVICE_ROLE], "Service": "rekognition.amazonaws.com"})],
        [statement({"AWS": f"arn:aws:iam::{ACCOUNT}:root"})],
        [statement({"AWS": ACCOUNT})],
        [statement("*", Condition={"ArnLike": {"aws:PrincipalArn": f"{ROLES}/stack-*"}})],
        [statement("*", Condition={"StringEquals": {"aws:PrincipalAccount": ACCOUNT}})],
        [statement(Action=["sts:TagSession", "sts:Assume*"])],
        [statement(Condition={"StringEquals": {"sts:ExternalId": "x"}}), statement()],
        [statement("*", "Deny", Condition={"ArnLike": {"aws:PrincipalArn": f"{ROLES}/other"}}), statement()],
        [statement("*", "Deny", Condition={"ArnNotEquals": {"aws:PrincipalArn": SERVICE_ROLE}}), statement()],
        [statement("*", "Deny", Condition={"StringEquals": {"aws:SourceAccount": ACCOUNT}}), statement()],
        [statement(Condition={"StringEqualsIfExists": {"aws:SourceAccount": ACCOUNT}})],
        [statement(Condition={"StringNotEquals": {"aws:PrincipalAccount": "210987654321"}})],
        [statement(Condition={"Null": {"sts:ExternalId": "true"}})],
        [statement(Condition={"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}), statement()],
    ],
)
def test_a_statement_that_allows_the_role_is_enough(trust: list[dict[str, Any]]) -> None:
    assert trust_problem(document(*trust), SERVICE_ROLE) is None


def test_a_policy_with_one_statement_instead_of_a_list_is_read() -> None:
    assert trust_problem({"Statement": statement()}, SERVICE_ROLE) is None


@pytest.mark.parametrize(
    ("trust", "problem"),
    [
        ([], "no statement allows it"),
        ([GUIDE_TRUST], "no statement allows it"),
        ([statement({"AWS": f"{SERVICE_ROLE}2"})], "no statement allows it"),
        ([statement({"AWS": "arn:aws:iam::210987654321:root"})], "no statement allows it"),
        ([statement(Action="sts:AssumeRoleWithWebIdentity")], "no statement allows it"),
        ([statement(), statement("*", "Deny")], "a statement denies it"),
        ([statement(), NOT_TAGGING], "a statement denies it"),
        (
            [statement(), NOT_THE_OTHER],
            "a statement denies it",
        ),
        (
            [
                statement(),
                statement("*", "Deny", Condition={"StringNotEquals": {"aws:SourceAccount": ACCOUNT}}),
            ],
            "a statement denies it",
        ),
        (
            [statement(), statement("*", "Deny", Condition={"Null": {"aws:SourceArn": "true"}})],
            "a statement denies it",
        ),
        (
            [
                statement(),
                statement("*", "Deny", Condition={"ArnNotLike": {"aws:PrincipalArn": f"{ROLES}/x*"}}),
            ],
            "a statement denies it",
        ),
        (
            [
                statement(),
                statement("*", "Deny", Condition={"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}}),
            ],
            "a statement denies it under a condition on aws:PrincipalOrgID, which this command cannot check",
        ),
        (
            [statement(Condition={"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}})],
            "the statement about it has a condition on aws:SourceIp, which this command cannot check",
        ),
        (
            [statement("*", Condition={"StringEquals": {"aws:PrincipalArn": f"{ROLES}/*"}})],
            "the statement about it has a condition on aws:PrincipalArn, which is not met",
        ),
        (
            [statement(Condition={"StringEquals": {"aws:SourceAccount": ACCOUNT}})],
            "the statement about it has a condition on aws:SourceAccount, which is not met",
        ),
        (
            [statement(Condition={"StringEquals": {"sts:ExternalId": "x"}})],
            "the statement about it has a condition on sts:ExternalId, which is not met",
        ),
        (
            [statement("*", Condition={"ArnLike": {"aws:PrincipalArn": f"{ROLES}/other"}})],
            "the statement about it has a condition on aws:PrincipalArn, which is not met",
        ),
    ],
)
def test_a_trust_policy_that_does_not_allow_the_role_is_explained(
    trust: list[dict[str, Any]], problem: str
) -> None:
    assert trust_problem(document(*trust), SERVICE_ROLE) == problem


def test_a_role_that_was_deleted_and_made_again_is_explained(iam: Any) -> None:
    role_arn = make_role(iam, statement({"AWS": "AROAEXAMPLEEXAMPLE123"}))

    _, trust, _ = problems_of(iam, role_arn)

    assert trust[-1] == (
        "it names what was deleted: AROAEXAMPLEEXAMPLE123; a new role with the same name is another one"
    )


@pytest.mark.parametrize(
    ("arn", "message"),
    [
        (f"{ROLES}/none", "the role .*/none does not exist$"),
        (f"{ROLES}/path/Rekognition", f"does not exist; {ROLES}/Rekognition does"),
        ("arn:aws:iam::210987654321:role/theirs", '^.* is not in the stack\'s account .*"sts:AssumeRole"'),
    ],
)
def test_a_role_that_cannot_be_read_is_explained(iam: Any, arn: str, message: str) -> None:
    make_role(iam)

    with pytest.raises(CommandError, match=message):
        problems_of(iam, arn)


def test_a_caller_who_may_not_read_roles_gets_the_error_of_iam(iam: Any) -> None:
    def deny(**_: Any) -> None:
        raise client_error("AccessDenied", "GetRole", 403)

    role_arn = make_role(iam)
    iam.meta.events.register("before-call.iam.GetRole", deny)

    with pytest.raises(ClientError, match="GetRole"):
        problems_of(iam, role_arn)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["Rekognition"], "'Rekognition' is not the ARN of a role"),
        ([f"arn:aws:iam::{ACCOUNT}:user/me"], "is not the ARN of a role"),
        ([SERVICE_ROLE, "--topic", "mine"], "'mine' is not the ARN of a standard topic"),
        ([SERVICE_ROLE, "--topic", f"{TOPIC}.fifo"], "is not the ARN of a standard topic"),
    ],
)
def test_what_is_no_arn_is_rejected(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as exit_:
        build_parser().parse_args(["check-role", *arguments])

    assert exit_.value.code == 2
    assert message in capsys.readouterr().err


@pytest.fixture
def stack(iam: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A stack as CloudFormation describes it. Returns a function that names its role, and what it lacks."""
    outputs = {
        "JobTableName": "jobs",
        "TrackPeopleArn": "machine",
        "ServiceRoleArns": ",".join(SERVICE_ROLES),
        "CompletionRoleArn": f"{ROLES}/own",
        "CompletionTopicArn": TOPIC,
    }
    described: dict[str, Any] = {}
    cloudformation = SimpleNamespace(
        describe_stacks=lambda **named: {"Stacks": [described[named["StackName"]]]}
    )
    clients = {"iam": iam, "cloudformation": cloudformation}
    session = SimpleNamespace(client=clients.__getitem__)
    monkeypatch.setattr("people_pathing.cli.commands.check_role.aws_session", lambda _: session)

    def describe(role_arn: str, *without: str) -> None:
        described["people-pathing"] = {
            "Parameters": [{"ParameterKey": "OtherNotificationRoleArns", "ParameterValue": role_arn}],
            "Outputs": [
                {"OutputKey": name, "OutputValue": value}
                for name, value in outputs.items()
                if name not in without
            ],
        }

    return describe


def test_the_command_prints_what_is_missing_and_the_statement_and_returns_1(
    iam: Any, stack: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    role_arn = make_role(iam)
    stack(role_arn)

    assert main(["check-role", role_arn]) == 1

    printed = capsys.readouterr().out
    assert printed.startswith("ok: the stack may assume the role\nmissing: the role trusts the stack\n")
    assert printed.endswith(f"ok: the role may publish to {TOPIC}\n")
    shown = printed[printed.index("{") : printed.rindex("}") + 1]
    assert json.loads(shown) == trust_statement(SERVICE_ROLES)


def test_the_command_returns_0_for_a_complete_role(
    iam: Any, stack: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    role_arn = make_role(iam, trust_statement(SERVICE_ROLES))
    stack(role_arn)

    assert main(["check-role", role_arn, "--topic", TOPIC]) == 0
    assert capsys.readouterr().out.count("ok: ") == 3


def test_a_stack_that_calls_another_service_is_rejected(
    iam: Any, stack: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    stack("none", "TrackPeopleArn", "ServiceRoleArns")

    assert main(["check-role", SERVICE_ROLE]) == 1
    assert "calls another service" in capsys.readouterr().err


def test_a_stack_of_an_older_version_is_rejected(
    iam: Any, stack: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    stack("none", "ServiceRoleArns")

    assert main(["check-role", SERVICE_ROLE]) == 1
    assert "has no output ServiceRoleArns; deploy the template of this version" in capsys.readouterr().err
