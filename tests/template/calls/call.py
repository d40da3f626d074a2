"""One call of an AWS service, as the code makes it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

_RANDOM = re.compile(r"[0-9a-f]{6,}|\d+")


@dataclass(frozen=True)
class Call:
    """A call with its parameters.

    Attributes:
        service: the service's name in boto3.
        operation: the operation's name in the service's model.
        parameters: the arguments.
    """

    service: str
    operation: str
    parameters: dict[str, Any]

    @property
    def bucket(self) -> str:
        """The S3 bucket, or "" if the call is about something else."""
        return str(self.parameters.get("Bucket", ""))

    @property
    def shape(self) -> str:
        """The call without the parts that differ from one object, item or job to the next."""
        named = {
            key: value for key, value in self.parameters.items() if key not in {"Body", "Message", "input"}
        }
        text = json.dumps(named, default=lambda _: "", sort_keys=True)
        return f"{self.service} {self.operation} {_RANDOM.sub('0', text)}"

    def elsewhere(self, **changes: Any) -> Call:
        """Returns the same call with other parameters."""
        return Call(self.service, self.operation, {**self.parameters, **changes})


def multipart_calls(call: Call) -> list[Call]:
    """Returns what boto3 calls instead of PutObject if the file is large, and if a part of it fails.

    Source: `s3transfer.upload` in the version that the lock names.
    """
    place = {"Bucket": call.bucket, "Key": call.parameters["Key"]}
    upload = {**place, "UploadId": "upload"}
    return [
        Call("s3", "CreateMultipartUpload", place),
        Call("s3", "UploadPart", {**upload, "PartNumber": 1, "Body": b""}),
        Call("s3", "CompleteMultipartUpload", {**upload, "MultipartUpload": {"Parts": []}}),
        Call("s3", "AbortMultipartUpload", upload),
    ]
