"""Unwraps S3 events that arrive through SNS, SQS or EventBridge instead of from S3 itself.

Buckets that already notify other receivers are often shared in one of these ways. Formats:
https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html
https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain


class InvalidEventError(ValueError):
    """An event, or a record in it, does not have the documented form."""


@dataclass(frozen=True, slots=True)
class BrokenEnvelope:
    """A message that does not contain an S3 event, and the reason."""

    reason: str


def records_in(event: object) -> Iterator[object]:
    """Returns the records of an S3 event, whatever it is wrapped in.

    A message that contains no S3 event is returned as a BrokenEnvelope, so that the other messages of a batch
    can be handled. An event of EventBridge is its own record. The test message that S3 sends when
    notifications are configured has none.

    Raises:
        InvalidEventError: the event is neither an S3 event nor one of its envelopes.
    """
    if not isinstance(event, Mapping):
        raise InvalidEventError(f"an S3 event is an object with Records, but this event is {shown(event)}")
    if event.get("Event") == "s3:TestEvent":
        return iter(())
    if "detail-type" in event:
        return iter((event,))
    records = event.get("Records")
    if not isinstance(records, list):
        raise InvalidEventError(
            f"an S3 event has a list of Records, but this event has only {shown(sorted(map(str, event)))}"
        )
    return chain.from_iterable(map(_unwrapped, records))


def shown(value: object) -> str:
    """Returns a value as it is shown in an error message."""
    text = repr(value)
    return text if len(text) <= 200 else f"{text[:200]}…"


def _unwrapped(record: object) -> Iterator[object]:
    """Returns a record itself, or the records in the message that it contains."""
    if not isinstance(record, Mapping):
        return iter((record,))
    if "Sns" in record:
        sns = record["Sns"]
        return _in_message("SNS", sns.get("Message") if isinstance(sns, Mapping) else None)
    if record.get("eventSource") == "aws:sqs":
        return _in_message("SQS", record.get("body"))
    return iter((record,))


def _in_message(carrier: str, message: object) -> Iterator[object]:
    try:
        event = json.loads(message) if isinstance(message, str) else None
        if isinstance(event, Mapping) and event.get("Type") == "Notification":
            # A queue that is subscribed to a topic receives SNS's own envelope.
            return _in_message("SNS", event.get("Message"))
        return records_in(event)
    except (ValueError, RecursionError) as error:
        reason = f"the message {shown(message)} from {carrier} must contain an S3 event as JSON: {error}"
        return iter((BrokenEnvelope(reason),))
