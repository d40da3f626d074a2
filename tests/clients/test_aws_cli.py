"""Every option that the reference pages of `aws rekognition start-person-tracking` list, in both AWS CLIs.

All starts repeat one request with one client token. If the CLI or the service read a form of an option in
another way, the reply would be an IdempotentParameterMismatchException and not the same job.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.clients.client import CLIENTS, ClientVersion, report_missing
from tests.clients.command_line import CommandLine, as_json_options, as_shorthand_options
from tests.clients.scenario_stack import ScenarioStack

pytestmark = pytest.mark.stack

EVERY_CLI = pytest.mark.parametrize(
    "client", [client for client in CLIENTS if issubclass(client.driver, CommandLine)], ids=str
)
# The first needs a terminal, and the second only reports differences between the versions of the CLI.
NOT_TESTED = {"--cli-auto-prompt", "--v2-debug"}
TESTED_BESIDE_STARTS = {"--generate-cli-skeleton", "--no-sign-request", "--endpoint-url", "--version"}
REQUEST = {
    "Video": {"S3Object": {"Bucket": "bucket", "Name": "video.mp4"}},
    "ClientRequestToken": "token",
    "NotificationChannel": {"SNSTopicArn": "topic", "RoleArn": "role"},
    "JobTag": "tag",
}
V2_ONLY = {"--cli-input-yaml", "--cli-binary-format", "--no-cli-pager", "--no-cli-auto-prompt"}


@dataclass(frozen=True)
class Start:
    """One way to call StartPersonTracking.

    Attributes:
        shows: What the way is.
        options: Returns the options for a request and an empty folder.
        job_id: Finds the JobId in what the CLI prints.
    """

    shows: str
    options: Callable[[dict[str, Any], Path], list[str]]
    job_id: Callable[[str], str] = lambda printed: str(json.loads(printed)["JobId"])


def as_json_files(request: dict[str, Any], folder: Path) -> list[str]:
    options = []
    for name, value in request.items():
        (folder / name).write_text(value if isinstance(value, str) else json.dumps(value), encoding="utf-8")
        options += [as_json_options({name: value})[0], f"file://{folder / name}"]
    return options


def as_input_file(request: dict[str, Any], folder: Path) -> list[str]:
    (folder / "request.json").write_text(json.dumps(request), encoding="utf-8")
    return ["--cli-input-json", f"file://{folder}/request.json"]


def only_word(printed: str) -> str:
    return printed.strip()


def in_table(printed: str) -> str:
    return printed.partition("JobId")[2].strip(" |+-\n")


STARTS = [
    Start("JSON for --video and --notification-channel", lambda request, _: as_json_options(request)),
    Start(
        "shorthand for --video and --notification-channel", lambda request, _: as_shorthand_options(request)
    ),
    Start("every option from a file", as_json_files),
    Start("--cli-input-json", lambda request, _: ["--cli-input-json", json.dumps(request)]),
    Start("--cli-input-json from a file", as_input_file),
    Start("--cli-input-yaml", lambda request, _: ["--cli-input-yaml", json.dumps(request)]),
    Start(
        "an option replaces a member of --cli-input-json",
        lambda request, _: [
            *["--cli-input-json", json.dumps({**request, "JobTag": "replaced"})],
            *["--job-tag", request["JobTag"]],
        ],
    ),
    Start(
        "--query with --output text",
        lambda request, _: [*as_json_options(request), "--query", "JobId", "--output", "text"],
        only_word,
    ),
    Start("--output table", lambda request, _: [*as_json_options(request), "--output", "table"], in_table),
    Start(
        "--output yaml, --no-cli-pager, --no-cli-auto-prompt and --cli-binary-format",
        lambda request, _: [
            *as_json_options(request),
            *["--output", "yaml", "--no-cli-pager", "--no-cli-auto-prompt"],
            *["--cli-binary-format", "raw-in-base64-out"],
        ],
        lambda printed: printed.partition("JobId:")[2].strip(),
    ),
    Start(
        "--no-paginate, --color, --region, --debug and the time-outs",
        lambda request, _: [
            *as_json_options(request),
            *["--no-paginate", "--color", "off", "--region", "us-east-1", "--debug"],
            *["--cli-read-timeout", "50", "--cli-connect-timeout", "50"],
        ],
    ),
    Start(
        "--profile, --no-verify-ssl and --ca-bundle",
        lambda request, folder: [
            *as_json_options(request),
            *["--profile", "of-the-test", "--no-verify-ssl", "--ca-bundle", str(folder / "certificate.pem")],
        ],
    ),
]


@pytest.fixture(scope="module")
def open_cli(scenario_stack: ScenarioStack) -> Iterator[Callable[[ClientVersion], CommandLine]]:
    """A function that returns the command line of a client."""
    with ExitStack() as cleanup:

        @cache
        def cli(client: ClientVersion) -> CommandLine:
            client.require()
            opened = client.open(scenario_stack.endpoint_url, scenario_stack.environment)
            assert isinstance(opened, CommandLine)
            return cleanup.enter_context(opened)

        yield cli


@pytest.fixture(scope="module")
def first_start(
    scenario_stack: ScenarioStack, open_cli: Callable[[ClientVersion], CommandLine]
) -> Callable[[ClientVersion], tuple[dict[str, Any], str]]:
    """A function that starts a job with a client, once, and returns the request and the JobId."""

    @cache
    def start(client: ClientVersion) -> tuple[dict[str, Any], str]:
        names = scenario_stack.names
        request = {
            "Video": {"S3Object": {"Bucket": names["bucket"], "Name": names["video"]}},
            "ClientRequestToken": f"options-{client.token}",
            "NotificationChannel": {"SNSTopicArn": names["topic"], "RoleArn": names["role"]},
            "JobTag": "options:1/a=b",
        }
        done = open_cli(client).run("StartPersonTracking", *as_json_options(request), "--output", "json")
        assert done.returncode == 0, done.stderr
        return request, json.loads(done.stdout)["JobId"]

    return start


@pytest.mark.clients("{start.shows}")
@EVERY_CLI
@pytest.mark.parametrize("start", STARTS, ids=[start.shows for start in STARTS])
def test_every_form_of_the_options_is_the_same_request(
    scenario_stack: ScenarioStack,
    open_cli: Callable[[ClientVersion], CommandLine],
    first_start: Callable[[ClientVersion], tuple[dict[str, Any], str]],
    tmp_path: Path,
    client: ClientVersion,
    start: Start,
) -> None:
    cli = open_cli(client)
    request, job_id = first_start(client)
    key = scenario_stack.environment
    (tmp_path / "config").write_text(
        "[profile of-the-test]\nregion = us-east-1\n"
        f"aws_access_key_id = {key['AWS_ACCESS_KEY_ID']}\n"
        f"aws_secret_access_key = {key['AWS_SECRET_ACCESS_KEY']}\n"
    )
    (tmp_path / "certificate.pem").touch()
    options = start.options(request, tmp_path)
    if client.driver.TITLE == "CLI v1" and V2_ONLY & set(options):
        pytest.skip("only the AWS CLI v2 has this option")

    done = cli.run("StartPersonTracking", *options, environment={"AWS_CONFIG_FILE": str(tmp_path / "config")})

    assert done.returncode == 0, done.stderr
    assert start.job_id(done.stdout) == job_id


@pytest.mark.clients("--generate-cli-skeleton input, filled in, is a request")
@EVERY_CLI
def test_a_filled_in_skeleton_is_the_same_request(
    open_cli: Callable[[ClientVersion], CommandLine],
    first_start: Callable[[ClientVersion], tuple[dict[str, Any], str]],
    client: ClientVersion,
) -> None:
    cli = open_cli(client)
    request, job_id = first_start(client)
    skeleton = json.loads(cli.run("StartPersonTracking", "--generate-cli-skeleton", "input").stdout)

    assert set(skeleton) == set(request)
    assert set(skeleton["Video"]["S3Object"]) == {"Bucket", "Name", "Version"}
    skeleton.update(request)
    done = cli.run("StartPersonTracking", "--cli-input-json", json.dumps(skeleton), "--output", "json")
    assert json.loads(done.stdout)["JobId"] == job_id, done.stderr


@pytest.mark.clients("{operation}: --generate-cli-skeleton output")
@EVERY_CLI
@pytest.mark.parametrize(
    ("operation", "required"),
    [("StartPersonTracking", ["--video", "{}"]), ("GetPersonTracking", ["--job-id", "j"])],
)
def test_the_cli_prints_a_skeleton_of_the_reply(
    open_cli: Callable[[ClientVersion], CommandLine],
    client: ClientVersion,
    operation: str,
    required: list[str],
) -> None:
    done = open_cli(client).run(operation, *required, "--generate-cli-skeleton", "output", "--output", "json")

    assert done.returncode == 0, done.stderr
    assert "JobId" in json.loads(done.stdout)


@pytest.mark.clients("--no-sign-request is refused", differs="refusals")
@EVERY_CLI
def test_an_unsigned_request_of_the_cli_is_refused_with_http_403(
    open_cli: Callable[[ClientVersion], CommandLine], client: ClientVersion
) -> None:
    done = open_cli(client).run("GetPersonTracking", "--job-id", "any-job", "--no-sign-request")

    assert "An error occurred (403) when calling the GetPersonTracking operation" in done.stderr


@pytest.mark.clients("--endpoint-url names the service")
@EVERY_CLI
def test_the_endpoint_can_be_an_option(
    scenario_stack: ScenarioStack,
    open_cli: Callable[[ClientVersion], CommandLine],
    first_start: Callable[[ClientVersion], tuple[dict[str, Any], str]],
    client: ClientVersion,
) -> None:
    _, job_id = first_start(client)
    done = open_cli(client).run(
        "GetPersonTracking",
        *["--job-id", job_id, "--endpoint-url", scenario_stack.endpoint_url, "--output", "json"],
    )

    assert json.loads(done.stdout)["JobId"] == job_id, done.stderr


@pytest.mark.clients("no option of the reference page is without a test")
@EVERY_CLI
def test_every_option_of_the_reference_page_is_tested(
    open_cli: Callable[[ClientVersion], CommandLine], tmp_path: Path, client: ClientVersion
) -> None:
    cli = open_cli(client)
    if shutil.which("groff") is None:
        report_missing("groff missing, which the AWS CLI needs for its reference pages")
    page = re.sub(".\b", "", cli.run("StartPersonTracking", "help").stdout)
    synopsis = page.partition("SYNOPSIS")[2].partition("OPTIONS")[0]
    listed = set(re.findall(r"--[a-z0-9-]+", synopsis))

    words = {word for start in STARTS for word in start.options(REQUEST, tmp_path)}
    tested = TESTED_BESIDE_STARTS | {word for word in words if word.startswith("--")}
    assert len(listed) > 20
    assert listed - tested - NOT_TESTED == set()
    assert tested & NOT_TESTED == set()


@pytest.mark.clients("--version prints the version in the table")
@EVERY_CLI
def test_the_cli_under_test_is_the_one_in_the_table(client: ClientVersion) -> None:
    client.require()
    command = client.open("http://127.0.0.1:9", {"AWS_REGION": "us-east-1"})
    assert isinstance(command, CommandLine)
    with command:
        printed = subprocess.run(
            [command.command, "--version"], capture_output=True, text=True, check=True
        ).stdout

    assert printed.startswith(f"aws-cli/{client.shown_version()} ")
