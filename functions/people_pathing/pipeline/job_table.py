"""The DynamoDB table that says where every video is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from people_pathing.pipeline.job_record import JobRecord, JobState, Progress

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_dynamodb.type_defs import (
        AttributeValueTypeDef,
        PutItemInputTypeDef,
        QueryInputPaginateTypeDef,
        UniversalAttributeValueTypeDef,
    )

STATE_INDEX = "state-uploaded_ms"


class JobTable:
    """Keyed by `video_id`; the index `state-uploaded_ms` gives the jobs in a state, the oldest upload first."""

    def __init__(self, client: DynamoDBClient, name: str) -> None:
        self._client = client
        self._name = name

    def add(self, record: JobRecord) -> bool:
        """Store a new record; False, and nothing changed, where the video has one already."""
        return self._put(record, over=None)

    def get(self, video_id: str) -> JobRecord | None:
        reply = self._client.get_item(
            TableName=self._name, Key={"video_id": {"S": video_id}}, ConsistentRead=True
        )
        return _from_item(reply["Item"]) if "Item" in reply else None

    def replace(self, old: JobRecord, new: JobRecord) -> JobRecord | None:
        """Store `new` where `old` still stands; give what was stored, or None where somebody was faster."""
        new = replace(new, revision=old.revision + 1)
        return new if self._put(new, over=old.revision) else None

    def in_state(self, state: JobState, *, due_ms: int | None = None) -> Iterator[JobRecord]:
        """The records in a state, the oldest upload first; with `due_ms` only those due then and not held.

        The index lags a little behind the table: `replace` is what decides.
        """
        query: QueryInputPaginateTypeDef = {
            "TableName": self._name,
            "IndexName": STATE_INDEX,
            "KeyConditionExpression": "#state = :state",
            "ExpressionAttributeNames": {"#state": "state"},
            "ExpressionAttributeValues": {":state": {"S": state.value}},
            "PaginationConfig": {"PageSize": 100},
        }
        if due_ms is not None:
            query["FilterExpression"] = "due_ms <= :now AND lease_until_ms <= :now"
            query["ExpressionAttributeValues"] = {":state": {"S": state.value}, ":now": {"N": str(due_ms)}}
        for page in self._client.get_paginator("query").paginate(**query):
            yield from map(_from_item, page["Items"])

    def of_object(self, bucket: str, key: str) -> Iterator[JobRecord]:
        """The records of every version of one object. Reads the whole table: for rare use."""
        pages = self._client.get_paginator("scan").paginate(
            TableName=self._name,
            ConsistentRead=True,
            FilterExpression="#bucket = :bucket AND #key = :key",
            ExpressionAttributeNames={"#bucket": "bucket", "#key": "key"},
            ExpressionAttributeValues={":bucket": {"S": bucket}, ":key": {"S": key}},
        )
        for page in pages:
            yield from map(_from_item, page["Items"])

    def remove(self, video_id: str) -> None:
        self._client.delete_item(TableName=self._name, Key={"video_id": {"S": video_id}})

    def _put(self, record: JobRecord, *, over: int | None) -> bool:
        request: PutItemInputTypeDef = {
            "TableName": self._name,
            "Item": _to_item(record),
            "ConditionExpression": "attribute_not_exists(revision)",
        }
        if over is not None:
            request["ConditionExpression"] = "revision = :revision"
            request["ExpressionAttributeValues"] = {":revision": {"N": str(over)}}
        try:
            self._client.put_item(**request)
        except ClientError as error:
            if error.response["Error"]["Code"] == "ConditionalCheckFailedException":
                return False
            raise
        return True


def _to_item(record: JobRecord) -> dict[str, UniversalAttributeValueTypeDef]:
    item: dict[str, UniversalAttributeValueTypeDef] = {}
    for field in fields(record):
        value = getattr(record, field.name)
        if isinstance(value, Progress):
            value = value.to_json()
        if isinstance(value, int):
            item[field.name] = {"N": str(value)}
        elif value is not None:
            item[field.name] = {"S": str(value)}
    return item


def _from_item(item: dict[str, AttributeValueTypeDef]) -> JobRecord:
    known = {field.name for field in fields(JobRecord)}
    values: dict[str, object] = {
        name: int(value["N"]) if "N" in value else value["S"] for name, value in item.items() if name in known
    }
    values["state"] = JobState(str(values["state"]))
    if "progress" in values:
        values["progress"] = Progress.from_json(str(values["progress"]))
    return JobRecord(**{"version": None, **values})  # type: ignore[arg-type]
