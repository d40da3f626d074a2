from typing import Any, cast
from unittest.mock import Mock

import boto3
import pytest

from people_pathing.cli.aws import stack_outputs
from people_pathing.cli.errors import CommandError


def session_with(*outputs: dict[str, str]) -> boto3.Session:
    """Returns a session in whose account there is one stack."""
    session: Any = Mock()
    session.client.return_value.describe_stacks.return_value = {"Stacks": [{"Outputs": list(outputs)}]}
    return cast(boto3.Session, session)


def test_the_outputs_of_a_stack_are_read_by_name() -> None:
    session = session_with({"OutputKey": "JobTableName", "OutputValue": "jobs"})

    assert stack_outputs(session, "people-pathing") == {"JobTableName": "jobs"}


def test_a_stack_of_another_template_is_rejected_by_name() -> None:
    session = session_with({"OutputKey": "ShopUrl", "OutputValue": "https://shop.example"})

    with pytest.raises(CommandError, match="the stack shop has no output JobTableName"):
        stack_outputs(session, "shop")
