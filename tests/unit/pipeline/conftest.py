import io
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from moto import mock_aws

from people_pathing.pipeline.observability import logger
from tests.fakes.pipeline import FakePipeline


@pytest.fixture
def pipeline() -> Iterator[FakePipeline]:
    with mock_aws():
        yield FakePipeline()


@pytest.fixture
def log_lines(monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[dict[str, Any]]]:
    """Returns a function that parses everything that was logged since the beginning of the test."""
    printed = io.StringIO()
    monkeypatch.setattr(logger.registered_handler, "stream", printed)
    return lambda: [json.loads(line) for line in printed.getvalue().splitlines()]
