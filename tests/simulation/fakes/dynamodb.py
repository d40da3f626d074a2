"""A fake of DynamoDB: conditional writes, transactions that conflict, and indexes that lag behind."""

# Parameters have the names that boto3 gives them.
# ruff: noqa: N803

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from tests.simulation.errors import Exceptions, client_error
from tests.simulation.fakes.expressions import condition, plain, problem, update
from tests.simulation.fakes.paginator import Paginator
from tests.simulation.fakes.table import Index, Item, Table
from tests.simulation.network import Network

CONFLICT_S = 0.012
"""How long the items of a transaction refuse other writes."""

INDEX_LAGS_S = (0.02, 0.5, 5.0, 30.0)
MAX_PAGE = 100

EQUALITY = re.compile(r"(#?\w+) = (:\w+)")
"""A comparison for equality in an expression: the name and the value."""

EXPRESSIONS = ("ConditionExpression", "FilterExpression", "KeyConditionExpression", "UpdateExpression")


class Dynamodb:
    """A client of DynamoDB.

    Args:
        network: carries the calls.
        tables: the tables by name.
    """

    exceptions = Exceptions()

    def __init__(self, network: Network, tables: dict[str, Table]) -> None:
        self._network = network
        self._tables = tables

    def get_item(self, *, TableName: str, Key: Item, **_: Any) -> Any:
        table, key = self._tables[TableName], _only(Key)

        def effect() -> Any:
            item = table.items.get(key)
            return {"Item": item} if item is not None else {}

        return self._network.call("dynamodb", "GetItem", key, effect)

    def put_item(self, **request: Any) -> Any:
        return self._write("Put", request)

    def update_item(self, **request: Any) -> Any:
        return self._write("Update", request)

    def delete_item(self, **request: Any) -> Any:
        return self._write("Delete", request)

    def transact_write_items(self, *, TransactItems: list[Any], **_: Any) -> Any:
        # DynamoDB recognises a repeated transaction by a token that botocore adds. This fake does not, which
        # is harder: the code must recognise its own first attempt by the items.
        actions = [next(iter(action.items())) for action in TransactItems]
        for _, request in actions:
            _check(request)

        def effect() -> Any:
            failures = [self._failure(request) for _, request in actions]
            if any(failures):
                raise client_error(
                    "TransactionCanceledException",
                    400,
                    "Transaction cancelled",
                    CancellationReasons=[failure or {"Code": "None"} for failure in failures],
                )
            for action, request in actions:
                table, key = self._place_of(request)
                table.busy_until_s[key] = self._network.world.now_s + CONFLICT_S
                self._change(action, request)
            return {}

        first_key = self._place_of(actions[0][1])[1]
        return self._network.call("dynamodb", "TransactWriteItems", first_key, effect, writes=True)

    def query(self, **request: Any) -> Any:
        _check(request)
        subject = "".join(str(plain(value)) for value in request["ExpressionAttributeValues"].values())
        return self._network.call("dynamodb", "Query", subject, lambda: self._page(request, indexed=True))

    def scan(self, **request: Any) -> Any:
        _check(request)
        return self._network.call(
            "dynamodb", "Scan", request["TableName"], lambda: self._page(request, indexed=False)
        )

    def get_paginator(self, operation: str) -> Paginator:
        return Paginator(getattr(self, operation))

    def _write(self, action: str, request: Mapping[str, Any]) -> Any:
        _check(request)

        def effect() -> Any:
            if failure := self._failure(request):
                code, message = failure.pop("Code"), failure.pop("Message")
                raise client_error(f"{code}Exception", 400, message, **failure)
            old, new = self._change(action, request)
            shown = {"ALL_OLD": old, "ALL_NEW": new}.get(request.get("ReturnValues", ""))
            return {"Attributes": shown} if shown else {}

        _, key = self._place_of(request)
        return self._network.call("dynamodb", f"{action}Item", key, effect, writes=True)

    def _failure(self, request: Mapping[str, Any]) -> dict[str, Any] | None:
        """Returns why a write fails, as a transaction gives its reasons, or None if it succeeds."""
        table, key = self._place_of(request)
        if table.busy_until_s.get(key, 0) > self._network.world.now_s:
            return {"Code": "TransactionConflict", "Message": "Transaction is ongoing for the item"}
        old = table.items.get(key)
        if _holds(old, request):
            return None
        is_shown = request.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD" and old is not None
        more = {"Item": old} if is_shown else {}
        return {"Code": "ConditionalCheckFailed", "Message": "The conditional request failed", **more}

    def _change(self, action: str, request: Mapping[str, Any]) -> tuple[Item | None, Item | None]:
        """Changes an item. Returns the old and the new one."""
        table, key = self._place_of(request)
        old = table.items.get(key)
        new: Item | None
        match action:
            case "Put":
                new = request["Item"]
            case "Update":
                new = _updated(table, key, request)
            case "Delete":
                new = None
            case _:
                raise NotImplementedError(action)
        self._store(table, key, new)
        return old, new

    def _place_of(self, request: Mapping[str, Any]) -> tuple[Table, str]:
        table = self._tables[request["TableName"]]
        return table, str(request["Item"][table.key]["S"]) if "Item" in request else _only(request["Key"])

    def _store(self, table: Table, key: str, new: Item | None) -> None:
        old = table.items.get(key)
        if new is None:
            table.items.pop(key, None)
        else:
            table.items[key] = new
        world = self._network.world
        for index in table.indexes.values():
            lag_s = INDEX_LAGS_S[world.tape.choose(len(INDEX_LAGS_S), 0.1)]
            # Changes of one item arrive in order.
            shown_s = max([world.now_s + lag_s, *(at_s for at_s, other, _ in index.pending if other == key)])
            index.pending.append((shown_s, key, new))
        for watch in table.watchers:
            watch(key, old, new)

    def _page(self, request: Mapping[str, Any], *, indexed: bool) -> Any:
        table = self._tables[request["TableName"]]
        names, values = (
            request.get("ExpressionAttributeNames", {}),
            request.get("ExpressionAttributeValues", {}),
        )
        limit = request.get("Limit", MAX_PAGE)
        if indexed:
            listed = self._listed(table, request, names, values)
        else:
            listed = iter([table.items[key] for key in sorted(table.items)])
        if start := request.get("ExclusiveStartKey"):
            items = list(listed)
            keys = [item[table.key]["S"] for item in items]
            position = keys.index(start[table.key]["S"]) + 1 if start[table.key]["S"] in keys else 0
            listed = iter(items[position:])
        # One more tells whether there is another page.
        items = list(islice(listed, limit + 1))
        page, rest = items[:limit], items[limit:]
        if text := request.get("FilterExpression"):
            wanted = condition(text)
            matching = [item for item in page if wanted(item, names, values)]
        else:
            matching = page
        reply: dict[str, Any] = {"Count": len(matching), "ScannedCount": len(page)}
        if request.get("Select") != "COUNT":
            reply["Items"] = matching
        if rest:
            reply["LastEvaluatedKey"] = {table.key: page[-1][table.key]}
        return reply

    def _listed(
        self, table: Table, request: Mapping[str, Any], names: Mapping[str, str], values: Mapping[str, Any]
    ) -> Iterator[Item]:
        index = table.indexes[request["IndexName"]]
        self._catch_up(index)
        text = request["KeyConditionExpression"]
        equal = {names.get(name, name): value for name, value in EQUALITY.findall(text)}
        hash_value = plain(values[equal[index.hash_key]])
        wanted = condition(text)
        listed = index.listed(hash_value, forward=request.get("ScanIndexForward", True))
        return (item for item in listed if wanted(item, names, values))

    def _catch_up(self, index: Index) -> None:
        later: deque[tuple[float, str, Item | None]] = deque()
        for at_s, key, item in index.pending:
            if at_s > self._network.world.now_s:
                later.append((at_s, key, item))
            else:
                index.show(key, item)
        index.pending = later


def _only(key: Item) -> str:
    ((_, value),) = key.items()
    return str(value["S"])


def _check(request: Mapping[str, Any]) -> None:
    texts = tuple(request[name] for name in EXPRESSIONS if name in request)
    names = frozenset(request.get("ExpressionAttributeNames", ()))
    values = frozenset(request.get("ExpressionAttributeValues", ()))
    if texts and (reason := problem(texts, names, values)):
        raise client_error("ValidationException", 400, reason)


def _holds(old: Item | None, request: Mapping[str, Any]) -> bool:
    text = request.get("ConditionExpression")
    if text is None:
        return True
    return condition(text)(
        old or {}, request.get("ExpressionAttributeNames", {}), request.get("ExpressionAttributeValues", {})
    )


def _updated(table: Table, key: str, request: Mapping[str, Any]) -> Item:
    new = dict(table.items.get(key) or {table.key: {"S": key}})
    if text := request.get("UpdateExpression"):
        update(text)(
            new, request.get("ExpressionAttributeNames", {}), request.get("ExpressionAttributeValues", {})
        )
    return new
