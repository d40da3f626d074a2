"""boto3's rekognition client, connected to the API's handler in this process instead of to a network."""

from __future__ import annotations

import base64
import io
import json
from typing import TYPE_CHECKING, Any

import boto3
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.config import Config
from botocore.exceptions import ConnectionClosedError
from moto.core.models import botocore_stubber

from people_pathing.service.handlers.api import handler
from tests.unit.service.world import CONTEXT, REGION, url_event

if TYPE_CHECKING:
    from types_boto3_rekognition.client import RekognitionClient


class _Raw(io.BytesIO):
    """A body as botocore's HTTP session returns it."""

    def stream(self, *_: Any, **__: Any) -> Any:
        yield self.read()


class InProcessApi:
    """Passes a client's requests to the handler and keeps the last reply.

    Attributes:
        headers: headers of the last reply.
        body: body of the last reply.
        status_code: status of the last reply.
        replies_to_lose: how many of the next replies are lost by a closed connection.
    """

    def __init__(self) -> None:
        self.headers: dict[str, str] = {}
        self.body: dict[str, Any] = {}
        self.status_code = 0
        self.replies_to_lose = 0

    def client(self, attempts: int = 1) -> RekognitionClient:
        client = boto3.client(
            "rekognition",
            region_name=REGION,
            aws_access_key_id="testing",
            aws_secret_access_key="testing",
            config=Config(retries={"mode": "standard", "total_max_attempts": attempts}),
        )
        events: Any = client.meta.events
        # Inside mock_aws, moto would answer this client, too.
        events.unregister("before-send", botocore_stubber)
        events.register("before-send.rekognition", self._send)
        return client

    def _send(self, request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        headers = {
            name.lower(): value.decode() if isinstance(value, bytes) else value
            for name, value in request.headers.items()
        }
        event = url_event("", b"")
        event["headers"] = headers
        body = request.body if isinstance(request.body, bytes) else str(request.body or "").encode()
        event["body"] = base64.b64encode(body).decode()
        reply: dict[str, Any] = handler(event, CONTEXT)
        self.headers, self.status_code = reply["headers"], reply["statusCode"]
        self.body = json.loads(reply["body"])
        if self.replies_to_lose:
            self.replies_to_lose -= 1
            raise ConnectionClosedError(endpoint_url=request.url)
        return AWSResponse(request.url, reply["statusCode"], reply["headers"], _Raw(reply["body"].encode()))
