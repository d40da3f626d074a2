"""A table of the fake DynamoDB, with its indexes."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

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
    """

    hash_key: str
    range_key: str
    items: dict[str, Item] = field(default_factory=dict)
    pending: deque[tuple[float, str, Item | None]] = field(default_factory=deque)


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
