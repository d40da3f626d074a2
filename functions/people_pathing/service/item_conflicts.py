"""Retries changes of the job store that meet another change of the same item at the same moment."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any, TypeVar

from botocore.exceptions import ClientError

from people_pathing.common.aws_errors import error_code
from people_pathing.service.protocol.errors import ThrottlingException

T = TypeVar("T")

CONFLICT_CODES = frozenset({"TransactionConflict", "TransactionConflictException"})
BUSY_REASONS = CONFLICT_CODES | {"ThrottlingError", "ProvisionedThroughputExceeded"}
MAX_ATTEMPTS = 10
FIRST_PAUSE_S = 0.02


def retry_conflicts(sleep: Callable[[float], None], call: Callable[[], T]) -> T:
    """Repeats a call of DynamoDB while other calls change the same item. SDKs do not retry these conflicts.

    Args:
        sleep: waits for a number of seconds.
        call: makes the call.

    Raises:
        ThrottlingException: all attempts met another change.
    """
    for attempt in range(MAX_ATTEMPTS):
        if attempt:
            sleep(FIRST_PAUSE_S * 2**attempt * random.random())  # noqa: S311
        try:
            return call()
        except ClientError as error:
            if not _is_conflict(error):
                raise
    raise ThrottlingException.of("Too many jobs are starting or ending; try again")


def cancellation_reasons(error: ClientError) -> list[dict[str, Any]]:
    """Returns why a transaction was cancelled, one reason per item. Empty reasons for any other error."""
    reasons: list[dict[str, Any]] = error.response.get("CancellationReasons", [])  # type: ignore[assignment]
    return reasons or [{}, {}]


def _is_conflict(error: ClientError) -> bool:
    """Tells whether the same call may work in a moment.

    If the first item fails its condition, the token is taken and the answer is known. If that item is in
    conflict, the answer is not known, even if the register is full: the slot may be that of the token's job.
    """
    reasons = [reason.get("Code") for reason in cancellation_reasons(error)]
    if reasons[0] == "ConditionalCheckFailed":
        return False
    return error_code(error) in CONFLICT_CODES or not BUSY_REASONS.isdisjoint(reasons)
