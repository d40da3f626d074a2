"""Fakes of STS and SNS: roles that can be assumed, and topics that roles may publish to."""

# Parameters have the names that boto3 gives them.
# ruff: noqa: N803

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from tests.simulation.errors import Exceptions, client_error
from tests.simulation.network import Network


@dataclass(slots=True)
class Channels:
    """The topics that exist, and the roles that may publish to them.

    Attributes:
        roles: the ARNs of the roles that can be assumed.
        topics: the ARNs of the topics.
        deliver: receives every published message, with its topic.
    """

    deliver: Callable[[str, str], None]
    roles: set[str] = field(default_factory=set)
    topics: set[str] = field(default_factory=set)


class Sts:
    """A client of STS."""

    exceptions = Exceptions()
    meta = SimpleNamespace(region_name="us-east-1")

    def __init__(self, network: Network, channels: Channels) -> None:
        self._network = network
        self._channels = channels

    def assume_role(self, *, RoleArn: str, **_: Any) -> Any:
        def effect() -> Any:
            if RoleArn not in self._channels.roles:
                raise client_error("AccessDenied", 403, f"not authorized to assume {RoleArn}")
            return {"Credentials": {"AccessKeyId": RoleArn, "SecretAccessKey": "x", "SessionToken": "x"}}

        return self._network.call("sts", "AssumeRole", RoleArn, effect)


class Sns:
    """A client of SNS.

    Args:
        network: carries the calls.
        channels: the topics and roles.
        role_arn: the role that signs its calls, unless a handler of the client's events chooses another.
    """

    exceptions = Exceptions()

    def __init__(self, network: Network, channels: Channels, role_arn: str = "") -> None:
        self._network = network
        self._channels = channels
        self._role_arn = role_arn
        self._signers: list[Callable[..., None]] = []
        self.meta = SimpleNamespace(events=SimpleNamespace(register=self._register))

    def publish(self, *, TopicArn: str, Message: str, **_: Any) -> Any:
        process = self._network.world.current()
        role_arn = self._signing_role()

        def effect() -> Any:
            if TopicArn not in self._channels.topics:
                raise client_error("NotFound", 404, "Topic does not exist")
            if role_arn not in self._channels.roles:
                raise client_error("AuthorizationError", 403)
            process.notes.setdefault("published", []).append(Message)
            self._channels.deliver(TopicArn, Message)
            return {"MessageId": "1"}

        return self._network.call("sns", "Publish", Message, effect, writes=True)

    def _register(self, event: str, handler: Callable[..., None]) -> None:
        if event == "before-sign.sns":
            self._signers.append(handler)

    def _signing_role(self) -> str:
        """Returns the ARN of the role that signs a call: the access key, as `Sts` gives it out."""
        request = SimpleNamespace(context={})
        for sign in self._signers:
            sign(request=request)
        credentials = request.context.get("signing", {}).get("request_credentials")
        return credentials.access_key if credentials else self._role_arn
