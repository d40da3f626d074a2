"""A client of the service: every call runs the real operation as a process of its own."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from tests.simulation.errors import Exceptions, client_error, no_reply
from tests.simulation.network import Network
from tests.simulation.world import End, Process

Answer = Callable[[Mapping[str, Any], str], Process]
"""Starts a process that answers a Function URL's event. The string names the call for observers."""

MAX_ATTEMPTS = 3
READ_TIMEOUT_S = 30.0
RETRIED_STATUSES = frozenset({429, 500, 502, 503, 504})
RETRIED_CODES = frozenset({"ThrottlingException", "Throttling", "ProvisionedThroughputExceededException"})


class Rekognition:
    """Calls the two operations as botocore does in its legacy retry mode.

    Args:
        network: carries the calls.
        answer: starts the service's process.
        account: the caller's account.
    """

    exceptions = Exceptions()
    meta = SimpleNamespace(events=SimpleNamespace(register=lambda *_: None), region_name="us-east-1")

    def __init__(self, network: Network, answer: Answer, account: str) -> None:
        self._network = network
        self._answer = answer
        self._account = account
        self._count = 0

    def start_person_tracking(self, **parameters: Any) -> Any:
        return self._call("StartPersonTracking", parameters, parameters.get("ClientRequestToken", ""))

    def get_person_tracking(self, **parameters: Any) -> Any:
        return self._call("GetPersonTracking", parameters, parameters["JobId"])

    def _call(self, operation: str, parameters: Mapping[str, Any], subject: str) -> Any:
        self._count += 1
        event = self._event(operation, parameters, f"invocation-{self._count}")
        for attempt in range(1, MAX_ATTEMPTS + 1):
            try:
                return self._network.call(
                    "rekognition",
                    operation,
                    subject,
                    lambda: self._reply(operation, event, subject),
                    detached=lambda: self._answer(event, subject),
                )
            except ClientError as error:
                status = error.response["ResponseMetadata"]["HTTPStatusCode"]
                is_retried = status in RETRIED_STATUSES or error.response["Error"]["Code"] in RETRIED_CODES
                if attempt == MAX_ATTEMPTS or not is_retried:
                    raise
            except BotoCoreError:
                if attempt == MAX_ATTEMPTS:
                    raise
            self._network.world.sleep(random.random() * 2 ** (attempt - 1))
        raise AssertionError("the last attempt returns or raises")

    def _reply(self, operation: str, event: Mapping[str, Any], subject: str) -> Any:
        process = self._answer(event, subject)
        if not self._network.world.wait(process, READ_TIMEOUT_S):
            raise no_reply("rekognition")
        if process.end is not End.RETURNED:
            # A Function URL answers so if the function was killed or raised an exception.
            raise client_error("502", 502, "Bad Gateway", operation)
        body = json.loads(process.result["body"])
        if process.result["statusCode"] != 200:
            raise client_error(body["__type"], process.result["statusCode"], body["Message"], operation)
        return body | {"ResponseMetadata": {"HTTPHeaders": process.result["headers"]}}

    def _event(self, operation: str, parameters: Mapping[str, Any], invocation_id: str) -> dict[str, Any]:
        return {
            "headers": {
                "x-amz-target": f"RekognitionService.{operation}",
                "amz-sdk-invocation-id": invocation_id,
            },
            "requestContext": {
                "http": {"method": "POST"},
                "authorizer": {"iam": {"accountId": self._account}},
            },
            "body": json.dumps(parameters),
            "isBase64Encoded": False,
        }
