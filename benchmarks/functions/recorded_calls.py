"""Answers boto3's clients without a network, so that the time of a handler is processor time only.

A handler runs once against moto, and the answers are recorded. After that, the same answers are given again.
The calls are recorded, too, so that they can be made without the handler.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import boto3
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.exceptions import ClientError
from moto.core.models import botocore_stubber


class _Body(io.BytesIO):
    """A body as botocore's HTTP session returns it."""

    def stream(self, *_: Any, **__: Any) -> Iterator[bytes]:
        yield self.read()


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP response."""

    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    status: int = 200

    def response(self, url: str) -> AWSResponse:
        """Returns the response as botocore expects it."""
        headers: Any = self.headers
        return AWSResponse(url, self.status, headers, _Body(self.body))


Responder = Callable[[AWSPreparedRequest], Answer]


@dataclass(slots=True)
class Recording:
    """The calls of a handler and their answers.

    Attributes:
        responders: what answers the operations that moto does not have, by "service.Operation".
        answers: the answers in the order of the calls.
        calls: the client, the operation and the parameters of each call.
        is_replayed: whether the answers are given again. Otherwise, new ones are added.
        position: number of the next answer.
    """

    responders: Mapping[str, Responder]
    answers: list[Answer] = field(default_factory=list)
    calls: list[tuple[Any, str, dict[str, Any]]] = field(default_factory=list)
    is_replayed: bool = False
    position: int = 0

    def note(self, client: Any, operation: str, params: Mapping[str, Any]) -> None:
        """Records a call."""
        if not self.is_replayed:
            self.calls.append((client, operation, dict(params)))

    def rewind(self) -> None:
        """Gives the answers again from the first one on."""
        self.is_replayed, self.position = True, 0

    def make_calls(self) -> None:
        """Makes the recorded calls without the handler, and reads their bodies."""
        self.rewind()
        for client, operation, params in self.calls:
            try:
                reply = client._make_api_call(operation, params)
            except ClientError:
                continue
            if "Body" in reply:
                reply["Body"].read()

    def send(self, request: AWSPreparedRequest, event_name: str) -> AWSResponse:
        """Answers a call."""
        if not self.is_replayed:
            self.answers.append(self._answer(request, event_name))
        self.position += 1
        return self.answers[self.position - 1].response(request.url)

    def _answer(self, request: AWSPreparedRequest, event_name: str) -> Answer:
        responder = self.responders.get(event_name.removeprefix("before-send."))
        if responder:
            return responder(request)
        response: Any = botocore_stubber(event_name=event_name, request=request)
        return Answer(response.content, dict(response.headers), response.status_code)


class RecordedSession(boto3.Session):
    """A session whose clients use the recording of the moment. Without one, moto answers."""

    recording: Recording | None = None

    def client(self, *arguments: Any, **more: Any) -> Any:
        """Creates a client."""
        client = super().client(*arguments, **more)

        def note(params: dict[str, Any], model: Any, **_: Any) -> None:
            if self.recording:
                self.recording.note(client, model.name, params)

        def send(request: AWSPreparedRequest, event_name: str, **_: Any) -> AWSResponse | None:
            return self.recording.send(request, event_name) if self.recording else None

        client.meta.events.register_first("provide-client-params", note)
        client.meta.events.register_first("before-send", send)
        return client
