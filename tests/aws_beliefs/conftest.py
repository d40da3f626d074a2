"""What the tests of beliefs create in an account, and delete again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests.aws_beliefs import buckets
from tests.aws_beliefs.function import Function, Role
from tests.aws_beliefs.queues import Queue
from tests.stack_under_test import StackUnderTest


@pytest.fixture(scope="session")
def function(account: StackUnderTest, new_name: Callable[[str], str]) -> Iterator[Function]:
    """A function that returns its event."""
    name = new_name("echo")
    with ExitStack() as cleanup:
        failed = Queue(account, name)
        cleanup.callback(failed.delete)
        send = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": failed.arn}
        role = Role(account, name, {"Service": "lambda.amazonaws.com"}, send)
        cleanup.callback(role.delete)
        function = Function(account, name, role, failed)
        cleanup.callback(function.delete)
        function.keep_failed_events()
        yield function


@pytest.fixture(scope="session")
def bucket(account: StackUnderTest, new_name: Callable[[str], str]) -> Iterator[str]:
    """A bucket with versions."""
    name = new_name("versions")
    buckets.create(account, name, is_versioned=True)
    yield name
    buckets.delete(account, name)


@pytest.fixture
def new_queue(account: StackUnderTest, new_name: Callable[[str], str]) -> Iterator[Callable[..., Queue]]:
    """A function that creates queues: `new_queue("kind", "events.amazonaws.com")`."""
    with ExitStack() as cleanup:

        def create(kind: str, *senders: str) -> Queue:
            queue = Queue(account, new_name(kind), *senders)
            cleanup.callback(queue.delete)
            return queue

        yield create
