"""Drives boto3."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.clients.client import Outcome, Parameters


class Driver:
    """boto3, with the hook that makes it sign for Lambda (docs/clients.md)."""

    title = "boto3"
    short_name = "boto3"

    def __init__(self, endpoint_url: str, environment: Mapping[str, str]) -> None:
        session = boto3.Session(
            environment["AWS_ACCESS_KEY_ID"],
            environment["AWS_SECRET_ACCESS_KEY"],
            region_name=environment["AWS_REGION"],
        )
        self._client: Any = session.client(
            "rekognition", endpoint_url=endpoint_url, config=Config(retries={"total_max_attempts": 1})
        )
        self._client.meta.events.register("before-sign.rekognition", _sign_for_lambda)

    @staticmethod
    def missing_reason() -> str | None:
        return None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._client.close()

    def call(self, operation: str, parameters: Parameters, *, paged: bool = False) -> Outcome:
        method = {
            "StartPersonTracking": self._client.start_person_tracking,
            "GetPersonTracking": self._client.get_person_tracking,
        }[operation]
        try:
            reply = method(**parameters)
            replies = [reply]
            while paged and "NextToken" in reply:
                reply = method(**parameters, NextToken=reply["NextToken"])
                replies.append(reply)
        except ClientError as error:
            return Outcome((), type(error).__name__, str(error))
        return Outcome(
            [{name: reply[name] for name in reply if name != "ResponseMetadata"} for reply in replies]
        )


def _sign_for_lambda(request: Any, **_: object) -> None:
    request.context.setdefault("signing", {})["signing_name"] = "lambda"
