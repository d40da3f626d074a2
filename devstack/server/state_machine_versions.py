"""Makes MiniStack deploy versions and aliases of state machines, and run the version that an alias names.

MiniStack has their API, but not their CloudFormation resources, and its executions always run the newest
definition. The alias follows AWS's own handler of the resource, except that a canary does not wait: it looks
at the alarms and moves the alias. Source:
https://github.com/aws-cloudformation/aws-cloudformation-resource-providers-stepfunctions
"""

import json
import re
from contextvars import ContextVar
from typing import Any

_QUALIFIED = re.compile(r"(arn:[^:]*:states:[^:]*:[^:]*:stateMachine:[^:]+):[^:]+")
_ROLLING_BACK = "UPDATE_ROLLBACK_IN_PROGRESS"
_of_this_execution: ContextVar[dict[str, Any] | None] = ContextVar("version of this execution", default=None)
"""The version whose definition the current execution runs, or None for the state machine's own definition."""


def deploy_state_machine_versions() -> None:
    """Adds the two resources to MiniStack, and makes executions run the version that was started."""
    from ministack.services.cloudformation import provisioners

    provisioners._RESOURCE_HANDLERS["AWS::StepFunctions::StateMachineVersion"] = {
        "create": _create_version,
        "update": _replace_version,
        "delete": _delete_version,
    }
    provisioners._RESOURCE_HANDLERS["AWS::StepFunctions::StateMachineAlias"] = {
        "create": _create_alias,
        "update": _update_alias,
        "delete": _delete_alias,
    }
    _run_started_versions()
    _authorize_by_state_machine()


def _create_version(_logical_id: str, properties: dict[str, Any], _stack: str) -> tuple[str, dict[str, str]]:
    from ministack.services import stepfunctions

    request = {
        "stateMachineArn": properties["StateMachineArn"],
        "revisionId": properties.get("StateMachineRevisionId"),
        "description": properties.get("Description", ""),
    }
    arn = _reply(stepfunctions._publish_state_machine_version(request))["stateMachineVersionArn"]
    return arn, {"Arn": arn}


def _replace_version(
    _arn: str, _old: dict[str, Any], new: dict[str, Any], stack: str
) -> tuple[str, dict[str, str]]:
    # A version never changes. MiniStack deletes the old one unless its policy retains it.
    return _create_version("", new, stack)


def _delete_version(arn: str, _properties: dict[str, Any]) -> None:
    from ministack.services import stepfunctions

    _reply(stepfunctions._delete_state_machine_version({"stateMachineVersionArn": arn}))


def _create_alias(_logical_id: str, properties: dict[str, Any], _stack: str) -> tuple[str, dict[str, str]]:
    from ministack.services import stepfunctions

    request = {"name": properties["Name"], "routingConfiguration": _all_to(properties)}
    arn = _reply(stepfunctions._create_state_machine_alias(request))["stateMachineAliasArn"]
    return arn, {"Arn": arn}


def _update_alias(
    arn: str, _old: dict[str, Any], new: dict[str, Any], stack: str
) -> tuple[str, dict[str, str]]:
    from ministack.services import stepfunctions
    from ministack.services.cloudformation import _stacks

    is_rollback = _stacks.get(stack, {}).get("StackStatus") == _ROLLING_BACK
    preference = new["DeploymentPreference"]
    ringing = [] if is_rollback else _ringing(preference.get("Alarms", ()))
    if preference["Type"] != "ALL_AT_ONCE" and ringing:
        raise ValueError(f"Aborting deployment. These CloudWatch alarms are in the state ALARM: {ringing}")
    request = {"stateMachineAliasArn": arn, "routingConfiguration": _all_to(new)}
    _reply(stepfunctions._update_state_machine_alias(request))
    return arn, {"Arn": arn}


def _delete_alias(arn: str, _properties: dict[str, Any]) -> None:
    from ministack.services import stepfunctions

    _reply(stepfunctions._delete_state_machine_alias({"stateMachineAliasArn": arn}))


def _all_to(properties: dict[str, Any]) -> list[dict[str, Any]]:
    version = properties["DeploymentPreference"]["StateMachineVersionArn"]
    return [{"stateMachineVersionArn": version, "weight": 100}]


def _ringing(names: list[str] | tuple[str, ...]) -> list[str]:
    from ministack.services import cloudwatch

    return [name for name in names if cloudwatch._alarms.get(name, {}).get("StateValue") == "ALARM"]


def _reply(response: tuple[int, dict[str, str], Any]) -> dict[str, Any]:
    status, _, body = response
    reply: dict[str, Any] = json.loads(body)
    if status >= 400:
        raise ValueError(f"{reply.get('__type')}: {reply.get('message', reply.get('Message'))}")
    return reply


def _run_started_versions() -> None:
    from ministack.core.responses import AccountRegionScopedDict
    from ministack.services import stepfunctions

    class StateMachines(AccountRegionScopedDict):  # type: ignore[misc]  # MiniStack has no types
        """Shows an execution the definition and the role of its version."""

        __slots__ = ()

        def get(self, arn: str, default: Any = None) -> Any:
            machine = super().get(arn, default)
            version = _of_this_execution.get()
            if machine is None or version is None or version["stateMachineArn"] != arn:
                return machine
            return {**machine, "definition": version["definition"], "roleArn": version["roleArn"]}

    machines = StateMachines()
    machines._data = stepfunctions._state_machines._data
    stepfunctions._state_machines = machines
    start_execution = stepfunctions._start_execution

    def start_execution_of_version(request: dict[str, Any]) -> Any:
        arn = stepfunctions._execution_version_arn(request.get("stateMachineArn", ""))
        # The thread that runs the execution inherits the context.
        token = _of_this_execution.set(stepfunctions._state_machine_versions.get(arn) if arn else None)
        try:
            return start_execution(request)
        finally:
            _of_this_execution.reset(token)

    stepfunctions._start_execution = start_execution_of_version


def _authorize_by_state_machine() -> None:
    """Makes policies name the state machine where a request names a version or an alias.

    Source: "Authorization for versions and aliases in Step Functions workflows" in the AWS Step Functions
    Developer Guide, read on 2026-11-26.
    """
    from ministack.core import iam_actions

    extract_resource_arn = iam_actions.extract_resource_arn

    def extract_unqualified_arn(service: str, *arguments: Any, **options: Any) -> Any:
        arn = extract_resource_arn(service, *arguments, **options)
        qualified = _QUALIFIED.fullmatch(arn) if isinstance(arn, str) else None
        return qualified[1] if qualified else arn

    iam_actions.extract_resource_arn = extract_unqualified_arn
