"""Runs every command and every Python snippet that the docs show, against the local stack."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from devstack.clients import write_queue_rules
from devstack.stack import LocalStack
from people_pathing.cli.deployed_stack import DeployedStack
from people_pathing.pipeline.job_record import OPEN_STATES
from tests.stack.jobs import make_ended_jobs_old, wait_for_job
from tests.stack.walkers import Walker, write_clip

ROOT = Path(__file__).parents[2]
PAGES = [
    "README.md",
    "CONTRIBUTING.md",
    *sorted(f"docs/{page.name}" for page in (ROOT / "docs").glob("*.md")),
]
NOT_RUN = {
    "git clone https://github.com/people-pathing/people-pathing": "needs the network",
    "pip install ./people-pathing": "tests/packaging installs the wheel into fresh environments",
    "people-pathing doctor": "fails on a machine without SAM and Docker; see tests/unit/cli/doctor",
    "people-pathing doctor --stack-name people-pathing": "fails where the shell sends calls elsewhere; see "
    "test_doctor.py",
    "pip install git+https://github.com/people-pathing/people-pathing": "needs the network, as above",
    "make image-repository && sam build && sam deploy --guided": "see the next ones",
    "cd people-pathing": "goes into the clone, which the test has not made",
    "make .venv-aws/ready": "the tests run in what it installs",
    "docker build --platform linux/amd64 --provenance=false --file functions/worker/Dockerfile "
    "--tag REPOSITORY:TAG functions": "needs Docker",
    "docker push REPOSITORY:TAG": "the same",
    "make image-repository": "changes the checkout; see tests/unit/devstack/test_image_repository.py",
    "aws ecr get-login-password | docker login --username AWS --password-stdin "
    "ACCOUNT.dkr.ecr.REGION.amazonaws.com": "needs Docker",
    "sed -i.bak 's|/people-pathing-worker:.*|/people-pathing-worker:TAG|' .aws-sam/build/template.yaml": (
        "needs the build; see tests/template/test_template.py"
    ),
    "sam build --parameter-overrides 'ImageModels=\"person-detection-0200 "
    "person-reidentification-retail-0286\"'": "needs Docker; tests/unit/devstack/test_image_repository.py",
    "aws lambda list-versions-by-function --function-name FUNCTION --query "
    "'Versions[].[Version, LastModified]'": "there is no function of this name",
    "sam build --exclude PlanJob --exclude DetectSegment --exclude AssociateWindow --exclude LinkTracks "
    "--exclude AnalyzeResults": "devstack/sam.py builds like this for the local stack",
    "sam build": "needs Docker; the local stack runs it for the zip functions",
    "sam deploy --guided": "needs an AWS account and answers; the local stack deploys the same template",
    "aws cloudformation deploy --stack-name people-pathing-network --template-file "
    "examples/worker_network.yaml": "MiniStack has no DNS firewall; see tests/template/test_isolation.py",
    "aws cloudformation describe-stacks --stack-name people-pathing-network --query 'Stacks[0].Outputs' "
    "--output table": "the same",
    "aws lambda invoke --function-name RUN_SMOKE_TEST --cli-read-timeout 0 /dev/stdout": (
        "test_scheduled_smoke_test.py invokes it"
    ),
    "people-pathing up": "runs until Ctrl-C; see test_cli",
    "people-pathing open out/street.mp4.paths": "opens a browser; see tests/unit/cli/test_open.py",
    "people-pathing open cam7/door.mp4 --stack-name people-pathing": "opens a browser; see "
    "tests/unit/cli/test_open.py",
    'eval "$(people-pathing env)"': "needs a stack that `up` runs; see test_cli",
    "python -m benchmarks.engine --data FOLDER --tables accuracy detectors": "takes minutes for each video; "
    "tests/unit/benchmarks runs its parts",
    "people-pathing erase street.mp4 --index 3 --index 7 --dry-run": "the video has one person; see "
    "tests/stack/test_erasing_people.py",
    "people-pathing erase street.mp4 --index 3 --index 7 --report erased.jsonl": "the same",
    'python3 -c "import duckdb; duckdb.sql(\'FROM \\"events.parquet\\" SELECT section, count(*) '
    "GROUP BY 1').show()\"": ("DuckDB is not in this environment; tests/accuracy/test_tutorial.py runs it"),
    "make demo": "tests/unit/test_documents.py checks that the target exists",
    "make test": "this test is a part of it",
    "make docs": "changes the checkout; tests/unit/test_documents.py checks its outcome",
    ".venv/bin/pytest -q tests/unit/pipeline": "a part of `make test`",
    ".venv/bin/mypy": "a part of `make test`",
    ".venv/bin/ruff check .": "a part of `make test`",
}

pytestmark = [pytest.mark.stack, pytest.mark.local_only("the commands change everything in a stack")]


def blocks_of(page: str, language: str) -> list[str]:
    """Returns the content of a page's code blocks in one language."""
    text = (ROOT / page).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


def commands_of(page: str) -> list[str]:
    """Returns the commands of a page, each in one line."""
    lines = "".join(blocks_of(page, "sh")).replace("\\\n", "").splitlines()
    return [" ".join(line.split()) for line in lines if line]


@dataclass(frozen=True, slots=True)
class Reader:
    """A reader of the docs, who has a folder with a checkout's tools and two videos, and a deployed stack."""

    folder: Path
    stack: LocalStack
    pipeline: DeployedStack

    def environment(self) -> dict[str, str]:
        """Returns the environment of a new terminal."""
        return {
            **os.environ,
            **self.stack.environment(),
            "PATH": os.pathsep.join((str(self.folder / ".venv" / "bin"), os.environ["PATH"])),
            "AWS_ENDPOINT_URL_REKOGNITION": self.stack.outputs["RekognitionEndpointUrl"],
            "AWS_DATA_PATH": str(self.folder / "data"),
            # `connect` writes into the home folder.
            "HOME": str(self.folder),
        }

    def fill_in(self, text: str) -> str:
        """Replaces the placeholders in a command or snippet."""
        outputs = self.stack.outputs
        values = {
            "VIDEO_BUCKET": outputs["VideoBucketName"],
            "RESULTS_BUCKET": outputs["ResultsBucketName"],
            "UNDELIVERED_EVENTS_URL": outputs["UndeliveredEventsUrl"],
            "FAILED_EVENTS_URL": outputs["FailedEventsUrl"],
            "COMPLETION_TOPIC_ARN": outputs["CompletionTopicArn"],
            "TRACK_PEOPLE_ARN": outputs["TrackPeopleArn"],
            "REQUEST_ID": "11111111-2222-3333-4444-555555555555",
            "JOB_ID": "a-job",
            "RULE_ARN": "arn:aws:events:us-east-1:000000000000:rule/reconcile-jobs",
            "COLLECT_RESULTS": self._function_name("CollectResults"),
            "RECONCILE_JOBS": self._function_name("ReconcileJobs"),
        }
        for placeholder, value in values.items():
            text = text.replace(placeholder, value)
        return re.sub(r"\bKEY\b", "yard.mov", text)

    def _function_name(self, logical_id: str) -> str:
        client = self.stack.client("cloudformation")
        resource = client.describe_stack_resource(StackName="people-pathing", LogicalResourceId=logical_id)
        return str(resource["StackResourceDetail"]["PhysicalResourceId"])

    def upload_both(self) -> None:
        """Uploads the two videos that the pages name, and waits for their jobs."""
        for name in ("street.mp4", "yard.mov"):
            wait_for_job(self.pipeline, self.pipeline.upload(self.folder / name, name))

    def wait_for_all_jobs(self, timeout_s: float = 120) -> None:
        """Waits for the jobs of uploads, and for those that commands have started by calling the service."""
        deadline = time.monotonic() + timeout_s
        while open_jobs := self._open_jobs():
            assert time.monotonic() < deadline, f"these jobs did not end in {timeout_s} s: {open_jobs}"
            time.sleep(0.2)

    def _open_jobs(self) -> list[str]:
        table = self.pipeline.job_table
        uploads = [record.key for state in OPEN_STATES for record in table.in_state(state)]
        assert self.pipeline.job_store is not None
        register = self.pipeline.job_store.register()
        return [*uploads, *(register.running | register.ending)]


@pytest.fixture(scope="module")
def reader(stack: LocalStack, pipeline: DeployedStack, tmp_path_factory: pytest.TempPathFactory) -> Reader:
    folder = tmp_path_factory.mktemp("reader")
    write_clip(folder / "street.mp4", [Walker(140, 9, 380, 200, coat=(60, 30, 30), legs=(40, 40, 45))], 20)
    shutil.copy(folder / "street.mp4", folder / "yard.mov")
    tools = folder / ".venv" / "bin"
    tools.mkdir(parents=True)
    for tool in ("people-pathing", "aws"):
        (tools / tool).symlink_to(Path(sys.executable).with_name(tool))
    write_queue_rules(folder / "data", stack.endpoint_url)
    return Reader(folder, stack, pipeline)


@pytest.mark.parametrize("page", [page for page in PAGES if set(commands_of(page)) - NOT_RUN.keys()])
def test_the_commands_of_a_page_work_in_their_order(page: str, reader: Reader) -> None:
    reader.upload_both()
    environment = reader.environment()
    for command in commands_of(page):
        if command in NOT_RUN:
            continue
        if command.startswith("export "):
            name, value = reader.fill_in(command).removeprefix("export ").split("=", 1)
            value = value.replace("$PWD", str(reader.folder)).replace("$PATH", environment["PATH"])
            environment[name] = value
            continue
        if " erase " in command:
            # A running job cannot be erased, and one that has just ended only after twenty minutes.
            reader.wait_for_all_jobs()
            make_ended_jobs_old(reader.stack, reader.pipeline)
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", reader.fill_in(command)],
            cwd=reader.folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"


@pytest.mark.parametrize(
    ("page", "snippet"), [(page, snippet) for page in PAGES for snippet in blocks_of(page, "python")]
)
def test_the_python_snippets_of_a_page_work(page: str, snippet: str, reader: Reader) -> None:
    reader.pipeline.upload(reader.folder / "street.mp4", "street.mp4")
    program = reader.fill_in(snippet) + "\nprint('done')"
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=reader.folder,
        env=reader.environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.stdout.endswith("done\n"), done.stderr


def test_every_command_that_is_not_run_is_in_the_docs() -> None:
    assert NOT_RUN.keys() <= {command for page in PAGES for command in commands_of(page)}
