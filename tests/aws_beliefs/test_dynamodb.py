"""DynamoDB: transactions that change one item at the same time. tests/simulation has more beliefs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from people_pathing.service.item_conflicts import BUSY_REASONS, cancellation_reasons
from tests.simulation.both_clients import TABLE
from tests.stack_under_test import StackUnderTest

pytestmark = pytest.mark.stack

CALLS = 40
THREADS = 10


@pytest.fixture(scope="module")
def table(account: StackUnderTest, new_name: Callable[[str], str]) -> Iterator[str]:
    dynamodb, name = account.client("dynamodb"), new_name("conflicts")
    dynamodb.create_table(TableName=name, **TABLE)
    dynamodb.get_waiter("table_exists").wait(TableName=name)
    yield name
    dynamodb.delete_table(TableName=name)


@pytest.mark.aws_belief(
    source="Managing complex workflows with DynamoDB transactions in the Amazon DynamoDB Developer Guide",
    used_by="functions/people_pathing/service/item_conflicts.py",
)
def test_transactions_on_one_item_all_succeed_or_are_cancelled_as_conflicts(
    account: StackUnderTest, table: str
) -> None:
    dynamodb = account.client("dynamodb", config=Config(max_pool_connections=THREADS))

    def write(number: int) -> tuple[bytes, set[str]]:
        own = bytes([number])
        put = {"TableName": table, "Item": {"pk": {"S": f"job {number}"}}}
        update = {
            "TableName": table,
            "Key": {"pk": {"S": "register"}},
            "UpdateExpression": "ADD running :ids",
            "ExpressionAttributeValues": {":ids": {"BS": [own]}},
        }
        try:
            dynamodb.transact_write_items(TransactItems=[{"Put": put}, {"Update": update}])
        except ClientError as error:
            return own, {str(reason.get("Code")) for reason in cancellation_reasons(error)} - {"None"}
        return own, set()

    with ThreadPoolExecutor(THREADS) as pool:
        outcomes = list(pool.map(write, range(CALLS)))

    assert set().union(*(reasons for _, reasons in outcomes)) <= BUSY_REASONS
    register = dynamodb.get_item(TableName=table, Key={"pk": {"S": "register"}}, ConsistentRead=True)["Item"]
    written = {own for own, reasons in outcomes if not reasons}
    assert {bytes(own) for own in register["running"]["BS"]} == written
