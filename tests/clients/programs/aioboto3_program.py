"""Calls the service with aioboto3, as tests/clients/program_client.py demands."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

import aioboto3  # type: ignore[import-not-found]
from boto3_program import outcome_of_error, sign_for_lambda  # type: ignore[import-not-found]
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import ClientError


async def replies(client: Any, operation: str, parameters: dict[str, Any], paged: bool) -> list[Any]:
    method = getattr(client, xform_name(operation))
    read = [await method(**parameters)]
    while paged and "NextToken" in read[-1]:
        read.append(await method(**{**parameters, "NextToken": read[-1]["NextToken"]}))
    return [{name: reply[name] for name in reply if name != "ResponseMetadata"} for reply in read]


async def main() -> None:
    session = aioboto3.Session()
    # AWS_ENDPOINT_URL_REKOGNITION names the endpoint.
    async with session.client("rekognition", config=Config(retries={"total_max_attempts": 1})) as client:
        client.meta.events.register("before-sign.rekognition", sign_for_lambda)
        for line in sys.stdin:
            call = json.loads(line)
            try:
                read = await replies(client, call["operation"], call["parameters"], call["paged"])
                outcome: dict[str, Any] = {"replies": read}
            except ClientError as error:
                outcome = outcome_of_error(error)
            print(json.dumps(outcome), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
