"""Fixtures that several test folders share: the template, deployed once per test session.

With the environment variable STACK_NAME, the stack is one that is deployed in an AWS account.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

# Every test run imports this module, and few runs need a stack.
if TYPE_CHECKING:
    from devstack.stack import LocalStack
    from people_pathing.cli.deployed_stack import DeployedStack
    from tests.stack_under_test import StackUnderTest

OTHER_NOTIFICATION_ROLE_ARN = "arn:aws:iam::000000000000:role/RekognitionGuide"
OTHER_VIDEO_BUCKETS = ("archive-of-one", "archive-of-another")
# The first test with a marker also builds and deploys the stack, or makes the virtual environments.
TIMEOUT_S_BY_MARKER = {
    "stack": 600,
    "image": 600,
    "clients": 900,
    "faults": 1200,
    "wheel": 1200,
    "accuracy": 1800,
}


# Tests must not download the model. Those that need one name it.
os.environ.setdefault("REIDENTIFICATION_MODEL", "none")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give tests with certain markers a longer deadline than the default in pyproject.toml.

    Skip tests that need the local stack if another one is named.
    """
    if any(item.get_closest_marker("aws_belief") for item in items):
        from tests.aws_beliefs.marks import expect_local_differences

        expect_local_differences(items)
    for item in items:
        local_only = item.get_closest_marker("local_only")
        if local_only is not None and stack_in_account():
            item.add_marker(pytest.mark.skip(reason=f"only with the local stack: {local_only.args[0]}"))
        timeouts_s = [TIMEOUT_S_BY_MARKER.get(marker.name, 0) for marker in item.iter_markers()]
        if any(timeouts_s) and item.get_closest_marker("timeout") is None:
            item.add_marker(pytest.mark.timeout(max(timeouts_s)))


def stack_in_account() -> str | None:
    """Returns the name of the stack that is deployed in an account, or None to use the local stack."""
    return os.environ.get("STACK_NAME") or None


@pytest.fixture(scope="session")
def stack() -> Iterator[LocalStack]:
    """The local stack. Its segments are so short that people cross their borders."""
    if name := stack_in_account():
        pytest.skip(f"the test needs the local stack, and STACK_NAME={name} names another one")
    from devstack.parameters import stack_parameters
    from devstack.stack import LocalStack

    model = os.environ.get("TRACKING_MODEL")
    parameters = stack_parameters(None, model, None, None, print)
    parameters |= {"SegmentSeconds": "2", "OtherVideoBuckets": ",".join(OTHER_VIDEO_BUCKETS)}
    parameters |= {"OtherNotificationRoleArns": OTHER_NOTIFICATION_ROLE_ARN, "RecountOnZonesChange": "20"}
    with LocalStack(parameters=parameters, on_step=print) as stack:
        yield stack


@pytest.fixture(scope="session")
def deployed(request: pytest.FixtureRequest) -> StackUnderTest:
    """The stack under test: the one in an account that STACK_NAME names, otherwise the local one."""
    from tests.stack_under_test import StackUnderTest

    if name := stack_in_account():
        return StackUnderTest.in_account(name)
    from devstack.stack import STACK_NAME

    stack: LocalStack = request.getfixturevalue("stack")
    return StackUnderTest(STACK_NAME, stack.session(), stack.outputs, stack.endpoint_url, stack.environment())


@pytest.fixture(scope="session")
def pipeline(deployed: StackUnderTest) -> DeployedStack:
    """The stack under test as its user sees it."""
    return deployed.pipeline()


@pytest.fixture(scope="session")
def account(deployed: StackUnderTest) -> StackUnderTest:
    """The account of the stack under test, for tests of what the code believes about AWS.

    In an account of AWS, they create resources of their own. So it must have been chosen for that.
    """
    from tests.stack_under_test import LOCAL_ACCOUNT

    if deployed.account not in (LOCAL_ACCOUNT, os.environ.get("ACCOUNT")):
        pytest.skip(f"`make aws-beliefs` runs this test, with ACCOUNT={deployed.account}")
    return deployed


@pytest.fixture(scope="session")
def new_name() -> Callable[[str], str]:
    """A function that makes the names of what such tests create."""
    run = secrets.token_hex(4)
    return lambda kind: f"people-pathing-belief-{run}-{kind}"
