"""AWS's published programs for the retired API reach their last page after two changes outside of them.

The changes are those of docs/clients.md: `people-pathing connect` on the caller's machine, and the trust
statement in the role. Where AWS's programs are not available, a program of this project makes the same calls.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from devstack.clients import environment_without_aws
from people_pathing.service.role_trust import trust_statement
from tests.clients.published.old_role import EXAMPLE_NAME, OLD_ROLE_ARN, add_trust, create_old_role
from tests.clients.published.programs import FOLDER, PUBLISHED, UnavailableError, own_program
from tests.clients.scenario_stack import FRAMES, WALKERS, ScenarioStack

pytestmark = [pytest.mark.stack, pytest.mark.clients]

TIMEOUT_S = 120
PEOPLE_PATHING = str(Path(sys.executable).with_name("people-pathing"))


@pytest.fixture(scope="module")
def caller(scenario_stack: ScenarioStack, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """The environment of a user who has run `people-pathing connect`."""
    home = tmp_path_factory.mktemp("home")
    environment = {**environment_without_aws(), **scenario_stack.environment, "HOME": str(home)}
    done = subprocess.run(
        [PEOPLE_PATHING, "connect"], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return environment


@pytest.fixture(scope="module")
def inputs(scenario_stack: ScenarioStack) -> Mapping[str, str]:
    """What the programs need. A queue is subscribed to the topic, and the role trusts only Rekognition."""
    sns, sqs = scenario_stack.client("sns"), scenario_stack.client("sqs")
    create_old_role(scenario_stack.client("iam"))
    topic = sns.create_topic(Name="AmazonRekognitionOfTheUser")["TopicArn"]
    queue = sqs.create_queue(QueueName="AmazonRekognitionOfTheUser")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": arn,
        "Condition": {"ArnEquals": {"aws:SourceArn": topic}},
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": policy})
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    return {
        "role": OLD_ROLE_ARN,
        "bucket": scenario_stack.names["bucket"],
        "video": scenario_stack.names["video"],
        "topic": topic,
        "queue": queue,
        "resources": EXAMPLE_NAME,
        "trust": json.dumps(trust_statement(scenario_stack.outputs["ServiceRoleArns"].split(","))),
    }


def run(program: str, caller: Mapping[str, str], inputs: Mapping[str, str], folder: Path) -> str:
    """Runs a program of the caller and returns what it prints."""
    (folder / "program.py").write_text(program, encoding="utf-8")
    done = subprocess.run(
        # Warnings are errors here, but not for programs of others.
        [sys.executable, "-W", "ignore", "program.py"],
        cwd=folder,
        env={
            **caller,
            "PYTHONPATH": str(FOLDER / "local_sqs"),
            **{name.upper(): value for name, value in inputs.items()},
        },
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=TIMEOUT_S,
    )
    return f"{done.stdout}\n{done.stderr}"


def observations(printed: str) -> list[tuple[int, int]]:
    """Returns the time and the person of each observation that a program printed."""
    found = re.findall(r"Index: (\d+)\nTimestamp: (\d+)", printed)
    return [(int(timestamp), int(index)) for index, timestamp in found]


@pytest.fixture(scope="module")
def own_runs(
    scenario_stack: ScenarioStack,
    caller: Mapping[str, str],
    inputs: Mapping[str, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[str, str]:
    """What our program prints before and after the role trusts the stack."""
    folder = tmp_path_factory.mktemp("own-program")
    before = run(own_program(inputs), caller, inputs, folder)
    add_trust(scenario_stack.client("iam"), scenario_stack.outputs)
    return before, run(own_program(inputs), caller, inputs, folder)


def test_a_role_that_trusts_rekognition_works_after_the_changes_that_the_docs_name(
    inputs: Mapping[str, str], own_runs: tuple[str, str]
) -> None:
    before, after = own_runs

    assert "(AccessDeniedException) when calling the StartPersonTracking operation" in before
    assert inputs["trust"] in before
    assert "SUCCEEDED" in after, after
    assert len(observations(after)) > len(WALKERS) * FRAMES / 4
    assert after.count("Codec: h264") > 1, "the program read one page only"


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_published_program_runs_to_its_last_page(
    caller: Mapping[str, str],
    inputs: Mapping[str, str],
    own_runs: tuple[str, str],
    tmp_path: Path,
    name: str,
) -> None:
    try:
        program = PUBLISHED[name](inputs)
    except UnavailableError as error:
        # AWS's programs are no part of this repository, so CI need not have them either.
        pytest.skip(str(error))
    _, ours = own_runs

    theirs = run(program, caller, inputs, tmp_path)

    assert observations(theirs), theirs
    assert observations(theirs) == observations(ours)
    assert "Traceback" not in theirs, theirs
