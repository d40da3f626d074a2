"""A table of the fake DynamoDB, with its indexes."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.simulation.fakes.expressions import plain

Item = dict[str, Any]
Watcher = Callable[[str, Item | None, Item | None], None]


@dataclass(slots=True)
class Index:
    """A global secondary index. It shows a change some time after the table does.

    Attributes:
        hash_key: the attribute that a query names.
        range_key: the attribute that a query is sorted by.
        items: what the index shows now, by the table's key.
        pending: changes that it does not show yet: when it will, the key and the item.
        order: the values of the range key with the table's keys, in order, by the value of the hash key.
    """

    hash_key: str
    range_key: str
    items: dict[str, Item] = field(default_factory=dict)
    pending: deque[tuple[float, str, Item | None]] = field(default_factory=deque)
    order: defaultdict[Any, list[tuple[Any, str]]] = field(default_factory=lambda: defaultdict(list))

    def show(self, key: str, item: Item | None) -> None:
        """Shows an item of the table, or none if it is None or lacks a key of the index."""
        if old := self.items.pop(key, None):
            entries, entry = self._place(key, old)
            del entries[bisect_left(entries, entry)]
        if item is not None and self.hash_key in item and self.range_key in item:
            insort(*self._place(key, item))
            self.items[key] = item

    def listed(self, hash_value: Any, *, forward: bool) -> Iterator[Item]:
        """Yields the items with a value of the hash key, by the range key and then by the table's key.

        Args:
            hash_value: the value of the hash key.
            forward: whether the order is ascending. Otherwise it is descending.
        """
        entries = self.order[hash_value]
        return (self.items[key] for _, key in (entries if forward else reversed(entries)))

    def _place(self, key: str, item: Item) -> tuple[list[tuple[Any, str]], tuple[Any, str]]:
        return self.order[plain(item[self.hash_key])], (plain(item[self.range_key]), key)


@dataclass(slots=True)
class Table:
    """A table with a hash key.

    Attributes:
        key: the name of the key's attribute.
        indexes: its indexes by name.
        items: the items by key.
        busy_until_s: until when an item is part of a transaction.
        watchers: are called with the key, the old and the new item, after every change.
    """

    key: str
    indexes: dict[str, Index] = field(default_factory=dict)
    items: dict[str, Item] = field(default_factory=dict)
    busy_until_s: dict[str, float] = field(default_factory=dict)
    watchers: list[Watcher] = field(default_factory=list)
