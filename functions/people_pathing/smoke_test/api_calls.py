"""Calls of a stack's API with and without a signature, to see who is let in."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_TARGET = "RekognitionService.GetPersonTracking"
_CONTENT_TYPE = "application/x-amz-json-1.1"
_TIMEOUT_S = 40
"""Longer than the API's own timeout of 30 seconds."""

UNKNOWN_JOB_ID = "0" * 64
"""A JobId that the service never makes."""


@dataclass(frozen=True, slots=True)
class ApiReply:
    """How the API answered.

    Attributes:
        status: the HTTP status.
        error: the name of the error, or the start of what is no JSON; empty if there is none.
    """

    status: int
    error: str

    def __str__(self) -> str:
        """Returns the status and the error for a message."""
        return f"HTTP {self.status} {self.error}".rstrip()


@dataclass(frozen=True, slots=True)
class Api:
    """The API of a stack.

    Attributes:
        url: where it answers.
        region: the region that requests are signed for.
        signing_name: the service that requests are signed for.
    """

    url: str
    region: str
    signing_name: str

    @classmethod
    def of(cls, outputs: Mapping[str, str], region: str) -> Api:
        """Reads where the API of a stack is from the stack's outputs."""
        # A stack without a service of its own names an endpoint that accepts Rekognition's signatures.
        has_own_service = "ArtifactBucketName" in outputs
        return cls(outputs["RekognitionEndpointUrl"], region, "lambda" if has_own_service else "rekognition")

    def call(
        self, credentials: Any = None, *, signed_for: str | None = None, job_id: str = UNKNOWN_JOB_ID
    ) -> ApiReply:
        """Asks for a job, which changes nothing.

        Args:
            credentials: botocore's credentials that sign the request; None sends it unsigned.
            signed_for: the service in the signature; None for the right one.
            job_id: the job; by default one that does not exist.

        Raises:
            BotoCoreError: the API cannot be reached.
        """
        from botocore.auth import SigV4Auth
        from botocore.awsrequest import AWSRequest
        from botocore.httpsession import URLLib3Session
        from botocore.utils import get_environ_proxies

        request = AWSRequest(
            method="POST",
            url=self.url,
            data=json.dumps({"JobId": job_id}),
            headers={"Content-Type": _CONTENT_TYPE, "X-Amz-Target": _TARGET},
        )
        if credentials is not None:
            SigV4Auth(credentials, signed_for or self.signing_name, self.region).add_auth(request)
        http = URLLib3Session(timeout=_TIMEOUT_S, proxies=get_environ_proxies(self.url))
        reply = http.send(request.prepare())
        return ApiReply(reply.status_code, _error_of(reply.content))


def forged(credentials: Any) -> Any:
    """Returns credentials with the same access key and a wrong secret."""
    from botocore.credentials import Credentials

    return Credentials(credentials.access_key, "not-the-secret-of-this-access-key", credentials.token)


def _error_of(body: bytes) -> str:
    try:
        members = json.loads(body)
    except ValueError:
        return body[:80].decode("utf-8", "replace")
    if not isinstance(members, dict):
        return ""
    name = members.get("__type") or members.get("message") or members.get("Message") or ""
    return str(name).partition(". For troubleshooting")[0]
