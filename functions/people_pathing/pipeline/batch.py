"""Several things to be handled, of which none is to suffer from another."""

from collections.abc import Callable, Iterable
from typing import TypeVar

from people_pathing.pipeline.observability import logger

T = TypeVar("T")


def handle_each(items: Iterable[T], handle: Callable[[T], None]) -> None:
    """Handle every item; raise what went wrong with any, as an ExceptionGroup, once all have had a turn."""
    errors = []
    count = 0
    for item in items:
        count += 1
        try:
            handle(item)
        except Exception as error:
            logger.exception("one of several could not be handled")
            errors.append(error)
    if errors:
        raise ExceptionGroup(f"{len(errors)} of {count} could not be handled", errors)
