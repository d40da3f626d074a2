"""The deployed stack that end-to-end tests use: the local one, or one in an AWS account.

This module uses nothing of devstack, so that tests in an account show that they need nothing of it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import boto3
from botocore.config import Config

from people_pathing.cli.deployed_stack import DeployedStack

STACK_NAME_VARIABLE = "STACK_NAME"
"""The environment variable that names a stack in an account. AWS's own settings name account and region."""

LOCAL_ACCOUNT = "000000000000"
"""The account of the local server. No account of AWS has this number."""


@dataclass(frozen=True, slots=True)
class StackUnderTest:
    """A deployed stack, and the credentials of the tests.

    Attributes:
        name: the name of the stack.
        session: makes clients that have these credentials.
        outputs: the outputs of the stack, by name.
        endpoint_url: where all AWS services answer; None if the SDK's own settings say it.
        settings: environment variables that make programs use the same account with the same credentials.
    """

    name: str
    session: boto3.Session
    outputs: Mapping[str, str]
    endpoint_url: str | None
    settings: Mapping[str, str]

    @classmethod
    def in_account(cls, name: str) -> Self:
        """Finds a deployed stack with AWS's own settings: profile, region, credentials and endpoints.

        Raises:
            LookupError: no region or no credentials are set.
            ClientError: the stack does not exist, or the caller may not read it.
        """
        session = boto3.Session()
        credentials = session.get_credentials()
        if session.region_name is None or credentials is None:
            raise LookupError(
                f"{STACK_NAME_VARIABLE}={name} is in an account: set AWS_PROFILE, or a region and credentials"
            )
        key = credentials.get_frozen_credentials()
        given = {
            "AWS_ACCESS_KEY_ID": key.access_key,
            "AWS_SECRET_ACCESS_KEY": key.secret_key,
            "AWS_SESSION_TOKEN": key.token,
            "AWS_REGION": session.region_name,
            "AWS_DEFAULT_REGION": session.region_name,
            "AWS_ENDPOINT_URL": os.environ.get("AWS_ENDPOINT_URL"),
        }
        client: Any = session.client("cloudformation")
        [stack] = client.describe_stacks(StackName=name)["Stacks"]
        outputs = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
        settings = {variable: value for variable, value in given.items() if value}
        return cls(name, session, outputs, None, settings)

    @property
    def region(self) -> str:
        """The region of the stack."""
        return self.session.region_name

    @property
    def account(self) -> str:
        """The account of the stack."""
        # arn:aws:sns:REGION:ACCOUNT:NAME
        return self.outputs["CompletionTopicArn"].split(":")[4]

    def client(self, service: str, caller: boto3.Session | None = None, config: Config | None = None) -> Any:
        """Makes a boto3 client.

        Args:
            service: the service's name in boto3.
            caller: whose credentials it has; by default those of the tests.
            config: settings of the client.
        """
        session: Any = caller or self.session
        return session.client(service, region_name=self.region, endpoint_url=self.endpoint_url, config=config)

    def environment(self) -> dict[str, str]:
        """Returns environment variables that make the AWS CLI and the SDKs use this account."""
        return dict(self.settings)

    def pipeline(self) -> DeployedStack:
        """Returns the stack as its user sees it."""
        return DeployedStack.of(self.outputs, self.client("s3"), self.client("dynamodb"))

    def physical_id(self, logical_id: str) -> str:
        """Returns the name of a resource of the template."""
        reply = self.client("cloudformation").describe_stack_resource(
            StackName=self.name, LogicalResourceId=logical_id
        )
        return str(reply["StackResourceDetail"]["PhysicalResourceId"])

    def service(self, caller: boto3.Session | None = None) -> Any:
        """Makes a client of Rekognition that calls the stack's own service, once for each call.

        Args:
            caller: whose credentials it has; by default those of the tests.
        """
        client = (caller or self.session).client(
            "rekognition",
            region_name=self.region,
            endpoint_url=self.outputs["RekognitionEndpointUrl"],
            config=Config(retries={"mode": "standard", "total_max_attempts": 1}),
        )
        client.meta.events.register("before-sign.rekognition", _sign_as_lambda)
        return client


def _sign_as_lambda(request: Any, **_: object) -> None:
    """Sets the service name in the signature to `lambda`, as a Function URL demands."""
    request.context.setdefault("signing", {})["signing_name"] = "lambda"
