"""Fixtures that several test folders share: the template, deployed once per test session."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

# Every test run imports this module, and few runs need a stack.
if TYPE_CHECKING:
    from devstack.stack import LocalStack
    from people_pathing.cli.deployed_stack import DeployedStack

OTHER_NOTIFICATION_ROLE_ARN = "arn:aws:iam::000000000000:role/RekognitionGuide"
OTHER_VIDEO_BUCKETS = ("archive-of-one", "archive-of-another")
# The first test with a marker also builds and deploys the stack, or makes the virtual environments.
TIMEOUT_S_BY_MARKER = {"stack": 600, "clients": 900, "faults": 1200, "wheel": 1200, "accuracy": 1800}


# Tests must not download the model. Those that need one name it.
os.environ.setdefault("REIDENTIFICATION_MODEL", "none")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give tests with certain markers a longer deadline than the default in pyproject.toml."""
    for item in items:
        timeouts_s = [TIMEOUT_S_BY_MARKER.get(marker.name, 0) for marker in item.iter_markers()]
        if any(timeouts_s) and item.get_closest_marker("timeout") is None:
            item.add_marker(pytest.mark.timeout(max(timeouts_s)))


@pytest.fixture(scope="session")
def stack() -> Iterator[LocalStack]:
    """A deployed stack whose segments are so short that people cross their borders."""
    from devstack.parameters import stack_parameters
    from devstack.stack import LocalStack

    model = os.environ.get("TRACKING_MODEL")
    parameters = stack_parameters(None, model, None, None, print)
    parameters |= {"SegmentSeconds": "2", "OtherVideoBuckets": ",".join(OTHER_VIDEO_BUCKETS)}
    parameters |= {"OtherNotificationRoleArns": OTHER_NOTIFICATION_ROLE_ARN, "RecountOnZonesChange": "20"}
    with LocalStack(parameters=parameters, on_step=print) as stack:
        yield stack


@pytest.fixture(scope="session")
def pipeline(stack: LocalStack) -> DeployedStack:
    """The resources of the deployed stack."""
    from people_pathing.cli.deployed_stack import DeployedStack

    return DeployedStack.of(stack.outputs, stack.client("s3"), stack.client("dynamodb"))
