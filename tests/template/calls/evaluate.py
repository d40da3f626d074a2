"""Evaluates policies with MiniStack's engine, which the local stack enforces. Runs in `.venv-aws`.

Reads one object from standard input and writes one to standard output; see `tests.template.calls.decisions`.
"""

from __future__ import annotations

import base64
import json
import sys
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from ministack.core import iam_actions, iam_evaluator

Check = tuple[str, str, dict[str, Any]]
"""An action, the ARN of a resource, and what conditions may read."""


def checks_of(request: dict[str, Any], region: str, account: str) -> list[Check]:
    """Returns what IAM checks for a request to a service."""
    service, method = request["service"], request["method"]
    url = urlsplit(request["url"])
    path, body = unquote(url.path), base64.b64decode(request["body"])
    query: dict[str, Any] = parse_qs(url.query, keep_blank_values=True)
    headers = {name.lower(): value for name, value in request["headers"].items()}
    if headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        query |= parse_qs(body.decode())
    action = iam_actions.extract_iam_action(service, method, path, headers, body, query)
    if transaction := iam_actions.dynamodb_transaction_checks(action, body, region, account):
        return [(single, resource, {}) for single, resource in transaction]
    resource = iam_actions.extract_resource_arn(service, method, path, headers, body, query, region, account)
    if service == "states" and ":stateMachine:" in resource:
        # Step Functions checks the state machine of an alias. Source: "Authorization for versions and aliases
        # in Step Functions workflows" in the AWS Step Functions Developer Guide.
        resource = ":".join(resource.split(":")[:7])
    context: dict[str, Any] = {}
    more: list[Check] = []
    if service == "s3":
        if action in ("s3:ListBucket", "s3:ListBucketVersions"):
            context = iam_actions.s3_service_context(action, query, path, headers)
        more = [
            (extra, arn, {})
            for extra, arn in iam_actions.s3_additional_checks(method, path, headers, body, query)
        ]
    return [(action, resource, context), *more]


def decide(check: Check, policies: list[Any], region: str, account: str) -> str:
    """Returns Allow, Deny or ImplicitDeny."""
    action, resource, context = check
    request = iam_evaluator.EvalContext(
        principal_arn=f"arn:aws:sts::{account}:assumed-role/role/session",
        principal_type="AssumedRole",
        principal_account=account,
        action=action,
        resource_arn=resource,
        region=region,
        source_ip="192.0.2.1",
        secure_transport=True,
        service_context={key.lower(): value for key, value in context.items()},
    )
    parsed = [iam_evaluator.parse_policy_document(policy) for policy in policies]
    return str(iam_evaluator.evaluate(request, parsed).decision)


def rights_of(policies: list[Any]) -> list[tuple[str, str, Any]]:
    """Returns every action and resource that the policies allow, with its condition."""
    return [
        (action, resource, statement.get("Condition", {}))
        for policy in policies
        for statement in policy["Statement"]
        if statement["Effect"] == "Allow"
        for action in as_list(statement["Action"])
        for resource in as_list(statement["Resource"])
    ]


def as_list(value: Any) -> list[Any]:
    """Returns a list of one if the value is none."""
    return value if isinstance(value, list) else [value]


def policy_of(right: tuple[str, str, Any]) -> Any:
    """Returns a policy that allows one thing only."""
    action, resource, condition = right
    statement = {"Effect": "Allow", "Action": action, "Resource": resource, "Condition": condition}
    return {"Version": "2012-10-17", "Statement": [statement]}


def main() -> None:
    """Writes what is denied, and what is allowed and not used, for each role."""
    asked = json.load(sys.stdin)
    region, account = asked["region"], asked["account"]
    answer = {}
    for role, given in asked["roles"].items():
        needed: list[Check] = [tuple(check) for check in given["checks"]]
        for request in given["requests"]:
            needed += checks_of(request, region, account)
        policies = given["policies"]
        answer[role] = {
            "denied": sorted(
                {
                    f"{check[0]} on {check[1]}"
                    for check in needed
                    if decide(check, policies, region, account) != "Allow"
                }
            ),
            "unused": sorted(
                {
                    f"{right[0]} on {right[1]}"
                    for right in rights_of(policies)
                    if not any(
                        decide(check, [policy_of(right)], region, account) == "Allow" for check in needed
                    )
                }
            ),
        }
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
