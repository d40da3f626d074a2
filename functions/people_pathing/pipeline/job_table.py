"""The DynamoDB table of job records."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from people_pathing.common.aws_errors import error_code
from people_pathing.common.json_values import from_json, to_json
from people_pathing.pipeline.job_record import JobRecord, JobState
from people_pathing.results.chunks import Progress

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
    """The table of job records, and its index that lists the jobs in a state by the time of upload.

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
        return self._put(record, over=None)

    def get(self, video_id: str) -> JobRecord | None:
        """Reads the current record of a video, or returns None if there is none."""
        reply = self._client.get_item(
            TableName=self._name, Key={"video_id": {"S": video_id}}, ConsistentRead=True
        )
        return _from_item(reply["Item"]) if "Item" in reply else None

    def replace(self, old: JobRecord, new: JobRecord) -> JobRecord | None:
        """Replaces a record by its successor.

        Returns:
            The record as it is stored, or None if another function changed or removed it first.
        """
        new = replace(new, revision=old.revision + 1)
        return new if self._put(new, over=old.revision) else None

    def in_state(self, state: JobState, *, due_ms: int | None = None) -> Iterator[JobRecord]:
        """Lists the records in a state, the oldest upload first.

        The index is updated shortly after the table, so a listed record may be outdated. `replace` notices.

        Args:
            state: the state of the jobs.
            due_ms: if given, lists only jobs that are due at this time and that no function owns.
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
        """Lists the records of all versions of an object. Scans the whole table, so it is for rare use."""
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
        """Removes a record. Does nothing if there is none."""
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
            if error_code(error) == "ConditionalCheckFailedException":
                return False
            raise
        return True


def _to_item(record: JobRecord) -> dict[str, UniversalAttributeValueTypeDef]:
    item: dict[str, UniversalAttributeValueTypeDef] = {}
    for field in fields(record):
        value = getattr(record, field.name)
        if isinstance(value, Progress):
            value = to_json(value)
        if isinstance(value, int):
            item[field.name] = {"N": str(value)}
        elif value is not None:
            item[field.name] = {"S": str(value)}
    return item


def _from_item(item: dict[str, AttributeValueTypeDef]) -> JobRecord:
    # A newer version of the program may have stored attributes that this one does not know.
    known = {field.name for field in fields(JobRecord)}
    values: dict[str, object] = {
        name: int(value["N"]) if "N" in value else value["S"] for name, value in item.items() if name in known
    }
    values["state"] = JobState(str(values["state"]))
    if "progress" in values:
        values["progress"] = from_json(Progress, str(values["progress"]))
    return JobRecord(**{"version": None, **values})  # type: ignore[arg-type]
