"""Checks of a deployed stack's state: its functions, images, triggers, limits and alarms."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from people_pathing.cli.doctor.check_account import limits_problem
from people_pathing.cli.doctor.subjects import Resource, Stack
from people_pathing.common.aws_errors import error_code
from people_pathing.common.finding import Finding, failed, not_checked, ok, warning
from people_pathing.service.capacity import (
    RESERVED_EXECUTIONS,
    SMOKE_TEST_EXECUTIONS,
    needed_executions,
)

_FUNCTION = "AWS::Lambda::Function"
_VERSION = "AWS::Lambda::Version"
_RULE = "AWS::Events::Rule"
_SMOKE_TEST = "RunSmokeTest"
_SMOKE_TEST_ALARM = "SmokeTestAlarm"
_HOUR = timedelta(hours=1)
_LOOK_BACK = timedelta(days=14)
_MISSING_IMAGE_CODES = {"ImageNotFoundException", "RepositoryNotFoundException"}


def check_status(stack: Stack) -> Finding:
    """Checks that CloudFormation has completed the last change."""
    status = stack.status
    if status in {"CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE"}:
        return ok(f"{stack.name} is {status}")
    if status == "REVIEW_IN_PROGRESS":
        return failed(
            f"{stack.name} has a changeset that was not executed, and no resources ({status})",
            "deploy again and confirm the changeset, or execute it "
            f"(aws cloudformation list-change-sets --stack-name {stack.name} shows its name), "
            f"or delete it with the empty stack: aws cloudformation delete-stack --stack-name {stack.name}",
        )
    if status.endswith("_IN_PROGRESS"):
        return failed(f"{stack.name} is being changed ({status})", "try again when it is complete")
    if status in {"UPDATE_ROLLBACK_COMPLETE", "IMPORT_ROLLBACK_COMPLETE"}:
        return warning(
            f"the last update of {stack.name} was undone ({status})",
            f"see why: aws cloudformation describe-stack-events --stack-name {stack.name}",
        )
    return failed(
        f"the deployment of {stack.name} failed ({status})",
        f"see why: aws cloudformation describe-stack-events --stack-name {stack.name}; "
        "a stack that was never complete must be deleted before it is deployed again",
    )


def check_limits(stack: Stack) -> Finding:
    """Checks that the stack's limits fit into the account's quota of executions."""
    if not stack.has_own_service:
        return not_checked("the stack calls another service, which has the limits")
    jobs = int(stack.parameters["MaxConcurrentJobs"])
    segments = int(stack.parameters["MaxConcurrentSegments"])
    others = RESERVED_EXECUTIONS + (SMOKE_TEST_EXECUTIONS if _SMOKE_TEST in stack.resources else 0)
    problem = limits_problem(stack.account, jobs, segments, others)
    if problem is None:
        needed = needed_executions(jobs, segments, others)
        return ok(f"the account can run the {needed} functions at once that the limits need")
    return failed(*problem)


def check_functions(stack: Stack) -> Finding:
    """Checks that every function can be invoked."""
    client = stack.account.client("lambda")
    functions = _called_functions(stack)
    problems, idle = [], []
    for function in functions:
        reply = client.get_function_configuration(FunctionName=function.physical_id)
        state, update = reply.get("State", "Active"), reply.get("LastUpdateStatus", "Successful")
        if state == "Inactive":
            idle.append(function.logical_id)
        elif state != "Active" or update != "Successful":
            why = reply.get("StateReason") or reply.get("LastUpdateStatusReason") or ""
            problems.append(f"{function.logical_id} is {state}, its last update {update} {why}".rstrip())
    if problems:
        return failed("; ".join(problems), "wait a minute if one is Pending or InProgress; else deploy again")
    if idle:
        return failed(
            f"not used for weeks, so the next call fails: {', '.join(idle)}",
            f"wake the stack up: people-pathing smoke --stack-name {stack.name}",
        )
    return ok(f"all {len(functions)} functions are active")


def _called_functions(stack: Stack) -> list[Resource]:
    """Returns the functions, with the ARN of the version where the stack calls a version.

    A version has its own state and image. The unpublished code of such a function is never called.
    """
    versions = {
        version.physical_id.split(":")[-2]: version.physical_id for version in stack.of_kind(_VERSION)
    }
    return [
        replace(function, physical_id=versions.get(function.physical_id, function.physical_id))
        for function in stack.of_kind(_FUNCTION)
    ]


def check_images(stack: Stack) -> Finding:
    """Checks that the images of the functions still exist."""
    client = stack.account.client("lambda")
    images: dict[str, str] = {}
    for function in _called_functions(stack):
        reply = client.get_function(FunctionName=function.physical_id)
        if reply["Configuration"].get("PackageType") == "Image":
            images[function.logical_id] = reply.get("Code", {}).get("ResolvedImageUri", "")
    if not images:
        return ok("no function of the stack is an image")
    # Lambda resolves a tag to a digest when it deploys an image. A simulator of AWS runs no images.
    unknown = [name for name, uri in images.items() if "@" not in uri]
    if unknown:
        return not_checked(f"Lambda does not say which image is run by {', '.join(unknown)}")
    missing = [name for name, uri in images.items() if not _image_exists(stack, uri)]
    if missing:
        return failed(
            f"the image of {', '.join(missing)} was deleted from its repository",
            "build and deploy again: sam build && sam deploy",
        )
    return ok(f"the images of {len(images)} functions exist")


def _image_exists(stack: Stack, uri: str) -> bool:
    """Tells whether an image exists, by its URI ACCOUNT.dkr.ecr.REGION.amazonaws.com/REPOSITORY@DIGEST."""
    from botocore.exceptions import ClientError

    registry, _, path = uri.partition("/")
    repository, _, digest = path.partition("@")
    try:
        stack.account.client("ecr").describe_images(
            registryId=registry.partition(".")[0],
            repositoryName=repository,
            imageIds=[{"imageDigest": digest}],
        )
    except ClientError as error:
        if error_code(error) not in _MISSING_IMAGE_CODES:
            raise
        return False
    return True


def check_trigger(stack: Stack) -> Finding:
    """Checks that an upload starts the pipeline."""
    bucket, function = stack.outputs["VideoBucketName"], stack.resources["StartTracking"].physical_id
    reply = stack.account.client("s3").get_bucket_notification_configuration(Bucket=bucket)
    arns = [each["LambdaFunctionArn"] for each in reply.get("LambdaFunctionConfigurations", [])]
    if any(arn.split(":")[6] == function for arn in arns):
        return ok(f"uploads to {bucket} start StartTracking")
    return failed(
        f"uploads to {bucket} do not start StartTracking: the bucket's notification was changed",
        f"add a notification of s3:ObjectCreated:* to {function} again",
    )


def check_schedules(stack: Stack) -> Finding:
    """Checks that the rules that start functions are enabled."""
    events = stack.account.client("events")
    rules = stack.of_kind(_RULE)
    disabled = [rule for rule in rules if _state(events, rule) != "ENABLED"]
    if not disabled:
        return ok(f"all {len(rules)} rules are enabled")
    return failed(
        f"these rules are disabled: {', '.join(rule.logical_id for rule in disabled)}",
        "; ".join(f"aws events enable-rule --name {_rule_name(rule)}" for rule in disabled),
    )


def _state(events: object, rule: Resource) -> str:
    state: str = events.describe_rule(Name=_rule_name(rule))["State"]  # type: ignore[attr-defined]
    return state


def _rule_name(rule: Resource) -> str:
    return rule.physical_id.rpartition("/")[2]


def check_alarm_receivers(stack: Stack) -> Finding:
    """Checks that the alarm topic has a confirmed subscription."""
    topic = stack.outputs["AlarmTopicArn"]
    pages = stack.account.client("sns").get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic)
    subscriptions = [each for page in pages for each in page["Subscriptions"]]
    # Until the receiver of a mail has confirmed it, this is not an ARN.
    confirmed = [each for each in subscriptions if each["SubscriptionArn"].startswith("arn:")]
    if confirmed:
        return ok(f"the alarm topic has {len(confirmed)} confirmed subscriptions")
    if subscriptions:
        return warning(
            f"{subscriptions[0].get('Endpoint', 'the receiver')} has not confirmed that it receives alarms",
            'open the link in the mail "AWS Notification - Subscription Confirmation"',
        )
    return warning(
        "the alarm topic has no subscription", "deploy with AlarmEmail, or subscribe to the alarm topic"
    )


def check_smoke_test(stack: Stack) -> Finding:
    """Reads when the last scheduled smoke test ran, and from its alarm how it ended, if the stack has one."""
    alarm = stack.resources.get(_SMOKE_TEST_ALARM)
    if alarm is None:
        return ok("no smoke test is scheduled (SmokeTestHours)")
    cloudwatch = stack.account.client("cloudwatch")
    states = [
        each["StateValue"]
        for each in cloudwatch.describe_alarms(AlarmNames=[alarm.physical_id])["MetricAlarms"]
    ]
    if not states:
        return failed("the alarm SmokeTestAlarm was deleted", "deploy the template again")
    hours = int(stack.parameters["SmokeTestHours"])
    every = f"one runs every {hours} hours"
    if states == ["ALARM"]:
        return failed(
            "the last scheduled smoke test failed", "see SmokeTestAlarm in docs/operations.md for the reason"
        )
    age = _age_of_last_run(cloudwatch, stack.resources[_SMOKE_TEST].physical_id)
    # The alarm keeps its state without a run. A data point has the time at which its hour began.
    if age is None or age > timedelta(hours=hours) + 2 * _HOUR:
        lasting = f"{_LOOK_BACK.days} days" if age is None else f"{age // _HOUR} hours"
        return warning(
            f"no scheduled smoke test has run for {lasting}, although {every}",
            "wait for the first one if the stack is new; else see NoSmokeTestAlarm in docs/operations.md",
        )
    if states == ["OK"]:
        return ok(f"the last scheduled smoke test succeeded; {every}")
    return not_checked("a scheduled smoke test has run, and CloudWatch has not evaluated it yet")


def _age_of_last_run(cloudwatch: Any, function: str) -> timedelta | None:
    """Returns how long ago the last hour with a run of a function began, or None if it is out of sight."""
    now = datetime.now(UTC)
    reply = cloudwatch.get_metric_statistics(
        Namespace="AWS/Lambda",
        MetricName="Invocations",
        Dimensions=[{"Name": "FunctionName", "Value": function}],
        StartTime=now - _LOOK_BACK,
        EndTime=now,
        Period=int(_HOUR.total_seconds()),
        Statistics=["Sum"],
    )
    times: list[datetime] = [point["Timestamp"] for point in reply["Datapoints"]]
    return now - max(times) if times else None
