"""The DynamoDB table of job records."""

from __future__ import annotations

import logging
import operator
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import fields, is_dataclass, replace
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from people_pathing.common.aws_errors import error_code
from people_pathing.common.formats import FORMAT, NewerFormatError, check_format
from people_pathing.common.json_values import from_json, to_json
from people_pathing.pipeline.job_record import JobRecord, JobState
from people_pathing.pipeline.start_request import SentRequests
from people_pathing.results.chunks import Progress

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_dynamodb.type_defs import (
        AttributeValueTypeDef,
        PutItemInputTypeDef,
        ScanInputPaginateTypeDef,
        UniversalAttributeValueTypeDef,
    )

    Item = dict[str, UniversalAttributeValueTypeDef]

# Not Powertools' logger, because the command line also reads this table, and its extra leaves Powertools out.
logger = logging.getLogger(__name__)

RECORD_FORMAT = 1
"""The format of a job record's item, and of a tombstone."""

STATE_INDEX = "state-due_ms"
PAGE_SIZE = 100
WRITE_ID = "write_id"
"""An attribute with a random value, new at each write. It distinguishes a write from all others.

A condition fails if an earlier attempt of the same call has changed the record already and only its reply was
lost. The stored write id then shows that the change is this call's own. Comparing the records would not do:
two functions that lease a job in the same millisecond write the same record, and only one of them owns it.
"""


class JobTable:
    """The table of job records, and its index that lists the jobs in a state by the time when they are due.

    Errors are botocore's.

    Args:
        client: a boto3 client of DynamoDB.
        name: the table's name.
    """

    def __init__(self, client: DynamoDBClient, name: str) -> None:
        self._client = client
        self._name = name

    def add(self, record: JobRecord) -> bool:
        """Stores a new record. Returns False and changes nothing if the video has a record already."""
        return self._put(record.video_id, _to_item(record), over=None)

    def get(self, video_id: str) -> JobRecord | None:
        """Reads the current record of a video, or returns None if there is none."""
        item = self._read(video_id)
        return _from_item(item) if item and "state" in item else None

    def replace(self, old: JobRecord, new: JobRecord) -> JobRecord | None:
        """Replaces a record by its successor.

        Returns:
            The record as this call stored it, or None if another function changed or removed it first.
        """
        new = replace(new, revision=old.revision + 1)
        is_own: Callable[[Item, Item], bool] = operator.eq
        if old.is_open and not new.is_open:
            new, is_own = replace(new, ended_by=secrets.token_hex(8)), _has_same_end
        return new if self._put(new.video_id, _to_item(new), over=old.revision, is_own=is_own) else None

    def in_state(
        self, state: JobState, *, due_ms: int | None = None, page_size: int = PAGE_SIZE
    ) -> Iterator[JobRecord]:
        """Lists the records in a state, the one first that has been due longest.

        The index is updated shortly after the table, so a listed record may be outdated. `replace` notices.

        Args:
            state: the state of the jobs.
            due_ms: if given, lists only jobs that are due at this time and that no function owns.
            page_size: how many records one call reads. After a page on which all jobs are stuck, it is
                PAGE_SIZE.
        """
        query = self._query(state, due_ms)
        limit = page_size
        while True:
            page = self._client.query(**query, Limit=limit)
            records = list(_readable(page["Items"]))
            yield from records
            if "LastEvaluatedKey" not in page:
                return
            query["ExclusiveStartKey"] = page["LastEvaluatedKey"]
            if records and all(record.is_stuck for record in records):
                limit = PAGE_SIZE

    def newest_untroubled(self, state: JobState, due_ms: int, limit: int) -> list[JobRecord]:
        """Returns the records in a state that are due and have had no trouble, the latest due first.

        Makes one call, which reads at most `limit` records.

        Args:
            state: the state of the jobs.
            due_ms: the time at which the jobs are due. No function owns them at this time.
            limit: how many records are read. Those with trouble count, too.
        """
        query = self._query(state, due_ms)
        query["FilterExpression"] += " AND attribute_not_exists(trouble_since_ms)"
        reply = self._client.query(**query, ScanIndexForward=False, Limit=limit)
        return list(_readable(reply["Items"]))

    def count(self, state: JobState) -> int:
        """Counts the jobs in a state. Reads all of them, so it is for rare use."""
        pages = self._client.get_paginator("query").paginate(**self._query(state), Select="COUNT")
        return sum(page["Count"] for page in pages)

    def count_up_to(self, state: JobState, limit: int) -> int:
        """Counts the jobs in a state, but stops at `limit`."""
        paginator = self._client.get_paginator("query")
        count = 0
        # A page has fewer jobs if their records have more than a megabyte.
        for page in paginator.paginate(
            **self._query(state), Select="COUNT", PaginationConfig={"PageSize": limit}
        ):
            count += page["Count"]
            if count >= limit:
                return limit
        return count

    def find(self, bucket: str, prefix: str = "") -> Iterator[JobRecord]:
        """Lists the records of a bucket's videos. Scans the whole table, so it is for rare use.

        Args:
            bucket: the videos' bucket.
            prefix: what the videos' keys begin with.
        """
        scan: ScanInputPaginateTypeDef = {
            "TableName": self._name,
            "ConsistentRead": True,
            "FilterExpression": "#bucket = :bucket",
            "ExpressionAttributeNames": {"#bucket": "bucket"},
            "ExpressionAttributeValues": {":bucket": {"S": bucket}},
        }
        for page in self._client.get_paginator("scan").paginate(**scan):
            records = map(_from_item, page["Items"])
            yield from (record for record in records if record.key.startswith(prefix))

    def bury(self, record: JobRecord, ttl_s: int) -> bool:
        """Replaces a record by a tombstone, which holds the video id and nothing else about the video.

        Afterwards the video has no record, and no new one can be added.

        Args:
            record: the record, as it is stored.
            ttl_s: when DynamoDB may delete the tombstone, in seconds since the epoch.

        Returns:
            Whether the tombstone is stored. False if another function changed the record first.
        """
        tombstone = _tombstone(record.video_id, record.revision + 1, ttl_s)
        return self._put(record.video_id, tombstone, over=record.revision)

    def bury_unrecorded(self, video_id: str, ttl_s: int) -> bool:
        """Stores a tombstone for a video that has no record yet, so that a late event adds none.

        Returns:
            Whether the video has a tombstone now. False if it has a record.
        """
        if self._put(video_id, _tombstone(video_id, 0, ttl_s), over=None):
            return True
        return self.get(video_id) is None

    def _read(self, video_id: str) -> Any:
        reply = self._client.get_item(
            TableName=self._name, Key={"video_id": {"S": video_id}}, ConsistentRead=True
        )
        return reply.get("Item")

    def _query(self, state: JobState, due_ms: int | None = None) -> dict[str, Any]:
        query: dict[str, Any] = {
            "TableName": self._name,
            "IndexName": STATE_INDEX,
            "KeyConditionExpression": "#state = :state",
            "ExpressionAttributeNames": {"#state": "state"},
            "ExpressionAttributeValues": {":state": {"S": state.value}},
        }
        if due_ms is not None:
            query["KeyConditionExpression"] += " AND due_ms <= :now"
            query["FilterExpression"] = "lease_until_ms <= :now"
            query["ExpressionAttributeValues"][":now"] = {"N": str(due_ms)}
        return query

    def _put(
        self,
        video_id: str,
        item: Item,
        *,
        over: int | None,
        is_own: Callable[[Item, Item], bool] = operator.eq,
    ) -> bool:
        """Stores an item. Returns False if the stored revision is not `over`.

        Args:
            video_id: the key of the item.
            item: the item.
            over: the revision that must be stored, or None if there must be none.
            is_own: whether a stored item shows that an earlier attempt of this call has stored this one.

        Raises:
            ClientError, BotoCoreError: the item was not stored, or it is unknown whether it was.
        """
        request: PutItemInputTypeDef = {
            "TableName": self._name,
            "Item": item,
            "ConditionExpression": "attribute_not_exists(revision)",
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
        if over is not None:
            request["ConditionExpression"] = "revision = :revision"
            request["ExpressionAttributeValues"] = {":revision": {"N": str(over)}}
        try:
            self._client.put_item(**request)
        except ClientError as error:
            if error_code(error) == "ConditionalCheckFailedException":
                return is_own(error.response.get("Item", {}), item)  # type: ignore[arg-type]
            if not is_own(self._read_if_possible(video_id), item):
                raise
        except BotoCoreError:
            if not is_own(self._read_if_possible(video_id), item):
                raise
        return True

    def _read_if_possible(self, video_id: str) -> Item:
        """Reads an item after a failed call. Returns an empty one if the table does not answer."""
        with suppress(ClientError, BotoCoreError):
            return self._read(video_id) or {}
        return {}


class LeaseLostError(Exception):
    """Another function has changed the record since, and now owns the job."""


class Lease:
    """A job that this function owns. Changing the record fails as soon as another function has changed it.

    Args:
        table: the job table.
        record: the leased record, as it is stored.
    """

    def __init__(self, table: JobTable, record: JobRecord) -> None:
        self._table = table
        self.record = record

    def change(self, new: JobRecord) -> None:
        """Stores a new state of the record. Raises LeaseLostError if another function owns the job."""
        stored = self._table.replace(self.record, new)
        if stored is None:
            raise LeaseLostError(self.record.video_id)
        self.record = stored


def _has_same_end(stored: Item, item: Item) -> bool:
    """Tells whether a stored record has ended by this write. Another function may have changed it since."""
    return stored.get("ended_by") == item["ended_by"]


def _tombstone(video_id: str, revision: int, ttl_s: int) -> Item:
    return {
        "video_id": {"S": video_id},
        FORMAT: {"N": str(RECORD_FORMAT)},
        "revision": {"N": str(revision)},
        "ttl": {"N": str(ttl_s)},
    }


def _to_item(record: JobRecord) -> Item:
    item: Item = {WRITE_ID: {"S": secrets.token_hex(8)}, FORMAT: {"N": str(RECORD_FORMAT)}}
    for field in fields(record):
        value = getattr(record, field.name)
        if is_dataclass(value) and not isinstance(value, type):
            value = to_json(value)
        if isinstance(value, int):
            item[field.name] = {"N": str(value)}
        elif value is not None:
            item[field.name] = {"S": str(value)}
    return item


def _readable(items: Iterable[Mapping[str, AttributeValueTypeDef]]) -> Iterator[JobRecord]:
    """Yields the records that this release can read. The others must not stop the jobs of these."""
    for item in items:
        try:
            yield _from_item(item)
        except NewerFormatError as error:
            logger.error("A job is left alone: %s", error)


def _from_item(item: Mapping[str, AttributeValueTypeDef]) -> JobRecord:
    check_format(item.get(FORMAT, {}).get("N"), RECORD_FORMAT, f"the job record {item['video_id']['S']}")
    # A later release may have stored attributes that this one does not know.
    known = {field.name for field in fields(JobRecord)}
    values: dict[str, object] = {
        name: int(value["N"]) if "N" in value else value["S"] for name, value in item.items() if name in known
    }
    values["state"] = JobState(str(values["state"]))
    for name, kind in (("progress", Progress), ("requests", SentRequests)):
        if name in values:
            values[name] = from_json(kind, str(values[name]))
    return JobRecord(**{"version": None, **values})  # type: ignore[arg-type]
