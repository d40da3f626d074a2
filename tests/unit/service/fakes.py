"""AWS in memory: what the service uses of S3, Step Functions and STS. Tests can inject faults."""

# ruff: noqa: N803, N818

from __future__ import annotations

import hashlib
import io
import json
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType, SimpleNamespace
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from botocore.exceptions import ClientError

from tests.fakes.aws_errors import client_error

if TYPE_CHECKING:
    from types_boto3_dynamodb.client import DynamoDBClient
    from types_boto3_s3.client import S3Client
    from types_boto3_sns.client import SNSClient
    from types_boto3_stepfunctions.client import SFNClient
    from types_boto3_sts.client import STSClient


class Call(NamedTuple):
    operation: str
    key: str


class Crash(BaseException):
    """Stands for the end of the process: only stored objects remain."""


class Log:
    """Records every call in order. `before` and `after` can raise a fault at each call."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.before: Callable[[Call], None] = lambda call: None
        self.after: Callable[[Call], None] = lambda call: None

    @contextmanager
    def call(self, operation: str, key: str = "") -> Iterator[None]:
        made = Call(operation, key)
        self.calls.append(made)
        self.before(made)
        try:
            yield
        finally:
            self.after(made)


class _Object(NamedTuple):
    data: bytes
    etag: str
    metadata: Mapping[str, str] = MappingProxyType({})


class LoggedDynamoDB:
    """A real client of moto's DynamoDB whose calls are logged. Calls are carried out one after the other."""

    def __init__(self, log: Log, client: DynamoDBClient) -> None:
        self._log = log
        self._client = client
        self._lock = threading.RLock()

    def as_client(self) -> DynamoDBClient:
        return cast("DynamoDBClient", self)

    def get_paginator(self, operation: str) -> Any:
        return self._client.get_paginator(operation)  # type: ignore[call-overload]

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(**arguments: Any) -> Any:
            operation = "".join(word.capitalize() for word in name.split("_"))
            with self._log.call(operation, _item_key(arguments)), self._lock:
                return getattr(self._client, name)(**arguments)

        return call


def _item_key(arguments: dict[str, Any]) -> str:
    key: str = arguments["Key"]["pk"]["S"] if "Key" in arguments else ""
    return key


class MemoryS3:
    """Buckets without versions."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._lock = threading.Lock()
        self.objects: dict[tuple[str, str], _Object] = {}

    def as_client(self) -> S3Client:
        return cast("S3Client", self)

    def get_object(
        self, *, Bucket: str, Key: str, Range: str | None = None, VersionId: str | None = None
    ) -> dict[str, Any]:
        with self._log.call("GetObject", Key):
            if VersionId is not None:
                raise client_error("InvalidArgument", "GetObject")
            found = self._find(Bucket, Key, "GetObject", "NoSuchKey")
            data = found.data
            if Range is not None:
                start, end = (int(number) for number in Range.removeprefix("bytes=").split("-"))
                if start >= len(data):
                    raise client_error("InvalidRange", "GetObject", 416)
                data = data[start : end + 1]
            return {"Body": io.BytesIO(data), "ETag": found.etag, "Metadata": dict(found.metadata)}

    def head_object(self, *, Bucket: str, Key: str, VersionId: str | None = None) -> dict[str, Any]:
        with self._log.call("HeadObject", Key):
            if VersionId is not None:
                raise client_error("400", "HeadObject")
            found = self._find(Bucket, Key, "HeadObject", "404")
            return {"ETag": found.etag, "ContentLength": len(found.data)}

    def put_object(
        self, *, Bucket: str, Key: str, Body: bytes, Metadata: Mapping[str, str] = MappingProxyType({})
    ) -> dict[str, Any]:
        with self._log.call("PutObject", Key), self._lock:
            made = _Object(Body, f'"{hashlib.md5(Body).hexdigest()}"', Metadata)
            self.objects[Bucket, Key] = made
            return {"ETag": made.etag}

    def delete_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:
        with self._log.call("DeleteObject", Key), self._lock:
            self.objects.pop((Bucket, Key), None)
            return {}

    def upload_fileobj(
        self,
        stream: io.BufferedReader,
        bucket: str,
        key: str,
        ExtraArgs: Mapping[str, Any] = MappingProxyType({}),
    ) -> None:
        self.put_object(Bucket=bucket, Key=key, Body=stream.read(), **ExtraArgs)

    def _find(self, bucket: str, key: str, operation: str, missing: str) -> _Object:
        found = self.objects.get((bucket, key))
        if found is None:
            raise client_error(missing, operation, 404)
        return found


class ExecutionAlreadyExists(ClientError):
    pass


class ExecutionDoesNotExist(ClientError):
    pass


class MemoryStates:
    """One state machine, whose executions run until a test sets another status."""

    exceptions = SimpleNamespace(
        ExecutionAlreadyExists=ExecutionAlreadyExists, ExecutionDoesNotExist=ExecutionDoesNotExist
    )

    def __init__(self, log: Log) -> None:
        self._log = log
        self._lock = threading.Lock()
        self.statuses: dict[str, str] = {}

    def as_client(self) -> SFNClient:
        return cast("SFNClient", self)

    def start_execution(self, *, stateMachineArn: str, name: str, input: str) -> None:
        with self._log.call("StartExecution", name), self._lock:
            if self.statuses.setdefault(name, "RUNNING") != "RUNNING":
                raise ExecutionAlreadyExists(
                    client_error("ExecutionAlreadyExists", "StartExecution").response, "StartExecution"
                )

    def describe_execution(self, *, executionArn: str) -> dict[str, Any]:
        name = executionArn.rpartition(":")[2]
        with self._log.call("DescribeExecution", name):
            if name not in self.statuses:
                raise ExecutionDoesNotExist(
                    client_error("ExecutionDoesNotExist", "DescribeExecution").response,
                    "DescribeExecution",
                )
            return {"status": self.statuses[name]}

    def get_paginator(self, operation: str) -> MemoryStates:
        assert operation == "list_executions"
        return self

    def paginate(self, *, stateMachineArn: str, statusFilter: str) -> list[dict[str, Any]]:
        with self._log.call("ListExecutions"):
            names = [name for name, status in self.statuses.items() if status == statusFilter]
            return [{"executions": [{"name": name}]} for name in names]


class MemorySts:
    """Grants every role with a policy that STS accepts, unless a test sets `error_code`."""

    def __init__(self, log: Log, region: str) -> None:
        self._log = log
        self.meta = SimpleNamespace(region_name=region)
        self.error_code: str | None = None
        self.error_status = 403
        self.sessions: list[dict[str, Any]] = []

    def as_client(self) -> STSClient:
        return cast("STSClient", self)

    def assume_role(self, **arguments: Any) -> dict[str, Any]:
        with self._log.call("AssumeRole", arguments["RoleArn"]):
            if self.error_code is not None:
                raise client_error(self.error_code, "AssumeRole", self.error_status)
            if len(arguments["Policy"]) > 2048:
                raise client_error("ValidationError", "AssumeRole")
            if re.search("[^ -~]", json.loads(arguments["Policy"])["Statement"][0]["Resource"]):
                raise client_error("MalformedPolicyDocument", "AssumeRole")
            self.sessions.append(arguments)
            return {"Credentials": {"AccessKeyId": "A", "SecretAccessKey": "S", "SessionToken": "T"}}


class MemorySns:
    """Keeps what is published."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self.messages: list[str] = []

    def as_client(self) -> SNSClient:
        return cast("SNSClient", self)

    def publish(self, *, TopicArn: str, Message: str) -> None:
        with self._log.call("Publish", TopicArn):
            self.messages.append(Message)
