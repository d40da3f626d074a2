"""Checks of the caller's settings and account, which need no stack."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from people_pathing.cli.doctor.deployment_rights import (
    BOUNDARY_ACTIONS,
    RIGHTS_OF_SAM,
    RIGHTS_OF_THE_CATALOG,
    RIGHTS_OF_TYPES,
)
from people_pathing.cli.doctor.subjects import Account
from people_pathing.common.finding import Finding, failed, ok, warning
from people_pathing.service.capacity import RESERVED_EXECUTIONS, needed_executions, quota_problem

DEFAULT_JOBS = 20
"""MaxConcurrentJobs in the template."""
DEFAULT_SEGMENTS = 5
"""MaxConcurrentSegments in the template."""

REGIONS_WITHOUT_FUNCTION_URLS = frozenset(
    {
        *("ap-east-2", "ap-south-2", "ap-southeast-4", "ap-southeast-5", "ap-southeast-6", "ap-southeast-7"),
        *("ca-west-1", "eu-central-2", "eu-south-2", "il-central-1", "me-central-1"),
    }
)
"""Source: "Creating and managing Lambda function URLs" in the Lambda Developer Guide, read on 2026-11-26."""

_AWS_DOMAINS = (".amazonaws.com", ".amazonaws.com.cn", ".api.aws")


def check_credentials(account: Account) -> Finding:
    """Checks that AWS accepts the credentials."""
    return ok(f"AWS knows the caller as {account.caller_arn()}")


def check_region(account: Account) -> Finding:
    """Checks that the template can be deployed in the region."""
    region, partition = account.region, account.partition
    if region is None:
        return failed(
            "no region is set",
            "set AWS_DEFAULT_REGION (boto3 does not read AWS_REGION), or `region` in your profile",
        )
    if partition != "aws":
        return failed(
            f"{region} is in the partition {partition}, and the template refuses every partition but aws",
            "use a region of the partition aws",
        )
    if region in REGIONS_WITHOUT_FUNCTION_URLS:
        return failed(
            f"Lambda has no Function URLs in {region}, and the service's API is one",
            "use another region, or deploy with RekognitionEndpointUrl",
        )
    return ok(f"{region} has Function URLs")


def check_endpoints(account: Account) -> Finding:
    """Checks that the settings send calls to AWS."""
    url = account.client("cloudformation").meta.endpoint_url
    host = urlsplit(url).hostname or ""
    if host.endswith(_AWS_DOMAINS):
        return ok("calls go to AWS")
    return warning(
        f"calls go to {url}, not to AWS",
        "if you want AWS, unset AWS_ENDPOINT_URL and remove `endpoint_url` from your profile",
    )


def check_default_quota(account: Account) -> Finding:
    """Checks that the template's default limits fit into the account's quota of executions."""
    problem = limits_problem(account, DEFAULT_JOBS, DEFAULT_SEGMENTS)
    if problem is None:
        return ok(
            f"the account can run the {needed_executions(DEFAULT_JOBS, DEFAULT_SEGMENTS)} functions at once "
            "that the default limits need"
        )
    return warning(*problem)


def limits_problem(
    account: Account, jobs: int, segments: int, others: int = RESERVED_EXECUTIONS
) -> tuple[str, str] | None:
    """Returns what is wrong with a stack's limits and what would be right, or None if they fit.

    Args:
        account: the account. What its functions have reserved is not available to the stack.
        jobs: MaxConcurrentJobs.
        segments: MaxConcurrentSegments.
        others: executions for functions that are no steps of jobs.
    """
    quota = account.client("lambda").get_account_settings()["AccountLimit"]["UnreservedConcurrentExecutions"]
    problem = quota_problem(jobs, segments, quota, others)
    if problem is None:
        return None
    message, _, advice = problem.rpartition(": ")
    return message, advice


def check_rights_to_deploy(account: Account) -> Finding:
    """Asks IAM's simulation whether the caller may create the template's resources."""
    denied = denied_actions(account, actions_of_a_deployment())
    of_the_catalog = _flat(RIGHTS_OF_THE_CATALOG)
    missing = [action for action in denied if action not in of_the_catalog]
    if missing:
        advice = "use other credentials, or make sure that a policy allows it for the resources of the stack"
        if not BOUNDARY_ACTIONS.isdisjoint(missing):
            advice += (
                "; the simulated roles have no permissions boundary, so if a policy allows it only for roles "
                "with one, this is no problem: deploy with PermissionsBoundaryArn"
            )
        return warning(
            f"IAM's simulation does not allow {', '.join(missing)} for every resource",
            advice,
        )
    allowed = (
        "IAM's simulation allows the caller the actions that usually create the template's resources with "
        "the default parameters"
    )
    if denied:
        return ok(f"{allowed}; it does not allow {', '.join(denied)}, which CatalogTables needs")
    return ok(allowed)


def actions_of_a_deployment() -> tuple[str, ...]:
    """Returns the actions that a deployment calls, each once."""
    actions = (*RIGHTS_OF_SAM, *_flat(RIGHTS_OF_TYPES), *_flat(RIGHTS_OF_THE_CATALOG))
    return tuple(dict.fromkeys(actions))


def _flat(rights: Mapping[str, tuple[str, ...]]) -> list[str]:
    return [action for actions in rights.values() for action in actions]


def denied_actions(account: Account, actions: tuple[str, ...], resource: str = "*") -> list[str]:
    """Returns those of the actions that IAM's simulation does not allow the caller.

    Args:
        account: the account.
        actions: the actions, for example "s3:PutObject".
        resource: the ARN of the resource; "*" stands for all.
    """
    arn = account.caller_arn()
    service, _, name = arn.split(":", 5)[5].partition("/")
    if service == "root":
        return []
    iam = account.client("iam")
    if service == "assumed-role":
        # The path of the role is not in the ARN of its session.
        arn = iam.get_role(RoleName=name.partition("/")[0])["Role"]["Arn"]
    pages = iam.get_paginator("simulate_principal_policy").paginate(
        PolicySourceArn=arn, ActionNames=list(actions), ResourceArns=[resource]
    )
    return [
        each["EvalActionName"]
        for page in pages
        for each in page["EvaluationResults"]
        if each["EvalDecision"] != "allowed"
    ]
