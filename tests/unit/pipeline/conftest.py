from collections.abc import Iterator

import pytest
from moto import mock_aws

from tests.fakes.pipeline import FakedApp


@pytest.fixture
def app() -> Iterator[FakedApp]:
    with mock_aws():
        yield FakedApp()
