"""Step Functions: JSONata, the names of errors, the names of executions, and the events about them."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from people_pathing.service.executions import Executions
from people_pathing.service.steps.tasks import FailedStep
from tests.aws_beliefs.function import Function, Role, once_rights_apply
from tests.aws_beliefs.queues import Queue, timeout_s
from tests.stack_under_test import StackUnderTest

pytestmark = pytest.mark.stack

GUIDE = "in the AWS Step Functions Developer Guide"
DEFINITION = "statemachine/track_people.asl.json"
EXECUTIONS = "functions/people_pathing/service/executions.py"
ROOT = Path(__file__).parents[2]
NO_RIGHTS = "Lambda.AWSLambdaException"
ENDED = ("SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED")

NewMachine = Callable[[dict[str, Any]], str]


@pytest.fixture(scope="module")
def new_machine(
    account: StackUnderTest, function: Function, new_name: Callable[[str], str]
) -> Iterator[NewMachine]:
    """A function that creates state machines from their states, and returns their ARNs."""
    states = account.client("stepfunctions")
    invoke = {"Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": function.arn}
    role = Role(account, new_name("machines"), {"Service": "states.amazonaws.com"}, invoke)
    with ExitStack() as cleanup:
        cleanup.callback(role.delete)
        count = 0

        def create(definition: dict[str, Any]) -> str:
            nonlocal count
            count += 1
            made = once_rights_apply(
                lambda: states.create_state_machine(
                    name=new_name(f"machine-{count}"),
                    roleArn=role.arn,
                    definition=json.dumps({"QueryLanguage": "JSONata", **definition}),
                )
            )
            arn: str = made["stateMachineArn"]
            cleanup.callback(states.delete_state_machine, stateMachineArn=arn)
            return arn

        yield create


def run(account: StackUnderTest, machine: str, event: dict[str, Any]) -> Any:
    """Runs an execution to its end and returns its description."""
    states = account.client("stepfunctions")
    started = states.start_execution(stateMachineArn=machine, input=json.dumps(event))
    deadline = time.monotonic() + timeout_s(account)
    while True:
        found = states.describe_execution(executionArn=started["executionArn"])
        if found["status"] in ENDED:
            return found
        assert time.monotonic() < deadline, f"the execution did not end: {found}"
        time.sleep(0.5)


@pytest.fixture(scope="module")
def catching(new_machine: NewMachine, function: Function) -> str:
    """A state machine that invokes the function, as ours does, and returns its error."""
    caught = {"ErrorEquals": ["States.ALL"], "Output": "{% $states.errorOutput %}", "Next": "Caught"}
    task = {"Type": "Task", "Resource": function.arn, "TimeoutSeconds": 10, "Catch": [caught], "End": True}
    return new_machine({"StartAt": "Invoke", "States": {"Invoke": task, "Caught": {"Type": "Succeed"}}})


def error_of_task(account: StackUnderTest, machine: str, event: dict[str, Any]) -> Any:
    """Returns Error and Cause as a Catch sees them."""
    # Step Functions needs a while to use the rights of a new role, and Lambda to apply a limit.
    deadline = time.monotonic() + 60
    while True:
        found = json.loads(run(account, machine, event)["output"])
        if found.get("Error", NO_RIGHTS) != NO_RIGHTS or time.monotonic() > deadline:
            return found
        time.sleep(2)


@pytest.mark.aws_belief(
    source=f"Handling errors in Step Functions workflows {GUIDE}",
    used_by=f"{DEFINITION}, functions/people_pathing/service/steps/tasks.py",
)
def test_an_exception_of_a_function_is_an_error_of_its_class_with_its_message_in_the_cause(
    account: StackUnderTest, catching: str
) -> None:
    error = error_of_task(account, catching, {"wish": "raise"})
    assert error["Error"] == "VideoRejectedError"
    failed = FailedStep.from_event({"job_id": "a", "error": error})
    assert failed.message == "as wished"


def retried_twice() -> set[str]:
    """Returns the errors that the state machine retries twice: too little memory, or too little time."""
    definition = json.loads((ROOT / DEFINITION).read_text(encoding="utf-8"))
    retriers = definition["States"]["PlanJob"]["Retry"]
    return {name for retrier in retriers if retrier["MaxAttempts"] == 2 for name in retrier["ErrorEquals"]}


# The guide documents Lambda.Unknown for both. Executions have shown Runtime.ExitError and Sandbox.Timedout.
@pytest.mark.aws_belief(source=f"Handle Lambda service exceptions {GUIDE}", used_by=DEFINITION)
def test_a_function_whose_process_ends_has_an_error_that_is_retried_twice(
    account: StackUnderTest, catching: str
) -> None:
    assert error_of_task(account, catching, {"wish": "exit"})["Error"] in retried_twice()


@pytest.mark.aws_belief(source=f"Handle Lambda service exceptions {GUIDE}", used_by=DEFINITION)
def test_a_function_that_exceeds_its_own_timeout_has_an_error_that_is_retried_twice(
    account: StackUnderTest, catching: str
) -> None:
    assert error_of_task(account, catching, {"wish": "sleep"})["Error"] in retried_twice()


@pytest.mark.aws_belief(source=f"Handling errors in Step Functions workflows {GUIDE}", used_by=DEFINITION)
def test_a_state_that_exceeds_its_timeout_is_states_timeout(
    account: StackUnderTest, new_machine: NewMachine, function: Function
) -> None:
    caught = {"ErrorEquals": ["States.ALL"], "Output": "{% $states.errorOutput %}", "Next": "Caught"}
    task = {"Type": "Task", "Resource": function.arn, "TimeoutSeconds": 1, "Catch": [caught], "End": True}
    machine = new_machine({"StartAt": "Invoke", "States": {"Invoke": task, "Caught": {"Type": "Succeed"}}})
    assert error_of_task(account, machine, {"wish": "sleep"})["Error"] == "States.Timeout"


@pytest.mark.aws_belief(
    source=f"Handle Lambda service exceptions {GUIDE}",
    used_by=DEFINITION,
    differs_locally="MiniStack reports Lambda.Unknown",
)
def test_a_function_without_a_free_execution_is_lambda_toomanyrequestsexception(
    account: StackUnderTest, catching: str, function: Function
) -> None:
    function.client.put_function_concurrency(FunctionName=function.name, ReservedConcurrentExecutions=0)
    try:
        error = error_of_task(account, catching, {})
    finally:
        function.client.delete_function_concurrency(FunctionName=function.name)
    assert error["Error"] == "Lambda.TooManyRequestsException"


@pytest.mark.aws_belief(
    source=f"Transforming data with JSONata, and Map workflow state, {GUIDE}", used_by=DEFINITION
)
def test_a_map_takes_its_concurrency_from_an_expression_and_passes_items_on(
    account: StackUnderTest, new_machine: NewMachine
) -> None:
    machine = new_machine(
        {
            "StartAt": "Each",
            "States": {
                "Each": {
                    "Type": "Map",
                    "Items": "{% $states.input.items %}",
                    "ItemSelector": {
                        "job_id": "{% $states.input.job_id %}",
                        "item": "{% $states.context.Map.Item.Value %}",
                    },
                    "MaxConcurrency": "{% 2 %}",
                    "ItemProcessor": {
                        "ProcessorConfig": {"Mode": "INLINE"},
                        "StartAt": "Pass",
                        "States": {"Pass": {"Type": "Pass", "End": True}},
                    },
                    "End": True,
                }
            },
        }
    )
    ended = run(account, machine, {"job_id": "a", "items": [1, 2, 3]})
    assert json.loads(ended["output"]) == [{"job_id": "a", "item": number} for number in (1, 2, 3)]


@pytest.mark.aws_belief(
    source=f"Fail workflow state {GUIDE}", used_by=f"{DEFINITION}, functions/people_pathing/service/sweep.py"
)
def test_a_failed_execution_is_reported_to_eventbridge_with_its_name(
    account: StackUnderTest,
    new_machine: NewMachine,
    new_queue: Callable[..., Queue],
    new_name: Callable[[str], str],
) -> None:
    events, rule = account.client("events"), new_name("executions")
    machine = new_machine({"StartAt": "Fail", "States": {"Fail": {"Type": "Fail", "Error": "{% 'A' %}"}}})
    queue = new_queue("executions", "events.amazonaws.com")
    detail = {"stateMachineArn": [machine], "status": ["FAILED", "TIMED_OUT", "ABORTED"]}
    pattern = {
        "source": ["aws.states"],
        "detail-type": ["Step Functions Execution Status Change"],
        "detail": detail,
    }
    events.put_rule(Name=rule, EventPattern=json.dumps(pattern))
    events.put_targets(Rule=rule, Targets=[{"Id": "queue", "Arn": queue.arn}])
    try:
        names = [run(account, machine, {})["name"]]
        event = queue.wait_for(lambda _message: True, lambda: names.append(run(account, machine, {})["name"]))
    finally:
        events.remove_targets(Rule=rule, Ids=["queue"])
        events.delete_rule(Name=rule)
    assert event["detail"]["name"] in names
    assert event["detail"]["status"] == "FAILED"


@pytest.mark.aws_belief(source="StartExecution in the AWS Step Functions API Reference", used_by=EXECUTIONS)
def test_the_name_of_an_execution_that_has_ended_cannot_be_used_again(
    account: StackUnderTest, new_machine: NewMachine
) -> None:
    states = account.client("stepfunctions")
    machine = new_machine({"StartAt": "End", "States": {"End": {"Type": "Succeed"}}})
    started = states.start_execution(stateMachineArn=machine, name="one", input="{}")
    deadline = time.monotonic() + 30
    while states.describe_execution(executionArn=started["executionArn"])["status"] == "RUNNING":
        assert time.monotonic() < deadline
        time.sleep(0.5)
    with pytest.raises(states.exceptions.ExecutionAlreadyExists):
        states.start_execution(stateMachineArn=machine, name="one", input="{}")


@pytest.mark.aws_belief(source="StartExecution in the AWS Step Functions API Reference", used_by=EXECUTIONS)
def test_the_arn_of_an_execution_follows_from_that_of_its_machine(
    account: StackUnderTest, new_machine: NewMachine
) -> None:
    machine = new_machine(
        {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 5, "End": True}}}
    )
    executions = Executions(account.client("stepfunctions"), machine)
    assert executions.status("one") is None
    executions.start("one")
    executions.start("one")
    assert executions.status("one") == "RUNNING"


@pytest.mark.aws_belief(
    source=f"Creating an alias for a state machine version {GUIDE}", used_by=f"{EXECUTIONS}, template.yaml"
)
def test_an_execution_that_an_alias_starts_belongs_to_the_machine_and_has_no_alias_in_its_arn(
    account: StackUnderTest, new_machine: NewMachine
) -> None:
    states = account.client("stepfunctions")
    machine = new_machine(
        {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 5, "End": True}}}
    )
    version = states.publish_state_machine_version(stateMachineArn=machine)["stateMachineVersionArn"]
    alias = states.create_state_machine_alias(
        name="live", routingConfiguration=[{"stateMachineVersionArn": version, "weight": 100}]
    )["stateMachineAliasArn"]
    try:
        executions = Executions(states, alias)
        executions.start("one")
        executions.start("one")
        assert executions.status("one") == "RUNNING"
    finally:
        states.delete_state_machine_alias(stateMachineAliasArn=alias)


@pytest.mark.aws_belief(
    source="ValidateStateMachineDefinition in the AWS Step Functions API Reference", used_by=DEFINITION
)
def test_the_definition_of_the_state_machine_is_valid(account: StackUnderTest, function: Function) -> None:
    text = (ROOT / DEFINITION).read_text(encoding="utf-8")
    for name in ("PlanJob", "DetectSegment", "AssociateWindow", "LinkTracks", "PublishCompletion"):
        text = text.replace(f"${{{name}Arn}}", function.arn)
    text = text.replace("${MaxConcurrentSegments}", "5")
    found = account.client("stepfunctions").validate_state_machine_definition(definition=text)
    assert [each for each in found["diagnostics"] if each["severity"] == "ERROR"] == []
    assert found["result"] == "OK"
