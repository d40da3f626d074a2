"""A paginator for operations whose fakes return everything on one page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any


class Paginator:
    """A paginator. The fake's pages hold everything."""

    def __init__(self, call: Callable[..., Any]) -> None:
        self._call = call

    def paginate(self, **request: Any) -> Iterator[Any]:
        yield self._call(**request)
