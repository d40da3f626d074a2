"""The stack that the end-to-end tests share: the template, deployed once a test session."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from devstack.parameters import stack_parameters
from devstack.stack import LocalStack
from people_pathing.cli.deployed_stack import DeployedStack

REPOSITORY = Path(__file__).parent.parent
# Lies beside a checkout where the evaluation data do.
NEIGHBOUR_MODEL = REPOSITORY.parent / "shared" / "models" / "yolox_nano.onnx"
OTHER_VIDEO_BUCKETS = ("archive-of-one", "archive-of-another")


@pytest.fixture(scope="session")
def stack() -> Iterator[LocalStack]:
    model = os.environ.get("TRACKING_MODEL") or (str(NEIGHBOUR_MODEL) if NEIGHBOUR_MODEL.exists() else None)
    parameters = stack_parameters(None, model, None, None, print)
    # Segments so short that people cross their borders.
    parameters |= {"SegmentSeconds": "2", "OtherVideoBuckets": ",".join(OTHER_VIDEO_BUCKETS)}
    with LocalStack(parameters=parameters, on_step=print) as stack:
        yield stack


@pytest.fixture(scope="session")
def pipeline(stack: LocalStack) -> DeployedStack:
    return DeployedStack.of(stack.outputs, stack.client("s3"), stack.client("dynamodb"))
