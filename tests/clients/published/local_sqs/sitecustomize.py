"""Makes the local SQS answer as SQS does when a message is deleted twice, as AWS's programs do.

SQS accepts the handle of a message that was deleted before. The local stack calls it invalid. Python imports
this module by its name in each program whose PYTHONPATH has this folder.
"""

from __future__ import annotations

from typing import Any

from botocore.handlers import BUILTIN_HANDLERS


def _accept(http_response: Any, parsed: dict[str, Any], **_: object) -> None:
    if parsed.get("Error", {}).get("Code") == "ReceiptHandleIsInvalid":
        http_response.status_code = 200


BUILTIN_HANDLERS.append(("after-call.sqs.DeleteMessage", _accept))
