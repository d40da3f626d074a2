"""What every role of a deployed stack is used for: by the code, and by AWS."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from tests.template.calls.analysis import analysis_calls
from tests.template.calls.call import Call
from tests.template.calls.decisions import Use
from tests.template.calls.made_by_aws import (
    by_function_url,
    by_lambda,
    by_s3_for_a_missing_object,
    by_s3_for_the_key,
    by_step_functions,
)
from tests.template.calls.simulated import simulated_calls
from tests.template.calls.smoke_test import smoke_test_calls
from tests.template.resolved import Stack

BUCKETS = ("VideoBucket", "ResultsBucket", "ArtifactBucket")

RECORDED_IN = Stack({"SmokeTestHours": "24"})
"""Has every function, and buckets with the names that the template gives them."""


@cache
def recorded_calls() -> dict[str, list[Call]]:
    """Returns the calls that the code makes with each role."""
    found = {**simulated_calls(RECORDED_IN), **analysis_calls(RECORDED_IN), **smoke_test_calls(RECORDED_IN)}
    return {role: list(calls.values()) for role, calls in found.items()}


def uses(stack: Stack) -> dict[str, Use]:
    """Returns the use of every role of a stack."""
    roles = stack.of_type("AWS::IAM::Role")
    found = {role: Use() for role in roles}
    by_arn = {stack.arn(role): use for role, use in found.items()}
    for function, properties in stack.of_type("AWS::Lambda::Function").items():
        by_arn[properties["Role"]].checks += by_lambda(stack, function)
    for machine, properties in stack.of_type("AWS::StepFunctions::StateMachine").items():
        by_arn[properties["RoleArn"]].checks += by_step_functions(stack, machine)
    for role, use in found.items():
        for recorded in recorded_calls().get(role, []):
            for call in _variants(stack, recorded):
                _add(stack, call, use)
    return found


def _add(stack: Stack, call: Call, use: Use) -> None:
    if call.service == "rekognition":
        use.checks += by_function_url(stack, call)
        return
    use.calls.append(call)
    use.checks += by_s3_for_the_key(stack, call, _video_buckets(stack))
    use.checks += by_s3_for_a_missing_object(call)


def _variants(stack: Stack, recorded: Call) -> Iterator[Call]:
    """Yields a recorded call with the names of a stack, and the same call for its other buckets and roles."""
    renamed = {
        RECORDED_IN.physical_name(name): stack.physical_name(name)
        for name in BUCKETS
        if name in stack.resources
    }
    if recorded.bucket:
        if recorded.bucket not in renamed:
            return
        call = recorded.elsewhere(Bucket=renamed[recorded.bucket])
        is_read = call.operation in {"GetObject", "HeadObject", "ListObjectsV2"}
        is_video = is_read and call.bucket == stack.physical_name("VideoBucket")
        for bucket in _video_buckets(stack) if is_video else (call.bucket,):
            yield call.elsewhere(Bucket=bucket)
            # Callers may name no version, and a bucket may keep none.
            if is_video and "VersionId" in call.parameters:
                rest = {key: value for key, value in call.parameters.items() if key != "VersionId"}
                yield Call(call.service, call.operation, {**rest, "Bucket": bucket})
        return
    if any(str(value).startswith(_missing(stack)) for value in recorded.parameters.values()):
        return
    yield recorded
    if recorded.parameters.get("RoleArn") == stack.arn("CompletionRole"):
        for arn in _given(stack, "OtherNotificationRoleArns"):
            yield recorded.elsewhere(RoleArn=arn)


def _missing(stack: Stack) -> tuple[str, ...]:
    """Returns the names and ARNs of resources that a stack does not have. No code of it can call them."""
    missing = RECORDED_IN.resources.keys() - stack.resources.keys()
    return tuple(
        text for name in missing for text in (RECORDED_IN.physical_name(name), RECORDED_IN.arn(name))
    )


def _video_buckets(stack: Stack) -> tuple[str, ...]:
    return stack.physical_name("VideoBucket"), *_given(stack, "OtherVideoBuckets")


def _given(stack: Stack, parameter: str) -> list[str]:
    value = stack.parameters.get(parameter, "none")
    return [] if value == "none" else value.split(",")
