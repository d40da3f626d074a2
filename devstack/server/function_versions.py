"""Makes MiniStack publish no version of a function that equals the one before, as AWS does.

MiniStack compares revision ids, and each update makes a new one. AWS compares code and configuration: an
update that is repeated after a rollback meets the version that it published before. Source, named from
memory: "Manage Lambda function versions" in the AWS Lambda Developer Guide.
"""

from typing import Any

_OF_ONE_VERSION = {
    "Version",
    "FunctionArn",
    "RevisionId",
    "LastModified",
    "Description",
    "State",
    "StateReason",
    "StateReasonCode",
    "LastUpdateStatus",
    "LastUpdateStatusReason",
    "LastUpdateStatusReasonCode",
}
"""Members that differ between a function and a version with the same code and configuration."""


def publish_changed_functions_only() -> None:
    """Replaces MiniStack's comparison, for CloudFormation and for PublishVersion."""
    from ministack.services import lambda_svc
    from ministack.services.cloudformation import provisioners

    publish_version = lambda_svc._publish_version
    function_of_version = provisioners._lambda_version_function

    def publish_unless_equal(name: str, request: dict[str, Any]) -> Any:
        function = lambda_svc._functions.get(name)
        if function is not None:
            _recognize_last_version(function)
        return publish_version(name, request)

    def function_with_recognized_version(properties: dict[str, Any]) -> Any:
        function, name = function_of_version(properties)
        if function:
            _recognize_last_version(function)
        return function, name

    lambda_svc._publish_version = publish_unless_equal
    provisioners._lambda_version_function = function_with_recognized_version


def _recognize_last_version(function: dict[str, Any]) -> None:
    """Tells MiniStack that the last version is of the current revision, if their contents are equal."""
    versions = function["versions"]
    if versions:
        last = versions[max(versions, key=int)]
        if _contents(last["config"]) == _contents(function["config"]):
            last["function_revision"] = function["config"]["RevisionId"]


def _contents(config: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in config.items() if name not in _OF_ONE_VERSION}
