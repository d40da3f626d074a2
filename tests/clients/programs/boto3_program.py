"""Calls the service with the boto3 of its environment, as tests/clients/program_client.py demands."""

from __future__ import annotations

import json
import sys
from typing import Any

import boto3
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import ClientError


def sign_for_lambda(request: Any, **_: object) -> None:
    """Makes botocore sign for the service that a Function URL accepts."""
    request.context.setdefault("signing", {})["signing_name"] = "lambda"


def replies(client: Any, operation: str, parameters: dict[str, Any], paged: bool) -> list[Any]:
    method = getattr(client, xform_name(operation))
    read = [method(**parameters)]
    while paged and "NextToken" in read[-1]:
        read.append(method(**{**parameters, "NextToken": read[-1]["NextToken"]}))
    return [{name: reply[name] for name in reply if name != "ResponseMetadata"} for reply in read]


def outcome_of_error(error: ClientError) -> dict[str, Any]:
    # botocore raises ClientError itself for an error that the model does not name.
    is_modelled = type(error) is not ClientError
    code: dict[str, Any] = error.response["Error"]  # type: ignore[assignment]
    return {
        "error": type(error).__name__ if is_modelled else code.get("Code"),
        "message": str(error),
    }


def main() -> None:
    # AWS_ENDPOINT_URL_REKOGNITION names the endpoint.
    client: Any = boto3.client("rekognition", config=Config(retries={"total_max_attempts": 1}))
    client.meta.events.register("before-sign.rekognition", sign_for_lambda)
    for line in sys.stdin:
        call = json.loads(line)
        try:
            outcome: dict[str, Any] = {
                "replies": replies(client, call["operation"], call["parameters"], call["paged"])
            }
        except ClientError as error:
            outcome = outcome_of_error(error)
        print(json.dumps(outcome), flush=True)


if __name__ == "__main__":
    main()
