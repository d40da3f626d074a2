"""A paginator of the fakes' clients."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any


class Paginator:
    """Calls an operation for one page after the other. Only DynamoDB's fake has more than one page."""

    def __init__(self, call: Callable[..., Any]) -> None:
        self._call = call

    def paginate(self, *, PaginationConfig: Mapping[str, int] | None = None, **request: Any) -> Iterator[Any]:  # noqa: N803
        if PaginationConfig and "PageSize" in PaginationConfig:
            request["Limit"] = PaginationConfig["PageSize"]
        while True:
            page = self._call(**request)
            yield page
            if "LastEvaluatedKey" not in page:
                return
            request["ExclusiveStartKey"] = page["LastEvaluatedKey"]
