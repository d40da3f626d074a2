"""Whether a role's policies allow its calls, and nothing else."""

from __future__ import annotations

import base64
import json
import subprocess
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import boto3
from botocore.config import Config

from tests.template.calls.call import Call
from tests.template.resolved import Stack
from tests.template.translated import REPOSITORY, Json

PYTHON = REPOSITORY / ".venv-aws" / "bin" / "python"

Check = tuple[str, str, dict[str, str]]
"""An action, the ARN of a resource, and what conditions may read."""


@dataclass
class Use:
    """What a role is used for.

    Attributes:
        calls: the calls of the code.
        checks: what AWS checks besides, because it acts with the role or passes a call on.
    """

    calls: list[Call] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)


@dataclass(frozen=True)
class Decision:
    """How a role's policies and its use differ. Both lists have texts like "s3:GetObject on ARN"."""

    denied: tuple[str, ...]
    unused: tuple[str, ...]


class SentError(Exception):
    """Carries a request that was about to be sent."""

    def __init__(self, request: Any) -> None:
        super().__init__()
        self.request = request


@cache
def _client(service: Any) -> Any:
    client: Any = boto3.Session("key", "secret", region_name="us-east-1").client(
        service, config=Config(s3={"addressing_style": "path"}, parameter_validation=False)
    )

    def stop(request: Any, **_: Any) -> None:
        raise SentError(request)

    client.meta.events.register("before-send", stop)
    return client


def request_of(call: Call) -> Json:
    """Returns the HTTP request that boto3 sends for a call."""
    client = _client(call.service)
    methods = {operation: method for method, operation in client.meta.method_to_api_mapping.items()}
    parameters = {k: v for k, v in call.parameters.items() if k not in {"ChecksumAlgorithm", "Config"}}
    try:
        getattr(client, methods[call.operation])(**parameters)
    except SentError as sent:
        body = sent.request.body or b""
        content = body if isinstance(body, bytes) else body.encode() if isinstance(body, str) else b""
        return {
            # IAM knows a service by its name in signatures.
            "service": client.meta.service_model.signing_name,
            "method": sent.request.method,
            "url": sent.request.url,
            "headers": {name: _text(value) for name, value in sent.request.headers.items()},
            "body": base64.b64encode(content).decode(),
        }
    raise AssertionError("the client sends every request")


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def role_policies(stack: Stack, role: str) -> list[Json]:
    """Returns the policies of a role: its own, the attached ones and the managed ones."""
    properties = stack.of_type("AWS::IAM::Role")[role]
    managed = stack.of_type("AWS::IAM::ManagedPolicy")
    named = {stack.arn(name): policy for name, policy in managed.items()}
    return [
        *(policy["PolicyDocument"] for policy in properties.get("Policies", [])),
        *(
            policy["PolicyDocument"]
            for policy in stack.of_type("AWS::IAM::Policy").values()
            if stack.physical_name(role) in policy["Roles"]
        ),
        *(named[arn]["PolicyDocument"] for arn in properties.get("ManagedPolicyArns", [])),
    ]


def decisions(stack: Stack, uses: dict[str, Use]) -> dict[str, Decision]:
    """Returns how policies and use differ, for each role."""
    asked = {
        "region": stack.region,
        "account": stack.account,
        "roles": {
            role: {
                "policies": role_policies(stack, role),
                "requests": [request_of(call) for call in use.calls],
                "checks": use.checks,
            }
            for role, use in uses.items()
        },
    }
    done = subprocess.run(
        [PYTHON, "-m", "tests.template.calls.evaluate"],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        check=False,
        cwd=REPOSITORY,
    )
    assert done.returncode == 0, done.stderr
    return {
        role: Decision(tuple(answer["denied"]), tuple(answer["unused"]))
        for role, answer in json.loads(done.stdout).items()
    }
