from collections.abc import Iterator

import pytest
from moto import mock_aws

from tests.fakes.pipeline import FakePipeline


@pytest.fixture
def pipeline() -> Iterator[FakePipeline]:
    with mock_aws():
        yield FakePipeline()
