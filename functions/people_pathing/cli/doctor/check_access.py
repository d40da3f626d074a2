"""Checks of who may do what with a deployed stack: its callers, and the roles that it uses."""

from __future__ import annotations

from people_pathing.cli.call_routing import OPERATIONS, default_folder, require_current, route_of
from people_pathing.cli.doctor.check_account import denied_actions
from people_pathing.cli.doctor.subjects import Stack
from people_pathing.cli.errors import CommandError
from people_pathing.cli.role_check.role_needs import ROLES_PARAMETER, check_role, named_roles
from people_pathing.common.finding import Finding, failed, not_checked, ok, warning
from people_pathing.smoke_test.api_calls import Api

_READERS_OF_VIDEOS = ("PlanJob", "DetectSegment")


def api_of(stack: Stack) -> Api:
    """Returns the stack's API."""
    return Api.of(stack.outputs, str(stack.account.region))


def check_api_refuses(stack: Stack) -> Finding:
    """Checks that the API can be reached, and refuses requests without a signature."""
    api = api_of(stack)
    reply = api.call()
    if not stack.has_own_service:
        return ok(f"{api.url} answers (HTTP {reply.status})")
    if reply.status == 403:
        return ok("the Function URL answers, and refuses an unsigned request")
    if 200 <= reply.status < 500:
        return failed(
            f"the Function URL let an unsigned request in ({reply})",
            "set its AuthType to AWS_IAM: anyone can call it; deploy the template again",
        )
    return failed(f"the Function URL answered {reply}", "see the log group of the service in CloudWatch")


def check_caller(stack: Stack) -> Finding:
    """Checks that the caller may call the API."""
    reply = api_of(stack).call(stack.account.credentials)
    if reply.error.endswith("ResourceNotFoundException"):
        return ok("the API answers the caller's signed request")
    if reply.status == 403:
        return failed(
            f"the API refused the caller's signed request ({reply})",
            f"attach the policy {stack.outputs['CallTrackingPolicyArn']} to the caller",
        )
    return failed(
        f"the API answered {reply} to a question about an unknown job, not ResourceNotFoundException",
        "see the log group of the service in CloudWatch",
    )


def check_rights_to_use(stack: Stack) -> Finding:
    """Asks IAM's simulation whether the caller may upload videos and read results and jobs."""
    partition, region = stack.account.partition, stack.account.region
    account_id = stack.outputs["CompletionTopicArn"].split(":")[4]
    table = f"arn:{partition}:dynamodb:{region}:{account_id}:table/{stack.outputs['JobTableName']}"
    needed = {
        f"arn:{partition}:s3:::{stack.outputs['VideoBucketName']}/*": ("s3:PutObject",),
        f"arn:{partition}:s3:::{stack.outputs['ResultsBucketName']}/*": ("s3:GetObject",),
        table: ("dynamodb:GetItem",),
        f"{table}/index/state-due_ms": ("dynamodb:Query",),
    }
    denied = [
        f"{action} on {resource}"
        for resource, actions in needed.items()
        for action in denied_actions(stack.account, actions, resource)
    ]
    if denied:
        return warning(
            f"IAM's simulation does not allow the caller {' and '.join(denied)}",
            "allow it if this caller uploads videos, reads results or runs people-pathing jobs",
        )
    return ok("IAM's simulation allows the caller to upload videos and to read results and jobs")


def check_notification_roles(stack: Stack) -> Finding:
    """Checks that the service may assume each role that callers may name in NotificationChannel."""
    if "ServiceRoleArns" not in stack.outputs:
        return not_checked("the stack calls another service, which assumes the roles")
    own, *_ = named = named_roles(stack.outputs, stack.parameters)
    iam, service_roles = stack.account.client("iam"), stack.outputs["ServiceRoleArns"].split(",")
    problems, lacking = [], []
    for role in named:
        try:
            # Only programs know the topics of other roles, so the right to publish is not checked.
            topic = stack.outputs["CompletionTopicArn"] if role == own else None
            findings = list(check_role(iam, role, topic, service_roles, named))
        except CommandError as error:
            problems.append(str(error))
            continue
        lacks = [f"{role}: {problem}" for finding in findings for problem in finding.problems]
        problems += lacks
        lacking += [role] if lacks else []
    if not problems:
        return ok(f"the service may use each of the {len(named)} roles for completion notices")
    commands = [f"people-pathing check-role {role} --stack-name {stack.name}" for role in lacking]
    return failed("; ".join(problems), "; ".join(commands) or f"correct {ROLES_PARAMETER}")


def check_video_key(stack: Stack) -> Finding:
    """Checks that the worker may decrypt videos if the bucket encrypts them with a key of its owner."""
    bucket = stack.outputs["VideoBucketName"]
    reply = stack.account.client("s3").get_bucket_encryption(Bucket=bucket)
    [rule] = reply["ServerSideEncryptionConfiguration"]["Rules"]
    default = rule["ApplyServerSideEncryptionByDefault"]
    if not default["SSEAlgorithm"].startswith("aws:kms"):
        return ok(f"{bucket} encrypts with {default['SSEAlgorithm']}, which needs no rights")
    key = default.get("KMSMasterKeyID", "alias/aws/s3")
    if not stack.has_own_service:
        return not_checked("the stack calls another service, which reads the videos")
    if not key.startswith("arn:"):
        return not_checked(f"{bucket} encrypts with the KMS key {key}, which is not named by its ARN")
    client, iam = stack.account.client("lambda"), stack.account.client("iam")
    denied = []
    for name in _READERS_OF_VIDEOS:
        function = stack.resources[name].physical_id
        role = client.get_function_configuration(FunctionName=function)["Role"]
        simulated = iam.simulate_principal_policy(
            PolicySourceArn=role, ActionNames=["kms:Decrypt"], ResourceArns=[key]
        )
        if simulated["EvaluationResults"][0]["EvalDecision"] != "allowed":
            denied.append(role)
    if denied:
        return failed(
            f"{bucket} encrypts with {key}, and no policy allows kms:Decrypt to {', '.join(denied)}",
            "allow it in the key's policy and to the roles, or encrypt the bucket with AES256",
        )
    return ok(f"the roles of the worker may decrypt with {key}, if the key's policy agrees")


def check_routing(stack: Stack) -> Finding:
    """Checks where boto3 on this machine sends calls of the two operations."""
    from people_pathing.client_routing.data_folder import DataFolder, ForeignFileError
    from people_pathing.client_routing.installed_sdk import (
        UnsuitableSdkError,
        installed_source,
        request_of_a_call,
    )

    region = str(stack.account.region)
    connect = f"people-pathing connect --stack-name {stack.name} --region {region}"
    try:
        route, folder = route_of(stack.outputs, region, stack.name), DataFolder(default_folder())
        if any(existing.region == region for existing in folder.routes()):
            require_current(folder, route, installed_source(), None)
            return ok(f"calls of {OPERATIONS} go to the stack")
    except (CommandError, ForeignFileError, UnsuitableSdkError) as error:
        return failed(str(error), f"repair the data files with `{connect}`, or remove them with --remove")
    sent = request_of_a_call(region)
    if sent.url.rstrip("/") == route.url.rstrip("/"):
        if sent.scope == f"{region}/{route.signing_name}":
            return ok(f"calls of {OPERATIONS} go to the stack")
        return failed(
            f"calls go to the stack, but signed for {sent.scope}, which a Function URL refuses",
            f"unset AWS_ENDPOINT_URL_REKOGNITION, and run `{connect}`",
        )
    if sent.url.rstrip("/").endswith(".amazonaws.com"):
        return warning(
            f"calls of {OPERATIONS} on this machine go to Rekognition, which retired them",
            f"if programs on this machine should call the stack: {connect}",
        )
    return failed(
        f"calls of {OPERATIONS} on this machine go to {sent.url}, not to {route.url}",
        "check AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_REKOGNITION, AWS_DATA_PATH and `endpoint_url` in your "
        "AWS profile",
    )
