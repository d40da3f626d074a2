"""What is checked: an account, and a stack in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from people_pathing.common.aws_errors import error_code

if TYPE_CHECKING:
    import boto3

_TIMEOUT_S = 10
_ATTEMPTS = 2


class ClientFactory(Protocol):
    """Creates clients of AWS services."""

    def __call__(self, service: str) -> Any:
        """Returns boto3's client of a service."""


@dataclass(frozen=True, slots=True)
class Account:
    """The caller's account, as the environment and the AWS profile name it.

    Attributes:
        client: creates clients with the caller's credentials and region.
        region: the region; None if nothing names one.
        partition: the part of AWS that has the region, for example "aws" or "aws-cn"; None without a region.
        credentials: botocore's credentials; None if there are none.
    """

    client: ClientFactory
    region: str | None
    partition: str | None
    credentials: Any

    @classmethod
    def of(cls, session: boto3.Session) -> Account:
        """Reads the settings of a session. Its clients give up early, because a user is waiting."""
        from botocore.config import Config

        region = session.region_name
        config = Config(
            connect_timeout=_TIMEOUT_S,
            read_timeout=_TIMEOUT_S,
            retries={"mode": "standard", "total_max_attempts": _ATTEMPTS},
        )
        return cls(
            partial(session.client, config=config),
            region,
            session.get_partition_for_region(region) if region else None,
            session.get_credentials(),
        )

    def caller_arn(self) -> str:
        """Returns the ARN of the caller.

        Raises:
            BotoCoreError, ClientError: the credentials are missing or wrong.
        """
        arn: str = self.client("sts").get_caller_identity()["Arn"]
        return arn


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource of a stack.

    Attributes:
        logical_id: its name in the template.
        kind: its type, for example "AWS::Lambda::Function".
        physical_id: its name or ARN in the account.
    """

    logical_id: str
    kind: str
    physical_id: str


@dataclass(frozen=True, slots=True)
class Stack:
    """A deployed stack.

    Attributes:
        account: where it is deployed.
        name: its name.
        status: CloudFormation's status of it.
        outputs: its outputs by name.
        parameters: its parameters by name.
        resources: its resources by their logical id.
    """

    account: Account
    name: str
    status: str
    outputs: Mapping[str, str]
    parameters: Mapping[str, str]
    resources: Mapping[str, Resource]

    @property
    def has_own_service(self) -> bool:
        """Tells whether the stack serves the two operations itself."""
        return "ArtifactBucketName" in self.outputs

    def of_kind(self, kind: str) -> list[Resource]:
        """Returns the resources of one type."""
        return [resource for resource in self.resources.values() if resource.kind == kind]


def read_stack(account: Account, name: str) -> Stack | None:
    """Reads a stack, or returns None if there is none with this name.

    Raises:
        BotoCoreError, ClientError: it cannot be read.
    """
    from botocore.exceptions import ClientError

    cloudformation = account.client("cloudformation")
    try:
        [stack] = cloudformation.describe_stacks(StackName=name)["Stacks"]
    except ClientError as error:
        if error_code(error) != "ValidationError":
            raise
        return None
    pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=name)
    resources = [
        Resource(entry["LogicalResourceId"], entry["ResourceType"], entry.get("PhysicalResourceId", ""))
        for page in pages
        for entry in page["StackResourceSummaries"]
    ]
    return Stack(
        account,
        name,
        stack["StackStatus"],
        {each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs", [])},
        {each["ParameterKey"]: each.get("ParameterValue", "") for each in stack.get("Parameters", [])},
        {resource.logical_id: resource for resource in resources},
    )
