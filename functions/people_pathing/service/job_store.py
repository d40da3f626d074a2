"""Jobs, client tokens and slots, in one DynamoDB table.

The table has two kinds of item. There is one item per job. Its key is the first half of the JobId, which is a
hash of the account and the client token: the token leads to the job, and the JobId leads to its item. One
more item, the register, has two sets of JobIds: `running` are the jobs that hold a slot, and `ending` are the
jobs whose completion notice may not be published yet. The size of `running` is compared with the job limit,
so there is no count that could become wrong.

Starting a job writes both items in one transaction, so a refused start has written nothing. Every other
change is one update that may be repeated. A step that dies between two updates leaves a JobId in a set, where
the sweep (`service.sweep`) finds it.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from people_pathing.common.aws_errors import error_code
from people_pathing.common.clock import now_ms
from people_pathing.service.item_conflicts import cancellation_reasons, retry_conflicts
from people_pathing.service.job import RESULTS_KEPT_S, CompletionStatus, Job
from people_pathing.service.job_items import (
    REGISTER_KEY,
    Ending,
    Register,
    StoredJob,
    item_key,
    job_id_set,
    register_of,
    stored_job_of,
    to_item,
)
from people_pathing.service.protocol.errors import LimitExceededException

if TYPE_CHECKING:
    from types_boto3_dynamodb.client import DynamoDBClient
    from types_boto3_dynamodb.type_defs import AttributeValueTypeDef, UpdateItemInputTypeDef

ITEM_KEPT_S = 15 * 24 * 3600
"""When DynamoDB may delete an item. A job ends within a day, and is kept for 7 days after that."""

MIN_NOTICE_PAUSE_S = 120
"""How long one invocation has for publishing a notice before another one may try. Longer than its timeout."""

NO_OTHER_JOB = "attribute_not_exists(pk) OR (expires_s <= :now_s AND #state <> :running)"
SLOT_IS_FREE = "attribute_not_exists(running) OR size(running) < :limit"
JOB_IS_RUNNING = "#state = :running AND job_id = :job_id"
NOTICE_IS_DUE = (
    "job_id = :job_id AND attribute_exists(notice_after_s) AND (notice_after_s <= :now_s OR teller = :teller)"
)


class JobStore:
    """Reads and changes the table.

    Errors are botocore's. A change also raises ThrottlingException if other calls keep changing the item.

    Args:
        client: a client of DynamoDB.
        table: the table's name.
        now_ms: the clock.
        sleep: waits for a number of seconds.
    """

    def __init__(
        self,
        client: DynamoDBClient,
        table: str,
        *,
        now_ms: Callable[[], int] = now_ms,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._client = client
        self._table = table
        self._now_ms = now_ms
        self._sleep = sleep

    def now_s(self) -> int:
        """Returns the current time in seconds since the epoch."""
        return self._now_ms() // 1000

    def of_token(self, key: str) -> StoredJob | None:
        """Returns a token's job, or None if the token is new or has expired."""
        found = self._find(key)
        return None if found is None or found.is_expired(self.now_s()) else found

    def get(self, job_id: str) -> StoredJob | None:
        """Returns a job, or None if there is none, or if it has expired."""
        found = self.get_even_expired(job_id)
        return None if found is None or found.is_expired(self.now_s()) else found

    def get_even_expired(self, job_id: str) -> StoredJob | None:
        """Returns a job, or None if there is none."""
        found = self._find(item_key(job_id))
        return found if found is not None and found.job.job_id == job_id else None

    def register(self) -> Register:
        """Returns the jobs that need attention."""
        return register_of(self._read(REGISTER_KEY))

    def add(self, job: Job, digest: str, limit: int) -> StoredJob:
        """Stores a new job and gives it a slot, both or neither.

        Args:
            job: the new job. The first half of its JobId is its token's key.
            digest: SHA-256 of the request's parameters.
            limit: how many jobs may hold a slot.

        Returns:
            The job that has the token now. It may be another call's, or the job of this call's own earlier
            attempt, whose reply was lost.

        Raises:
            LimitExceededException: all slots are taken.
        """
        now_s = self.now_s()
        new = StoredJob(job, digest, "RUNNING", None, now_s + RESULTS_KEPT_S, notice_after_s=None)
        put: Any = {
            "TableName": self._table,
            "Item": to_item(new, now_s + ITEM_KEPT_S),
            "ConditionExpression": NO_OTHER_JOB,
            "ExpressionAttributeNames": {"#state": "state"},
            "ExpressionAttributeValues": {":now_s": {"N": str(now_s)}, ":running": {"S": "RUNNING"}},
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
        take_slot: Any = {
            "TableName": self._table,
            "Key": {"pk": {"S": REGISTER_KEY}},
            "UpdateExpression": "ADD running :job_ids",
            "ConditionExpression": SLOT_IS_FREE,
            "ExpressionAttributeValues": {":job_ids": job_id_set(job.job_id), ":limit": {"N": str(limit)}},
        }
        try:
            retry_conflicts(
                self._sleep,
                lambda: self._client.transact_write_items(
                    TransactItems=[{"Put": put}, {"Update": take_slot}]
                ),
            )
        except ClientError as error:
            token_reason, slot_reason = cancellation_reasons(error)
            if token_reason.get("Code") == "ConditionalCheckFailed":
                return stored_job_of(token_reason["Item"])
            if slot_reason.get("Code") == "ConditionalCheckFailed":
                raise LimitExceededException.of(limit) from error
            raise
        return new

    def end(self, job_id: str, status: CompletionStatus, message: str | None, teller: str) -> Ending:
        """Decides the outcome of a job, once. From then on its completion notice is owed.

        Args:
            job_id: the job.
            status: how it ended.
            message: the reason, unless it succeeded.
            teller: who publishes the notice: the caller, until MIN_NOTICE_PAUSE_S have passed.
        """
        now_s = self.now_s()
        # If the reply of the update is lost, the SDK repeats it. This shows that the first try was our own.
        ended_by = secrets.token_hex(8)
        changes = {
            "#state": {"S": status},
            "ended_by": {"S": ended_by},
            "expires_s": {"N": str(now_s + RESULTS_KEPT_S)},
            "notice_after_s": {"N": str(now_s + MIN_NOTICE_PAUSE_S)},
            "teller": {"S": teller},
            **({} if message is None else {"message": {"S": message}}),
        }
        values = {f":{name.strip('#')}": value for name, value in changes.items()}
        try:
            _, item = self._change(
                item_key(job_id),
                "SET " + ", ".join(f"{name} = :{name.strip('#')}" for name in changes),
                JOB_IS_RUNNING,
                {":running": {"S": "RUNNING"}, ":job_id": {"S": job_id}, **values},
            )
        except (ClientError, BotoCoreError):
            # The update may have taken effect all the same. A retry would not know that the end is its own.
            item = self._read_if_possible(item_key(job_id))
            if item.get("ended_by") != {"S": ended_by}:
                raise
        if not item or item["job_id"]["S"] != job_id:
            return Ending(None, is_first=False)
        return Ending(stored_job_of(item), is_first=item.get("ended_by") == {"S": ended_by})

    def release_slot(self, job_id: str) -> None:
        """Releases a job's slot. The job stays in the register until its notice is published."""
        self._change_register("DELETE running :job_ids ADD ending :job_ids", job_id)

    def remove(self, job_id: str) -> None:
        """Removes a job from the register: it needs no more attention."""
        self._change_register("DELETE running :job_ids, ending :job_ids", job_id)

    def claim_notice(self, ended: StoredJob, teller: str) -> bool:
        """Claims the publication of a notice that is owed. Returns False if another invocation has it.

        The longer a notice cannot be published, the longer are the pauses between attempts.
        """
        now_s = self.now_s()
        pause_s = max(MIN_NOTICE_PAUSE_S, (now_s - ended.ended_s) // 4)
        is_claimed, _ = self._change(
            item_key(ended.job.job_id),
            "SET notice_after_s = :later_s, teller = :teller",
            NOTICE_IS_DUE,
            {
                ":job_id": {"S": ended.job.job_id},
                ":now_s": {"N": str(now_s)},
                ":later_s": {"N": str(now_s + pause_s)},
                ":teller": {"S": teller},
            },
        )
        return is_claimed

    def record_published(self, job_id: str) -> None:
        """Records that a job's notice is published."""
        self._change(
            item_key(job_id), "REMOVE notice_after_s", "job_id = :job_id", {":job_id": {"S": job_id}}
        )

    def all_jobs(self) -> Iterator[StoredJob]:
        """Yields every job that the table has. Scans the whole table, so it is for rare use."""
        for page in self._client.get_paginator("scan").paginate(TableName=self._table, ConsistentRead=True):
            yield from (stored_job_of(item) for item in page["Items"] if item["pk"]["S"] != REGISTER_KEY)

    def delete(self, job_id: str) -> bool:
        """Deletes a job that has ended. Returns False if it is running or is another job by now."""
        try:
            self._client.delete_item(
                TableName=self._table,
                Key={"pk": {"S": item_key(job_id)}},
                ConditionExpression="attribute_not_exists(pk) OR (#state <> :running AND job_id = :job_id)",
                ExpressionAttributeNames={"#state": "state"},
                ExpressionAttributeValues={":running": {"S": "RUNNING"}, ":job_id": {"S": job_id}},
            )
        except ClientError as error:
            if error_code(error) == "ConditionalCheckFailedException":
                return False
            raise
        return True

    def _find(self, key: str) -> StoredJob | None:
        item = self._read(key)
        return stored_job_of(item) if item else None

    def _read(self, key: str) -> Mapping[str, AttributeValueTypeDef]:
        reply = self._client.get_item(TableName=self._table, Key={"pk": {"S": key}}, ConsistentRead=True)
        return reply.get("Item", {})

    def _read_if_possible(self, key: str) -> Mapping[str, AttributeValueTypeDef]:
        """Reads an item after a failed call. Returns an empty one if the table does not answer."""
        with suppress(ClientError, BotoCoreError):
            return self._read(key)
        return {}

    def _change_register(self, expression: str, job_id: str) -> None:
        retry_conflicts(
            self._sleep,
            lambda: self._client.update_item(
                TableName=self._table,
                Key={"pk": {"S": REGISTER_KEY}},
                UpdateExpression=expression,
                ExpressionAttributeValues={":job_ids": job_id_set(job_id)},
            ),
        )

    def _change(
        self, key: str, expression: str, condition: str, values: Mapping[str, Any]
    ) -> tuple[bool, Mapping[str, AttributeValueTypeDef]]:
        """Changes a job's item if a condition holds.

        Returns:
            Whether the item was changed, and the item: the new one, or the one that failed the condition.
        """
        request: UpdateItemInputTypeDef = {
            "TableName": self._table,
            "Key": {"pk": {"S": key}},
            "UpdateExpression": expression,
            "ConditionExpression": condition,
            "ExpressionAttributeValues": dict(values),
            "ReturnValues": "ALL_NEW",
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
        if "#state" in expression + condition:
            request["ExpressionAttributeNames"] = {"#state": "state"}
        try:
            reply = retry_conflicts(self._sleep, lambda: self._client.update_item(**request))
            return True, reply["Attributes"]
        except ClientError as error:
            if error_code(error) == "ConditionalCheckFailedException":
                item: Mapping[str, AttributeValueTypeDef] = error.response.get("Item", {})  # type: ignore[assignment]
                return False, item
            raise
