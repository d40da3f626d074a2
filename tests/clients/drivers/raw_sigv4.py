"""Drives the API without an SDK: Python's HTTP client and a signature as AWS documents it."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from http.client import HTTPConnection
from typing import Self
from urllib.parse import urlsplit

from tests.clients.client import Outcome, Parameters, all_pages

CONTENT_TYPE = "application/x-amz-json-1.1"
TIMEOUT_S = 60


class Driver:
    """A client of our own. It signs as "Create a signed AWS API request" in AWS's IAM guide says."""

    TITLE = "SigV4"
    VERSIONS = ("raw",)
    ERROR_MEMBERS = True

    def __init__(self, version: str, endpoint_url: str, environment: Mapping[str, str]) -> None:
        self._url = urlsplit(endpoint_url)
        self._environment = environment

    @staticmethod
    def missing_reason(version: str) -> str | None:
        return None

    @staticmethod
    def installed_version(version: str) -> str:
        return version

    @staticmethod
    def unknown_members(version: str) -> frozenset[str]:
        return frozenset()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        pass

    def call(self, operation: str, parameters: Parameters, *, paged: bool = False) -> Outcome:
        return all_pages(self._call, operation, parameters) if paged else self._call(operation, parameters)

    def _call(self, operation: str, parameters: Parameters) -> Outcome:
        body = json.dumps(parameters).encode()
        headers = self._signed_headers(f"RekognitionService.{operation}", body)
        connection = HTTPConnection(self._url.hostname or "", self._url.port, timeout=TIMEOUT_S)
        try:
            connection.request("POST", self._url.path or "/", body, headers)
            response = connection.getresponse()
            reply = json.loads(response.read())
        finally:
            connection.close()
        if response.status == 200:
            return Outcome([reply])
        if "__type" not in reply:
            return Outcome((), str(response.status), str(reply))
        in_header = response.headers.get("x-amzn-errortype", reply["__type"])
        if in_header.partition(":")[0] != reply["__type"]:
            return Outcome((), "(none)", f"the header has {in_header}, the body {reply['__type']}")
        members = {name: reply.get(name) for name in ("Code", "Logref")}
        return Outcome((), reply["__type"], reply["Message"], members)

    def _signed_headers(self, target: str, body: bytes) -> dict[str, str]:
        """Returns the headers of a request, with its signature for the service `lambda`."""
        time = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
        headers = {
            "content-type": CONTENT_TYPE,
            "host": self._url.netloc,
            "x-amz-date": time,
            "x-amz-target": target,
        }
        names = ";".join(headers)
        lines = "".join(f"{name}:{value}\n" for name, value in headers.items())
        canonical = f"POST\n{self._url.path or '/'}\n\n{lines}\n{names}\n{hashlib.sha256(body).hexdigest()}"
        scope = f"{time[:8]}/{self._environment['AWS_REGION']}/lambda/aws4_request"
        to_sign = f"AWS4-HMAC-SHA256\n{time}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
        key = f"AWS4{self._environment['AWS_SECRET_ACCESS_KEY']}".encode()
        for part in scope.split("/"):
            key = hmac.digest(key, part.encode(), "sha256")
        signature = hmac.digest(key, to_sign.encode(), "sha256").hex()
        credential = f"{self._environment['AWS_ACCESS_KEY_ID']}/{scope}"
        headers["authorization"] = (
            f"AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders={names}, Signature={signature}"
        )
        return headers
