"""The untouched template, deployed by `sam` into a local server, functions as processes: no AWS, no Docker.

    with LocalStack() as stack:
        stack.client("s3").upload_file("street.mp4", stack.outputs["VideoBucketName"], "street.mp4")

Everything listens on loopback, and stops with the `with` block, on Ctrl-C, or when this process is gone.
"""

import contextlib
import fcntl
import hashlib
import http.client
import importlib.util
import json
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import boto3
import botocore.session
from botocore.config import Config

from devstack.callers import HEALTH_PATH
from devstack.ministack_server import local_function_urls, remove_older_folders

REGION = "us-east-1"
STACK_NAME = "people-pathing"
IMAGE_FUNCTIONS = ("PlanJob", "DetectSegment", "AssociateWindow", "LinkTracks")
# The engine is in no zip: the functions that use it run from its sources.
_BUILD_INPUTS = (
    "template.yaml",
    "samconfig.toml",
    "statemachine",
    "functions/Makefile",
    "functions/requirements.txt",
    "functions/people_pathing/__init__.py",
    "functions/people_pathing/common",
    "functions/people_pathing/results",
    "functions/people_pathing/pipeline",
    "functions/people_pathing/service",
)
_RUNTIME_CLIENT = ("awslambdaric", "runtime_client", "snapshot_restore_py", "simplejson")
_START_TIMEOUT_S = 60
_REPOSITORY = Path(__file__).resolve().parent.parent


class LocalStackError(Exception):
    """The local stack could not be started; the message says which step failed and shows its last output."""


class LocalStack:
    """One server with one deployed stack.

    `parameters` are the template's. `on_step` is called with one line before each long step. `tools` is the
    virtual environment that has `sam` and MiniStack.
    """

    def __init__(
        self,
        *,
        parameters: Mapping[str, str] | None = None,
        port: int = 0,
        tools: Path = _REPOSITORY / ".venv-aws",
        on_step: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._parameters = dict(parameters or {})
        self._port = port
        self._tools = tools
        self._on_step = on_step
        self._root_key = secrets.token_hex(16)
        self._session: boto3.Session | None = None
        self._cleanup = contextlib.ExitStack()
        self.outputs: dict[str, str] = {}

    # ---- for those who use the stack

    @property
    def endpoint_url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    @property
    def log_dir(self) -> Path:
        """One log file a function, and the server's own."""
        return _REPOSITORY / ".build" / "logs" / str(self._port)

    def session(self) -> boto3.Session:
        """A session with the credentials of the stack's administrator."""
        if self._session is None:
            raise LocalStackError("the local stack is not running: use it in a with block")
        return self._session

    def client(self, service: str, **options: Any) -> Any:
        session: Any = self.session()
        return session.client(service, **{"endpoint_url": self.endpoint_url, **options})

    def environment(self) -> dict[str, str]:
        """What the AWS CLI and the SDKs need to reach this stack and nothing else."""
        credentials = self.session().get_credentials()
        assert credentials is not None
        return _client_environment(self.endpoint_url, credentials.access_key, credentials.secret_key)

    # ---- start and stop

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            self._cleanup.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._session = None
        self._cleanup.close()

    def _start(self) -> None:
        self._on_step("starting the local server")
        self._start_server()
        self._on_step("building the functions")
        built_template = self._build()
        self._await_server()
        self._session = self._administrator()
        self._on_step("deploying the template")
        self._deploy(built_template)
        self.outputs = self._read_outputs()

    def _start_server(self) -> None:
        interpreter = self._tools / "bin" / "python"
        if not interpreter.exists():
            raise LocalStackError(f"{self._tools} is missing: `make .venv-aws/ready` makes it")
        try:
            listener = socket.create_server(("127.0.0.1", self._port), backlog=512)
        except OSError as error:
            raise LocalStackError(f"port {self._port} cannot be used: {error.strerror}") from error
        with listener:
            self._port = listener.getsockname()[1]
            self.log_dir.mkdir(parents=True, exist_ok=True)
            remove_older_folders(self.log_dir.parent)
            runtime_client = self._cleanup.enter_context(_runtime_client_directory())
            options = {
                "--port": self._port,
                "--listener": listener.fileno(),
                "--python": sys.executable,
                "--zip-search-path": runtime_client,
                "--image-root": _REPOSITORY / "functions",
                "--log-dir": self.log_dir,
                "--code-dir": _REPOSITORY / ".build" / "unpacked",
                "--environments-per-function": max(2, os.cpu_count() or 2),
            }
            with (self.log_dir / "server.log").open("wb") as log:
                server = subprocess.Popen(  # noqa: S603 - our own module
                    [str(interpreter), "-m", "devstack.ministack_server", *_flat(options)],
                    cwd=_REPOSITORY,
                    env=self._server_environment(),
                    stdin=subprocess.PIPE,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    pass_fds=[listener.fileno()],
                    # Ctrl-C in a terminal reaches this process alone, which then stops the server in order.
                    start_new_session=True,
                )
        self._cleanup.callback(_stop, server)

    def _server_environment(self) -> dict[str, str]:
        return {
            **{name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
            "GATEWAY_PORT": str(self._port),
            "BIND_HOST": "127.0.0.1",
            "MINISTACK_HOST": "127.0.0.1",
            "MINISTACK_REGION": REGION,
            "AWS_ENDPOINT_URL": self.endpoint_url,
            "AWS_ACCESS_KEY_ID": self._root_key,
            "AWS_SECRET_ACCESS_KEY": self._root_key,
            "AUTH": "true",  # every request stands or falls by its signature and its policies
            "IOT_MTLS_ENABLED": "0",
            "LAMBDA_ASYNC_RETRY_BASE_SECONDS": "1",
            # The pool lets events wait; a throttle that depends on this machine's memory would help nobody.
            "LAMBDA_ACCOUNT_CONCURRENCY": "0",
            "LOG_LEVEL": "WARNING",
        }

    def _await_server(self) -> None:
        # The listener is bound already: this connects at once, and waits for the server to answer.
        health = http.client.HTTPConnection("127.0.0.1", self._port, timeout=_START_TIMEOUT_S)
        with contextlib.closing(health), contextlib.suppress(OSError, http.client.HTTPException):
            health.request("GET", HEALTH_PATH)
            health.getresponse().read()
            return
        raise LocalStackError(f"the local server did not start:\n{_tail(self.log_dir / 'server.log')}")

    def _build(self) -> Path:
        """Run `sam build`, unless these very sources are built already; the path of the built template."""
        builds = _REPOSITORY / ".build" / "sam"
        builds.mkdir(parents=True, exist_ok=True)
        target = builds / build_digest(_REPOSITORY)
        with (builds / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not target.exists():
                remove_older_folders(builds)
                unfinished = builds / "unfinished"
                shutil.rmtree(unfinished, ignore_errors=True)
                excluded = [word for name in IMAGE_FUNCTIONS for word in ("--exclude", name)]
                self._sam("build", "--parallel", "--build-dir", str(unfinished), *excluded)
                unfinished.rename(target)
        return target / "template.yaml"

    def _deploy(self, built_template: Path) -> None:
        quoted = {name: re.sub(r'(["\\])', r"\\\1", value) for name, value in self._parameters.items()}
        parameters = [f'{name}="{value}"' for name, value in quoted.items()]
        self._sam(
            "deploy",
            "--template-file",
            str(built_template),
            "--stack-name",
            STACK_NAME,
            *(["--parameter-overrides", *parameters] if parameters else []),
        )

    def _sam(self, command: str, *arguments: str) -> None:
        # A build is made before there is anybody who may do something, and needs no credentials.
        environment = (
            self.environment() if self._session else _client_environment(self.endpoint_url, "-", "-")
        )
        config = ("--config-file", str(_REPOSITORY / "samconfig.toml"), "--config-env", "local")
        log = self.log_dir / f"sam-{command}.log"
        with log.open("wb") as output:
            status = subprocess.run(  # noqa: S603 - sam from our own virtual environment
                # As a module: the script's first line breaks where the path has a space in it.
                [str(self._tools / "bin" / "python"), "-P", "-m", "samcli", command, *config, *arguments],
                cwd=_REPOSITORY,
                env={
                    # pip's and uv's own settings, and proxies, count for a build.
                    **{name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
                    **environment,
                    "PATH": os.pathsep.join(
                        (str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath))
                    ),
                    "SAM_CLI_TELEMETRY": "0",
                    "SAM_CLI_POLL_DELAY": "0.2",
                    # As in the Makefile: uv reads the machine's own certificates, as pip does.
                    "UV_SYSTEM_CERTS": "1",
                },
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                check=False,
            ).returncode
        if status:
            raise LocalStackError(f"sam {command} failed:\n{_tail(log)}")

    def _administrator(self) -> boto3.Session:
        """A user who may do everything here, made with the server's root key, which is not used again."""
        root: Any = _session(self._root_key, self._root_key)
        iam = root.client("iam", endpoint_url=self.endpoint_url)
        iam.create_user(UserName="administrator")
        allow_all = {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
        }
        iam.put_user_policy(UserName="administrator", PolicyName="all", PolicyDocument=json.dumps(allow_all))
        key = iam.create_access_key(UserName="administrator")["AccessKey"]
        root.client("s3", endpoint_url=self.endpoint_url).create_bucket(Bucket="sam-artifacts")
        return _session(key["AccessKeyId"], key["SecretAccessKey"])

    def _read_outputs(self) -> dict[str, str]:
        [stack] = self.client("cloudformation").describe_stacks(StackName=STACK_NAME)["Stacks"]
        return {
            output["OutputKey"]: local_function_urls(output["OutputValue"], self.endpoint_url)
            for output in stack.get("Outputs", [])
        }


def rekognition_client(stack: LocalStack, caller: boto3.Session | None = None) -> Any:
    """boto3's own Rekognition client, pointed at the stack's front door; by default the administrator's."""
    client = (caller or stack.session()).client(
        "rekognition",
        endpoint_url=stack.outputs["RekognitionEndpointUrl"],
        config=Config(retries={"mode": "standard", "total_max_attempts": 1}),
    )
    # A Function URL is signed for as Lambda.
    client.meta.events.register("before-sign.rekognition", _sign_as_lambda)
    return client


def _sign_as_lambda(request: Any, **_: object) -> None:
    request.context.setdefault("signing", {})["signing_name"] = "lambda"


def _session(access_key: str, secret_key: str) -> boto3.Session:
    """A session whose clients never send what is meant for this machine to a proxy."""
    session = botocore.session.Session()
    session.set_default_client_config(Config(proxies={}))
    return boto3.Session(access_key, secret_key, region_name=REGION, botocore_session=session)


def _client_environment(endpoint_url: str, access_key: str, secret_key: str) -> dict[str, str]:
    return {
        "AWS_ENDPOINT_URL": endpoint_url,
        "AWS_ACCESS_KEY_ID": access_key,
        "AWS_SECRET_ACCESS_KEY": secret_key,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        # The user's own profiles have no say here.
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        **{
            name: ",".join(filter(None, (os.environ.get(name), "127.0.0.1")))
            for name in ("NO_PROXY", "no_proxy")
        },
        **{name: os.environ[name] for name in ("HOME", "LANG", "TMPDIR") if name in os.environ},
    }


@contextlib.contextmanager
def _runtime_client_directory() -> Iterator[Path]:
    """A directory with the Lambda runtime client and nothing else of this virtual environment."""
    with tempfile.TemporaryDirectory(prefix="lambda-runtime-") as directory:
        for module in _RUNTIME_CLIENT:
            spec = importlib.util.find_spec(module)
            if spec is None or spec.origin is None:
                raise LocalStackError(f"{module} is missing from {sys.prefix}: install requirements/dev.txt")
            source = Path(spec.origin)
            source = source.parent if spec.submodule_search_locations else source
            (Path(directory) / source.name).symlink_to(source)
        yield Path(directory)


def build_digest(root: Path) -> str:
    """The names and contents of all files that go into a build, in 16 hexadecimal digits."""
    digest = hashlib.sha256()
    for path in (root / name for name in _BUILD_INPUTS):
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            relative = file.relative_to(root)
            if file.is_file() and not any(part.startswith((".", "__pycache__")) for part in relative.parts):
                digest.update(f"{relative}\0".encode())
                digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()[:16]


def _flat(options: Mapping[str, object]) -> list[str]:
    return [str(word) for option in options.items() for word in option]


def _tail(log: Path, lines: int = 30) -> str:
    return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])


def _stop(server: subprocess.Popen[bytes]) -> None:
    assert server.stdin is not None
    server.stdin.close()
    try:
        server.wait(timeout=10)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
