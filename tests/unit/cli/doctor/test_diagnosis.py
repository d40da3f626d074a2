"""`people-pathing doctor` as a whole: which checks run, and what becomes of errors."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from people_pathing.cli.doctor import checks
from people_pathing.cli.doctor.checks import Check, diagnose
from people_pathing.cli.doctor.subjects import Account, Stack, read_stack
from people_pathing.common.finding import Finding, Outcome, failed, ok
from tests.unit.cli.doctor.stubs import OUTPUTS, StubbedAws
from tests.unit.cli.programs import run_here

# The status is known when the stack has been read, and calls of the API need other rights.
ASKING_CHECKS = [check for check in checks.CHECKS_OF_A_STACK if check.actions and check.name != "status"]


@pytest.fixture
def aws() -> StubbedAws:
    return StubbedAws()


def deployed(aws: StubbedAws, status: str = "CREATE_COMPLETE", *, has_outputs: bool = True) -> None:
    """Answers what CloudFormation says about a stack."""
    outputs = [{"OutputKey": name, "OutputValue": value} for name, value in OUTPUTS.items() if has_outputs]
    stack = {
        "StackName": "people",
        "CreationTime": "2026-01-01",
        "StackStatus": status,
        "Outputs": outputs,
        "Parameters": [{"ParameterKey": "Detector", "ParameterValue": "hog"}],
    }
    resource = {
        "LogicalResourceId": "PlanJob",
        "PhysicalResourceId": "people-PlanJob",
        "ResourceType": "AWS::Lambda::Function",
        "LastUpdatedTimestamp": "2026-01-01",
        "ResourceStatus": "CREATE_COMPLETE",
    }
    aws.answer("cloudformation", "describe_stacks", Stacks=[stack])
    aws.answer("cloudformation", "list_stack_resources", StackResourceSummaries=[resource])


def use_checks(
    monkeypatch: pytest.MonkeyPatch,
    before: tuple[Check[Account], ...] = (),
    of_a_stack: tuple[Check[Stack], ...] = (),
) -> None:
    monkeypatch.setattr(checks, "CHECKS_BEFORE_DEPLOYMENT", before)
    monkeypatch.setattr(checks, "CHECKS_OF_A_STACK", of_a_stack)


def finds(finding: Finding) -> Check[Account]:
    return Check("before", lambda _: finding, needs_account=False)


def outcomes(account: Account, *, must_exist: bool = False) -> dict[str, Outcome]:
    return {line.name: line.finding.outcome for line in diagnose(account, "people", must_exist=must_exist)}


def test_a_stack_is_read_with_its_outputs_parameters_and_resources(aws: StubbedAws) -> None:
    deployed(aws)

    stack = read_stack(aws.account(), "people")

    assert stack is not None
    assert stack.outputs == OUTPUTS
    assert stack.parameters == {"Detector": "hog"}
    assert stack.resources["PlanJob"].physical_id == "people-PlanJob"


def test_before_a_deployment_the_tools_are_checked(aws: StubbedAws, monkeypatch: pytest.MonkeyPatch) -> None:
    use_checks(monkeypatch, before=(finds(ok("sam")),))
    aws.caller().refuse("cloudformation", "describe_stacks", "ValidationError")

    assert outcomes(aws.account()) == {
        "region": Outcome.OK,
        "endpoints": Outcome.OK,
        "credentials": Outcome.OK,
        "stack": Outcome.OK,
        "before": Outcome.OK,
    }


def test_a_stack_that_the_user_names_must_exist(aws: StubbedAws) -> None:
    aws.caller().refuse("cloudformation", "describe_stacks", "ValidationError")

    found = outcomes(aws.account(), must_exist=True)

    assert found["stack"] is Outcome.FAILED
    assert "sam" not in found


def test_after_a_deployment_the_stack_is_checked(aws: StubbedAws, monkeypatch: pytest.MonkeyPatch) -> None:
    use_checks(monkeypatch, (finds(ok("sam")),), (Check("functions", lambda stack: ok(stack.name)),))
    deployed(aws.caller())

    found = outcomes(aws.account(), must_exist=True)

    assert found["functions"] is Outcome.OK
    assert "before" not in found


def test_a_deployment_that_failed_is_reported_by_its_status(
    aws: StubbedAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_checks(monkeypatch)
    deployed(aws.caller(), "ROLLBACK_COMPLETE", has_outputs=False)

    assert outcomes(aws.account())["stack"] is Outcome.FAILED


def test_a_complete_stack_without_outputs_is_another_one(
    aws: StubbedAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_checks(monkeypatch)
    deployed(aws.caller(), "CREATE_COMPLETE", has_outputs=False)

    assert outcomes(aws.account(), must_exist=True)["stack"] is Outcome.FAILED


def test_without_credentials_only_the_tools_are_checked(
    aws: StubbedAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_checks(monkeypatch, (finds(ok("sam")), Check("executions", lambda _: ok("never called"))))
    aws.refuse("sts", "get_caller_identity", "InvalidClientTokenId")

    lines = {line.name: line.finding for line in diagnose(aws.account(), "people", must_exist=False)}

    assert lines["credentials"].outcome is Outcome.FAILED
    assert "set AWS_PROFILE" in lines["credentials"].advice
    assert lines["executions"].outcome is Outcome.NOT_CHECKED
    assert lines["before"].outcome is Outcome.OK


def test_without_a_region_nothing_is_asked_of_aws(aws: StubbedAws, monkeypatch: pytest.MonkeyPatch) -> None:
    use_checks(monkeypatch)

    assert outcomes(aws.account(region=None, partition=None)) == {
        "region": Outcome.FAILED,
        "endpoints": Outcome.NOT_CHECKED,
        "credentials": Outcome.NOT_CHECKED,
    }


def test_keys_without_a_region_are_not_called_wrong(aws: StubbedAws, monkeypatch: pytest.MonkeyPatch) -> None:
    use_checks(monkeypatch, before=(Check("executions", lambda _: ok("never called")),))
    lines = {
        line.name: line.finding
        for line in diagnose(aws.account(region=None, partition=None), "people", must_exist=False)
    }

    assert {lines[name].message for name in ("endpoints", "credentials", "executions")} == {
        "there is no region"
    }


def test_without_credentials_the_region_is_not_called_missing(
    aws: StubbedAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_checks(monkeypatch, before=(Check("executions", lambda _: ok("never called")),))
    aws.refuse("sts", "get_caller_identity", "InvalidClientTokenId")
    lines = {line.name: line.finding for line in diagnose(aws.account(), "people", must_exist=False)}

    assert lines["executions"].message == "there are no working credentials"


def test_a_declined_changeset_is_reported_and_the_next_deployment_is_checked(
    aws: StubbedAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_checks(monkeypatch, before=(finds(ok("sam")),))
    deployed(aws.caller(), "REVIEW_IN_PROGRESS", has_outputs=False)

    lines = {line.name: line.finding for line in diagnose(aws.account(), "people", must_exist=False)}

    assert lines["stack"].outcome is Outcome.FAILED
    assert "list-change-sets --stack-name people" in lines["stack"].advice
    assert lines["before"].outcome is Outcome.OK


@pytest.mark.parametrize("check", ASKING_CHECKS, ids=lambda check: check.name)
def test_a_denied_call_is_not_a_failure_and_names_the_right(check: Check[Stack]) -> None:
    account = replace(StubbedAws().account(), client=DenyingClient)
    stack = replace(StubbedAws().stack(), account=account)

    finding = checks._run(check, stack).finding

    assert finding.outcome is Outcome.NOT_CHECKED
    named = finding.message.removeprefix("needs ").split(" and ")
    assert set(named) <= set(check.actions)


class DenyingClient:
    """A client of a caller without any right."""

    def __init__(self, service: str) -> None:
        self._aws = StubbedAws()
        self._service = service

    def __getattr__(self, operation: str) -> object:
        if operation == "get_paginator":
            return self._paginator
        self._aws.refuse(self._service, operation, "AccessDeniedException")
        return getattr(self._aws.client(self._service), operation)

    def _paginator(self, operation: str) -> object:
        self._aws.refuse(self._service, operation, "AccessDeniedException")
        return self._aws.client(self._service).get_paginator(operation)


def test_another_error_of_aws_fails_with_one_line(aws: StubbedAws) -> None:
    aws.refuse("lambda", "get_account_settings", "ThrottlingException")
    [check] = [check for check in checks.CHECKS_OF_A_STACK if check.name == "executions"]

    finding = checks._run(check, aws.stack()).finding

    assert finding.outcome is Outcome.FAILED
    assert "GetAccountSettings: ThrottlingException" in finding.message
    assert finding.advice == "try again in a minute"


def test_a_network_error_fails_with_one_line() -> None:
    from botocore.exceptions import EndpointConnectionError

    def find(_: Account) -> Finding:
        raise EndpointConnectionError(endpoint_url="https://sts.amazonaws.com")

    finding = checks._run(Check("credentials", find), StubbedAws().account()).finding

    assert finding.outcome is Outcome.FAILED
    assert "check the network" in finding.advice


def test_a_defect_keeps_its_traceback() -> None:
    def find(_: Account) -> Finding:
        raise KeyError("a defect")

    with pytest.raises(KeyError):
        checks._run(Check("credentials", find), StubbedAws().account())


@pytest.mark.parametrize(("finding", "status"), [(ok("fine"), 0), (failed("broken", "repair it"), 1)])
def test_the_command_prints_a_line_for_each_check_and_fails_if_one_does(
    aws: StubbedAws, monkeypatch: pytest.MonkeyPatch, finding: Finding, status: int
) -> None:
    use_checks(monkeypatch, before=(finds(finding),))
    monkeypatch.setattr(Account, "of", lambda _: aws.account())
    for _ in range(2):
        aws.caller().refuse("cloudformation", "describe_stacks", "ValidationError")

    as_text = run_here("doctor")
    as_json = run_here("doctor", "--json")

    assert (as_text.returncode, as_json.returncode) == (status, status)
    expected = [f"{finding.outcome.value}: before: {finding.message}"] + (
        [f"  {finding.advice}"] if finding.advice else []
    )
    assert as_text.stdout.splitlines()[-len(expected) :] == expected
    assert json.loads(as_json.stdout)[-1] == {
        "check": "before",
        "outcome": finding.outcome.value,
        "message": finding.message,
        "advice": finding.advice or None,
    }
