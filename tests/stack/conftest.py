"""A clip in which two people cross, and the prefix of everything that tests store in a stack."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from people_pathing.cli.deployed_stack import DeployedStack
from tests.stack.cleaning import erase_everything
from tests.stack.walkers import Walker, write_clip
from tests.stack_under_test import StackUnderTest

FRAME_COUNT = 40
# The first walks from left to right behind the second, who walks from right to left. They meet at frame 20.
WALKERS = [
    Walker(140, 9, 380, 200, coat=(60, 30, 30), legs=(40, 40, 45)),
    Walker(500, -9, 450, 250, coat=(30, 30, 110), legs=(50, 40, 30)),
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Check that every test says whether it can run in an account."""
    for item in items:
        is_here = Path(__file__).parent in item.path.parents
        uses_local_stack = "stack" in getattr(item, "fixturenames", ())
        if is_here and uses_local_stack and item.get_closest_marker("local_only") is None:
            raise pytest.UsageError(
                f"{item.nodeid} uses the fixture `stack`, which is the local stack: use `deployed`, or "
                'mark the test with @pytest.mark.local_only("why it cannot run in an account")'
            )


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("clips") / "walkers.mp4"
    write_clip(path, WALKERS, FRAME_COUNT)
    return path


@pytest.fixture(scope="session")
def own_name() -> str:
    """What the names of all resources that this run creates begin with."""
    return f"people-pathing-tests-{secrets.token_hex(4)}"


@pytest.fixture(scope="session")
def own(deployed: StackUnderTest, pipeline: DeployedStack, own_name: str) -> Iterator[str]:
    """The prefix of all keys that this run uploads. What is stored about them is erased in the end."""
    prefix = f"{own_name}/"
    yield prefix
    erase_everything(deployed, pipeline, prefix)
