"""`people-pathing connect` with a stack whose outputs are given, and boto3's real loading of data files."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import botocore
import pytest

import people_pathing
from people_pathing.cli.main import build_parser
from people_pathing.client_routing.data_files import OPERATIONS_FILE, RULES_FILE, read_content
from people_pathing.client_routing.data_folder import DataFolder
from people_pathing.client_routing.installed_sdk import SentRequest, request_of_a_call
from tests.fakes.aws_errors import client_error
from tests.unit.cli.programs import run_here

REGION = "us-east-1"
URL = "https://abc.lambda-url.us-east-1.on.aws/"
OUTPUTS = {
    "JobTableName": "jobs",
    "ArtifactBucketName": "artifacts",
    "RekognitionEndpointUrl": URL,
    "CompletionTopicArn": "arn:aws:sns:us-east-1:123456789012:completion",
}

Connect = Callable[..., subprocess.CompletedProcess[str]]


class FakeSession:
    """A session in whose account and region every stack exists."""

    def __init__(self, outputs: Mapping[str, str], region: str) -> None:
        self._outputs = outputs
        self._region = region

    def client(self, name: str) -> Any:
        assert name == "cloudformation"
        return SimpleNamespace(
            meta=SimpleNamespace(region_name=self._region), describe_stacks=self._describe_stacks
        )

    def _describe_stacks(self, StackName: str) -> dict[str, Any]:  # noqa: N803
        outputs = [{"OutputKey": key, "OutputValue": value} for key, value in self._outputs.items()]
        return {"Stacks": [{"StackName": StackName, "Outputs": outputs}]}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The home of a user without AWS settings, in which botocore finds data files."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr("botocore.loaders.Loader.CUSTOMER_DATA_PATH", str(tmp_path / ".aws" / "models"))
    for name in ("AWS_DATA_PATH", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_REKOGNITION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / ".aws" / "config"))
    return tmp_path


@pytest.fixture
def models(home: Path) -> Path:
    return home / ".aws" / "models"


@pytest.fixture
def connect(home: Path, monkeypatch: pytest.MonkeyPatch) -> Connect:
    """Runs the command with a stack that has the given outputs."""

    def run(*arguments: object, **changes: str) -> subprocess.CompletedProcess[str]:
        outputs = {**OUTPUTS, **{name: value for name, value in changes.items() if value}}
        for name in [name for name, value in changes.items() if not value]:
            del outputs[name]
        monkeypatch.setattr(
            "people_pathing.cli.commands.connect.aws_session",
            lambda _, region: FakeSession(outputs, region or REGION),
        )
        return run_here("connect", *arguments)

    return run


def test_boto3_calls_the_stack_after_connect(connect: Connect, models: Path) -> None:
    done = connect()

    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert done.stdout.splitlines() == [
        f"calls of StartPersonTracking and GetPersonTracking in us-east-1 go to {URL}",
        f"wrote {models / OPERATIONS_FILE}",
        f"wrote {models / RULES_FILE}",
    ]
    assert request_of_a_call(REGION) == SentRequest(URL, "us-east-1/lambda")


def test_the_files_record_what_they_were_made_from(connect: Connect, models: Path) -> None:
    connect()

    content = read_content((models / RULES_FILE).read_text())
    assert content
    assert content.version == people_pathing.__version__
    assert content.botocore_version == botocore.__version__
    [route] = content.routes
    assert (route.account, route.stack_name, route.url) == ("123456789012", "people-pathing", URL)


def test_connecting_again_changes_nothing(connect: Connect, models: Path) -> None:
    connect()
    before = {path: path.read_bytes() for path in models.rglob("*.json")}

    assert connect().returncode == 0
    assert {path: path.read_bytes() for path in models.rglob("*.json")} == before


def test_a_stack_in_another_region_is_added(connect: Connect) -> None:
    irish_url = "https://def.lambda-url.eu-west-1.on.aws/"
    connect()

    assert connect("--region", "eu-west-1", RekognitionEndpointUrl=irish_url).returncode == 0
    assert request_of_a_call(REGION).url == URL
    assert request_of_a_call("eu-west-1") == SentRequest(irish_url, "eu-west-1/lambda")


def test_regions_that_are_connected_at_the_same_time_are_all_kept(
    connect: Connect, models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect()
    write = DataFolder.write

    def write_slowly(folder: DataFolder, files: Mapping[str, str]) -> None:
        time.sleep(0.2)
        write(folder, files)

    monkeypatch.setattr(DataFolder, "write", write_slowly)
    runs = [
        build_parser().parse_args(["connect", "--region", "eu-west-1"]),
        build_parser().parse_args(["connect", "--region", "eu-west-2"]),
        build_parser().parse_args(["connect", "--remove", "--region", "us-east-1"]),
    ]

    with ThreadPoolExecutor() as threads:
        list(threads.map(lambda options: options.run(options), runs))

    assert [route.region for route in DataFolder(models).routes()] == ["eu-west-1", "eu-west-2"]


@pytest.mark.parametrize(
    "second",
    [
        {"arguments": ("--stack-name", "other")},
        {"CompletionTopicArn": "arn:aws:sns:us-east-1:999999999999:completion"},
    ],
    ids=["another name", "another account"],
)
def test_a_second_stack_in_a_region_is_refused(
    connect: Connect, models: Path, second: dict[str, Any]
) -> None:
    connect()
    before = (models / RULES_FILE).read_bytes()

    done = connect(*second.pop("arguments", ()), RekognitionEndpointUrl="https://other.example/", **second)

    assert done.returncode == 1
    assert done.stderr == (
        f"error: {models} already connects us-east-1 to the stack people-pathing of the account "
        "123456789012; remove that with --remove --region us-east-1, or name another folder with --out\n"
    )
    assert (models / RULES_FILE).read_bytes() == before


def test_out_names_the_folder_of_a_second_stack(connect: Connect, tmp_path: Path) -> None:
    other_url = "https://other.lambda-url.us-east-1.on.aws/"
    connect()
    out = tmp_path / "other"

    done = connect("--stack-name", "other", "--out", out, RekognitionEndpointUrl=other_url)

    assert done.returncode == 0, done.stderr
    assert f"export AWS_DATA_PATH={out}" in done.stdout
    assert request_of_a_call(REGION, out).url == other_url
    assert request_of_a_call(REGION).url == URL


def test_a_profile_may_name_the_folder(
    connect: Connect, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect("--out", tmp_path / "other")
    (home / ".aws").mkdir()
    (home / ".aws" / "config").write_text(f"[profile other]\ndata_path = {tmp_path / 'other'}\n")
    monkeypatch.setenv("AWS_PROFILE", "other")

    assert request_of_a_call(REGION).url == URL


def test_print_shows_the_files_and_writes_nothing(connect: Connect, models: Path) -> None:
    done = connect("--print")

    assert done.returncode == 0
    _, operations, rules = done.stdout.split("# rekognition/2016-06-27/")
    assert json.loads(operations.split("\n", 1)[1])["merge"]["operations"].keys() == {
        "StartPersonTracking",
        "GetPersonTracking",
    }
    assert URL in json.dumps(json.loads(rules.split("\n", 1)[1]))
    assert not models.exists()


@pytest.mark.parametrize("mode", ["", "--print", "--remove"])
def test_a_file_of_the_users_is_neither_replaced_nor_removed(
    connect: Connect, models: Path, mode: str
) -> None:
    path = models / RULES_FILE
    path.parent.mkdir(parents=True)
    path.write_text("{}")

    done = connect(*mode.split())

    assert done.returncode == 1
    assert done.stderr == (
        f"error: {path} was not made by people-pathing, so it is not changed; move it away, "
        "or name another folder with --out\n"
    )
    assert path.read_text() == "{}"
    assert [path] == [file for file in models.rglob("*") if file.is_file()]


def test_a_folder_that_cannot_be_written_is_an_error_before_any_file_changes(
    connect: Connect, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")

    done = connect("--out", tmp_path / "file" / "models")

    assert done.returncode == 1
    assert "no file can be written there" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_linked_file_is_written_where_the_link_leads(
    connect: Connect, models: Path, tmp_path: Path
) -> None:
    path = models / RULES_FILE
    path.parent.mkdir(parents=True)
    path.symlink_to(tmp_path / "dotfiles" / "rules.json")

    done = connect()

    assert done.returncode == 0, done.stderr
    assert DataFolder(models).routes()
    assert path.is_symlink()


@pytest.mark.parametrize(
    ("code", "message", "advice"),
    [
        (
            "ValidationError",
            "Stack with id people-pathing does not exist",
            "name it with --stack-name, and check AWS_PROFILE and the region",
        ),
        (
            "AccessDenied",
            "User is not authorized to perform: cloudformation:DescribeStacks",
            "use credentials whose policies allow this call",
        ),
    ],
)
def test_a_stack_that_cannot_be_read_is_an_error(
    connect: Connect, models: Path, monkeypatch: pytest.MonkeyPatch, code: str, message: str, advice: str
) -> None:
    def refuse(self: FakeSession, StackName: str) -> None:  # noqa: N803
        raise client_error(code, "DescribeStacks", message=message)

    monkeypatch.setattr(FakeSession, "_describe_stacks", refuse)

    done = connect()

    assert done.returncode == 1
    assert done.stderr == f"error: AWS refused DescribeStacks: {code}: {message}; {advice}\n"
    assert not models.exists()


def test_a_stack_without_an_endpoint_is_an_error(connect: Connect) -> None:
    done = connect(RekognitionEndpointUrl="")

    assert done.returncode == 1
    assert done.stderr == (
        "error: the stack people-pathing has no output RekognitionEndpointUrl; "
        "deploy the template of this version\n"
    )


def test_a_stack_that_calls_another_service_is_signed_for_rekognition(connect: Connect) -> None:
    done = connect(ArtifactBucketName="", RekognitionEndpointUrl="https://rekognition.example")

    assert done.stderr == ""
    assert request_of_a_call(REGION) == SentRequest("https://rekognition.example/", "us-east-1/rekognition")


@pytest.mark.parametrize(
    ("variable", "value", "scope"),
    [
        ("AWS_ENDPOINT_URL_REKOGNITION", "https://rekognition.example", "us-east-1/rekognition"),
        ("AWS_DATA_PATH", "other", "us-east-1/lambda"),
    ],
)
def test_a_setting_that_keeps_calls_away_from_the_stack_is_named(
    connect: Connect, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, scope: str
) -> None:
    connect(
        "--stack-name",
        "other",
        "--out",
        tmp_path / "other",
        RekognitionEndpointUrl="https://rekognition.example/",
    )
    monkeypatch.setenv(variable, str(tmp_path / value) if value == "other" else value)

    written, checked = connect(), connect("--check")

    problem = (
        f"boto3 does not use the files: its calls go to https://rekognition.example/, signed for {scope}; "
        "check AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_REKOGNITION, AWS_DATA_PATH and their settings in your AWS "
        "profile\n"
    )
    assert (written.returncode, written.stderr) == (0, f"warning: {problem}")
    assert (checked.returncode, checked.stderr) == (1, f"error: {problem}")


def test_check_finds_calls_that_are_signed_for_another_service(
    connect: Connect, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect()
    # Other additions to the rules, in a folder that botocore prefers, and the right endpoint.
    rules = tmp_path / "other" / RULES_FILE
    rules.parent.mkdir(parents=True)
    rules.write_text('{"version": 1.0, "merge": {}}')
    monkeypatch.setenv("AWS_DATA_PATH", str(tmp_path / "other"))
    monkeypatch.setenv("AWS_ENDPOINT_URL_REKOGNITION", URL)

    done = connect("--check")

    assert done.returncode == 1
    assert f"its calls go to {URL}, signed for us-east-1/rekognition; check AWS_ENDPOINT_URL" in done.stderr


def test_check_accepts_files_that_are_current(connect: Connect) -> None:
    connect()

    done = connect("--check")

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"calls of StartPersonTracking and GetPersonTracking in us-east-1 go to {URL}\n"


def test_check_finds_that_nothing_is_connected(connect: Connect, models: Path) -> None:
    done = connect("--check")

    assert done.returncode == 1
    assert done.stderr == (
        f"error: {models} does not connect us-east-1; "
        "run `people-pathing connect --stack-name people-pathing --region us-east-1` again\n"
    )
    assert not models.exists()


def test_check_says_how_to_connect_the_region_and_the_folder_that_it_was_given(
    connect: Connect, tmp_path: Path
) -> None:
    folder = tmp_path / "a folder"

    done = connect("--check", "--region", "eu-west-1", "--out", folder)

    assert done.stderr == (
        f"error: {folder} does not connect eu-west-1; run `people-pathing connect "
        f"--stack-name people-pathing --region eu-west-1 --out '{folder}'` again\n"
    )


def test_a_user_without_a_home_has_to_name_a_folder(
    connect: Connect, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_user(_: int) -> None:
        raise KeyError

    monkeypatch.delenv("HOME")
    monkeypatch.setattr("pwd.getpwuid", no_user)

    done = connect()

    assert done.returncode == 1
    assert done.stderr == (
        "error: the folder ~/.aws/models is unknown, because this user has no home; "
        "set HOME, or name a folder with --out\n"
    )
    assert connect("--out", tmp_path / "models").returncode == 0


def test_check_finds_that_the_stack_has_another_url(connect: Connect) -> None:
    connect()

    done = connect("--check", RekognitionEndpointUrl="https://new.lambda-url.us-east-1.on.aws/")

    assert done.returncode == 1
    assert done.stderr == (
        f"error: the endpoint of the stack is now https://new.lambda-url.us-east-1.on.aws/, not {URL}; "
        "run `people-pathing connect --stack-name people-pathing --region us-east-1` again\n"
    )


def test_check_finds_that_another_stack_is_connected(connect: Connect, models: Path) -> None:
    connect()

    done = connect("--check", "--stack-name", "other")

    assert done.returncode == 1
    assert done.stderr == (
        f"error: {models} connects us-east-1 to the stack people-pathing of the account 123456789012, "
        "not to other of 123456789012\n"
    )


def test_check_finds_files_that_an_older_version_made(connect: Connect, models: Path) -> None:
    connect()
    rules = models / RULES_FILE
    file = json.loads(rules.read_text())
    file["peoplePathing"]["botocoreVersion"] = "1.29.0"
    rules.write_text(json.dumps(file))
    # Another version alone is no reason: botocore has a new one every day, and its rules rarely change.
    assert connect("--check").returncode == 0
    file["merge"]["rules"].pop()
    rules.write_text(json.dumps(file))

    done = connect("--check")

    assert done.returncode == 1
    assert (
        f"{rules} is stale: it was made by people-pathing {people_pathing.__version__} from botocore 1.29.0"
        in (done.stderr)
    )
    assert connect().returncode == 0
    assert connect("--check").returncode == 0


def test_check_finds_a_missing_file(connect: Connect, models: Path) -> None:
    connect()
    (models / OPERATIONS_FILE).unlink()

    done = connect("--check")

    assert done.returncode == 1
    assert f"{models / OPERATIONS_FILE} is missing; run `people-pathing connect" in done.stderr


def test_remove_takes_away_the_files_and_needs_no_stack(connect: Connect, home: Path, models: Path) -> None:
    connect()

    done = run_here("connect", "--remove")

    assert done.returncode == 0, done.stderr
    assert done.stdout == f"removed {models / OPERATIONS_FILE} and {models / RULES_FILE}\n"
    assert list(models.iterdir()) == []
    assert request_of_a_call(REGION).url == "https://rekognition.us-east-1.amazonaws.com/"


def test_remove_with_a_region_keeps_the_others(connect: Connect) -> None:
    connect()
    connect("--region", "eu-west-1", RekognitionEndpointUrl="https://def.lambda-url.eu-west-1.on.aws/")

    done = run_here("connect", "--remove", "--region", REGION)

    assert done.returncode == 0, done.stderr
    assert done.stdout == "us-east-1 is not connected any more; eu-west-1 still is\n"
    assert request_of_a_call("eu-west-1").scope == "eu-west-1/lambda"
    assert run_here("connect", "--remove", "--region", "eu-west-1").stdout.startswith("removed ")


@pytest.mark.parametrize(("arguments", "what"), [((), ""), (("--region", "eu-west-1"), " for eu-west-1")])
def test_there_may_be_nothing_to_remove(
    connect: Connect, models: Path, arguments: tuple[str, ...], what: str
) -> None:
    if arguments:
        connect()

    done = run_here("connect", "--remove", *arguments)

    assert done.returncode == 1
    assert done.stderr == f"error: {models} has no files of people-pathing{what}\n"


def test_a_botocore_without_endpoint_rules_is_an_error(
    connect: Connect, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("botocore.loaders.Loader.BUILTIN_DATA_PATH", str(tmp_path))

    done = connect()

    assert done.returncode == 1
    assert done.stderr.startswith(
        f"error: botocore {botocore.__version__} has no endpoint rules for Rekognition"
    )


@pytest.mark.parametrize("modes", [("--check", "--remove"), ("--print", "--check")])
def test_only_one_thing_can_be_done_at_a_time(connect: Connect, modes: tuple[str, ...]) -> None:
    assert connect(*modes).returncode == 2
