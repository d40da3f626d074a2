"""The fake of DynamoDB answers as moto and AWS do: results, error codes and the details of errors."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from people_pathing.service import job_items, job_store
from tests.simulation.both_clients import code_of, error_of

# The parameter "account" replays these tests with the real service.
pytestmark = pytest.mark.aws_belief(
    source="PutItem, UpdateItem, DeleteItem, Query, TransactWriteItems in the Amazon DynamoDB API Reference",
    used_by="functions/people_pathing/service/job_store.py, functions/people_pathing/pipeline/job_table.py",
)


def item(pk: str, **attributes: Any) -> dict[str, Any]:
    return {"pk": {"S": pk}, **attributes}


def put(aws: SimpleNamespace, pk: str, **attributes: Any) -> None:
    aws.dynamodb.put_item(TableName="table", Item=item(pk, **attributes))


def stored(aws: SimpleNamespace, pk: str) -> Any:
    reply = aws.dynamodb.get_item(TableName="table", Key={"pk": {"S": pk}}, ConsistentRead=True)
    return reply.get("Item")


def change(aws: SimpleNamespace, pk: str, expression: str, **more: Any) -> Any:
    return aws.dynamodb.update_item(
        TableName="table", Key={"pk": {"S": pk}}, UpdateExpression=expression, **more
    )


def test_an_item_that_does_not_exist_is_left_out_of_the_reply(aws: SimpleNamespace) -> None:
    assert stored(aws, "a") is None


def test_a_conditional_put_is_refused_with_the_old_item(aws: SimpleNamespace) -> None:
    request = {"TableName": "table", "Item": item("a"), "ConditionExpression": "attribute_not_exists(pk)"}
    aws.dynamodb.put_item(**request)
    refused = error_of(aws.dynamodb.put_item, **request)
    assert refused["Error"]["Code"] == "ConditionalCheckFailedException"
    assert "Item" not in refused
    shown = error_of(aws.dynamodb.put_item, **request, ReturnValuesOnConditionCheckFailure="ALL_OLD")
    assert shown["Item"] == item("a")


def test_a_refused_put_of_an_item_that_does_not_exist_shows_no_item(aws: SimpleNamespace) -> None:
    refused = error_of(
        aws.dynamodb.put_item,
        TableName="table",
        Item=item("a"),
        ConditionExpression="revision = :old",
        ExpressionAttributeValues={":old": {"N": "1"}},
        ReturnValuesOnConditionCheckFailure="ALL_OLD",
    )
    assert refused["Error"]["Code"] == "ConditionalCheckFailedException"
    assert not refused.get("Item")


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("attribute_exists(amount)", True),
        ("attribute_exists(absent)", False),
        ("amount = :two", True),
        ("absent = :two", False),
        ("absent <> :two", True),
        ("absent < :two", False),
        ("amount < :two", False),
        ("amount <= :two AND attribute_not_exists(absent)", True),
        ("NOT amount = :two", False),
        ("amount = :two OR absent = :two", True),
        ("(amount > :two OR amount = :two) AND attribute_exists(pk)", True),
        ("size(colours) = :two", True),
        ("size(colours) < :two", False),
    ],
)
def test_conditions_hold_or_not(condition: str, holds: bool, aws: SimpleNamespace) -> None:
    put(aws, "a", amount={"N": "2"}, colours={"SS": ["blue", "red"]})
    values = {"ExpressionAttributeValues": {":two": {"N": "2"}}} if ":two" in condition else {}
    request = {"ConditionExpression": condition, **values}
    if holds:
        change(aws, "a", "REMOVE nothing", **request)
    else:
        refused = code_of(lambda: change(aws, "a", "REMOVE nothing", **request))
        assert refused == "ConditionalCheckFailedException"


def test_an_update_sets_removes_adds_and_deletes(aws: SimpleNamespace) -> None:
    put(aws, "a", amount={"N": "2"}, former={"S": "x"}, colours={"SS": ["blue", "red"]})
    reply = change(
        aws,
        "a",
        "SET #state = :state, amount = :one REMOVE former ADD sum_of_all :one DELETE colours :blue",
        ExpressionAttributeNames={"#state": "state"},
        ExpressionAttributeValues={
            ":state": {"S": "OPEN"},
            ":one": {"N": "1"},
            ":blue": {"SS": ["blue"]},
        },
        ReturnValues="ALL_NEW",
    )
    wanted = item("a", amount={"N": "1"}, state={"S": "OPEN"}, sum_of_all={"N": "1"}, colours={"SS": ["red"]})
    assert reply["Attributes"] == stored(aws, "a") == wanted


def test_an_update_creates_an_item_and_an_empty_set_disappears(aws: SimpleNamespace) -> None:
    one, two = {":ids": {"BS": [b"\x01"]}}, {":ids": {"BS": [b"\x02"]}}
    change(aws, "a", "ADD running :ids", ExpressionAttributeValues=one)
    change(aws, "a", "ADD running :ids", ExpressionAttributeValues=two)
    assert sorted(stored(aws, "a")["running"]["BS"]) == [b"\x01", b"\x02"]
    change(aws, "a", "DELETE running :ids ADD ending :ids", ExpressionAttributeValues=one)
    assert stored(aws, "a") == item("a", running={"BS": [b"\x02"]}, ending={"BS": [b"\x01"]})
    change(aws, "a", "DELETE running :ids, ending :ids", ExpressionAttributeValues=two)
    assert stored(aws, "a") == item("a", ending={"BS": [b"\x01"]})


def test_names_and_values_must_be_used_and_given(aws: SimpleNamespace) -> None:
    unused = {":one": {"N": "1"}}
    assert code_of(lambda: change(aws, "a", "REMOVE b", ExpressionAttributeValues=unused)) == (
        "ValidationException"
    )
    absent = {":two": {"N": "1"}}
    assert code_of(lambda: change(aws, "a", "SET b = :one", ExpressionAttributeValues=absent)) == (
        "ValidationException"
    )


def test_a_deletion_can_have_a_condition(aws: SimpleNamespace) -> None:
    put(aws, "a", amount={"N": "2"})
    request = {
        "TableName": "table",
        "Key": {"pk": {"S": "a"}},
        "ConditionExpression": "amount = :wanted",
    }
    wrong, right = ({"ExpressionAttributeValues": {":wanted": {"N": number}}} for number in ("1", "2"))
    assert code_of(aws.dynamodb.delete_item, **request, **wrong) == "ConditionalCheckFailedException"
    aws.dynamodb.delete_item(**request, **right)
    assert stored(aws, "a") is None


def start(aws: SimpleNamespace, pk: str, limit: int) -> Any:
    """Does what the job store does at a start, with its conditions."""
    values = {":now_s": {"N": "100"}, ":running": {"S": "RUNNING"}}
    new = item(pk, state={"S": "RUNNING"}, expires_s={"N": "200"})
    put_job = {
        "TableName": "table",
        "Item": new,
        "ConditionExpression": job_store.NO_OTHER_JOB,
        "ExpressionAttributeNames": {"#state": "state"},
        "ExpressionAttributeValues": values,
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }
    take_slot = {
        "TableName": "table",
        "Key": {"pk": {"S": job_items.REGISTER_KEY}},
        "UpdateExpression": "ADD running :ids",
        "ConditionExpression": job_store.SLOT_IS_FREE,
        "ExpressionAttributeValues": {":ids": {"BS": [pk.encode()]}, ":limit": {"N": str(limit)}},
    }
    return aws.dynamodb.transact_write_items(TransactItems=[{"Put": put_job}, {"Update": take_slot}])


def test_a_transaction_writes_both_items(aws: SimpleNamespace) -> None:
    start(aws, "a", 1)
    assert stored(aws, "a")["state"] == {"S": "RUNNING"}
    assert stored(aws, job_items.REGISTER_KEY)["running"] == {"BS": [b"a"]}


def test_a_cancelled_transaction_writes_nothing_and_says_why(aws: SimpleNamespace) -> None:
    start(aws, "a", 1)
    full = error_of(start, aws=aws, pk="b", limit=1)
    assert full["Error"]["Code"] == "TransactionCanceledException"
    assert [reason["Code"] for reason in full["CancellationReasons"]] == ["None", "ConditionalCheckFailed"]
    assert stored(aws, "b") is None
    taken = error_of(start, aws=aws, pk="a", limit=2)["CancellationReasons"]
    assert [reason["Code"] for reason in taken] == ["ConditionalCheckFailed", "None"]
    assert taken[0]["Item"] == stored(aws, "a")
    assert stored(aws, job_items.REGISTER_KEY)["running"] == {"BS": [b"a"]}


def query(aws: SimpleNamespace, **more: Any) -> Any:
    values = {":state": {"S": "OPEN"}, **more.pop("values", {})}
    condition = more.pop("condition", "#state = :state")
    return aws.dynamodb.query(
        TableName="table",
        IndexName="state-due",
        KeyConditionExpression=condition,
        ExpressionAttributeNames={"#state": "state"},
        ExpressionAttributeValues=values,
        **more,
    )


@pytest.fixture
def listed(aws: SimpleNamespace) -> SimpleNamespace:
    for pk, due in (("a", 3), ("b", 1), ("c", 2)):
        put(aws, pk, state={"S": "OPEN"}, due={"N": str(due)}, lease={"N": str(due % 2)})
    put(aws, "other", state={"S": "DONE"}, due={"N": "0"})
    put(aws, "unlisted", state={"S": "OPEN"})
    return aws


def keys(reply: Any) -> list[str]:
    return [each["pk"]["S"] for each in reply["Items"]]


def test_an_index_lists_items_in_order_of_its_range_key(listed: SimpleNamespace) -> None:
    assert keys(query(listed)) == ["b", "c", "a"]
    assert keys(query(listed, ScanIndexForward=False)) == ["a", "c", "b"]
    due = {"condition": "#state = :state AND due <= :now", "values": {":now": {"N": "2"}}}
    assert keys(query(listed, **due)) == ["b", "c"]


def test_a_query_reads_as_many_items_as_its_limit_before_it_filters(listed: SimpleNamespace) -> None:
    page = query(listed, Limit=2, FilterExpression="lease < :one", values={":one": {"N": "1"}})
    assert (keys(page), page["Count"], page["ScannedCount"]) == (["c"], 1, 2)
    assert page["LastEvaluatedKey"]["pk"] == {"S": "c"}
    assert keys(query(listed, ExclusiveStartKey=page["LastEvaluatedKey"])) == ["a"]


def test_a_query_can_only_count(listed: SimpleNamespace) -> None:
    reply = query(listed, Select="COUNT")
    assert reply["Count"] == 3
    assert "Items" not in reply


def test_a_paginator_reads_all_pages(listed: SimpleNamespace) -> None:
    pages = listed.dynamodb.get_paginator("query").paginate(
        TableName="table",
        IndexName="state-due",
        KeyConditionExpression="#state = :state",
        ExpressionAttributeNames={"#state": "state"},
        ExpressionAttributeValues={":state": {"S": "OPEN"}},
        PaginationConfig={"PageSize": 2},
    )
    assert [keys(page) for page in pages][:2] == [["b", "c"], ["a"]]


def test_an_index_follows_changes_of_an_item(listed: SimpleNamespace) -> None:
    put(listed, "b", state={"S": "DONE"}, due={"N": "9"})
    listed.dynamodb.delete_item(TableName="table", Key={"pk": {"S": "c"}})
    assert keys(query(listed)) == ["a"]


def test_a_scan_filters_all_items(listed: SimpleNamespace) -> None:
    reply = listed.dynamodb.scan(
        TableName="table",
        FilterExpression="#state = :state",
        ExpressionAttributeNames={"#state": "state"},
        ExpressionAttributeValues={":state": {"S": "DONE"}},
    )
    assert keys(reply) == ["other"]
