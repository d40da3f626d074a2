"""Deploys the untouched template into a local server.

    with LocalStack() as stack:
        stack.client("s3").upload_file("street.mp4", stack.outputs["VideoBucketName"], "street.mp4")

Everything listens on loopback only. It stops when the `with` block ends or when this process ends.
"""

import contextlib
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import boto3
from botocore.config import Config

from devstack.clients import client_environment, create_administrator
from devstack.errors import LocalStackError
from devstack.folders import TOOLS
from devstack.sam import ARTIFACT_BUCKET, Release, Sam
from devstack.server_process import ServerProcess

STACK_NAME = "people-pathing"


class LocalStack:
    """Runs one server with one deployed stack.

    Attributes:
        outputs: the outputs of the deployed stack, by name. Function URLs are addresses on the local server.
    """

    def __init__(
        self,
        *,
        parameters: Mapping[str, str] | None = None,
        port: int = 0,
        tools: Path = TOOLS,
        on_step: Callable[[str], None] = lambda _: None,
        release: Release | None = None,
    ) -> None:
        """Prepares a stack.

        Args:
            parameters: the template's parameters.
            port: the port on which the server listens; 0 chooses a free one.
            tools: the virtual environment that has the SAM CLI and MiniStack.
            on_step: receives one line of text before each long step.
            release: the sources to deploy; by default this checkout.
        """
        self._parameters = dict(parameters or {})
        self._server = ServerProcess(port, tools)
        self._tools = tools
        self._on_step = on_step
        self._release = release or Release()
        self._session: boto3.Session | None = None
        self._cleanup = contextlib.ExitStack()
        self.outputs: dict[str, str] = {}

    @property
    def endpoint_url(self) -> str:
        """The URL at which the server answers for all AWS services."""
        return self._server.endpoint_url

    @property
    def log_dir(self) -> Path:
        """The folder for the server's log, the log of each function and the output of sam."""
        return self._server.log_dir

    def session(self) -> boto3.Session:
        """Returns a session with the credentials of the stack's administrator.

        Raises:
            LocalStackError: the stack is not running.
        """
        if self._session is None:
            raise LocalStackError("the local stack is not running: use it in a with block")
        return self._session

    def client(self, service: str, **options: Any) -> Any:
        """Makes a boto3 client of the administrator.

        Args:
            service: the service's name in boto3.
            options: further arguments of boto3's `Session.client`.
        """
        session: Any = self.session()
        return session.client(service, **{"endpoint_url": self.endpoint_url, **options})

    @property
    def port(self) -> int:
        """The port on which the server listens."""
        return self._server.port

    def environment(self) -> dict[str, str]:
        """Returns environment variables that make the AWS CLI and the SDKs use this stack only."""
        credentials = self.session().get_credentials()
        assert credentials is not None
        return client_environment(self.endpoint_url, credentials.access_key, credentials.secret_key)

    def __enter__(self) -> Self:
        """Starts the server, builds the functions and deploys the template.

        Raises:
            LocalStackError: one of the steps failed.
        """
        with contextlib.ExitStack() as cleanup:
            self._start(cleanup)
            self._cleanup = cleanup.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stops the server. Everything in the stack is lost.

        Raises:
            LocalStackError: the block has failed because the server had ended.
        """
        self._session = None
        with self._cleanup:
            if isinstance(error, Exception):
                self.require_running()

    def require_running(self) -> None:
        """Checks that the server has not ended.

        Raises:
            LocalStackError: it has.
        """
        self._server.require_running()

    def _start(self, cleanup: contextlib.ExitStack) -> None:
        self._on_step("starting the local server")
        server = cleanup.enter_context(self._server)
        template = self._build(self._release)
        server.wait_until_ready()
        self._session = create_administrator(server.endpoint_url, server.root_key)
        self.client("s3").create_bucket(Bucket=ARTIFACT_BUCKET)
        self._deploy(template, self._parameters)

    def update(self, release: Release, parameters: Mapping[str, str]) -> None:
        """Updates the deployed stack.

        Args:
            release: the sources to deploy.
            parameters: the template's parameters. Those that are left out keep their values.

        Raises:
            LocalStackError: the update failed and was rolled back.
        """
        self._deploy(self._build(release), parameters)

    def _build(self, release: Release) -> Path:
        self._on_step("building the functions")
        sam = Sam(self._tools, self._server.log_dir)
        # A build calls no AWS service. The placeholders keep it from using the user's own credentials.
        template = sam.build(release.root, client_environment(self._server.endpoint_url, "-", "-"))
        self._server.add_image(template.parent.name, release.image_root)
        return template

    def _deploy(self, template: Path, parameters: Mapping[str, str]) -> None:
        self._on_step("deploying the template")
        Sam(self._tools, self._server.log_dir).deploy(template, STACK_NAME, parameters, self.environment())
        self.outputs = self._read_outputs()

    def _read_outputs(self) -> dict[str, str]:
        [stack] = self.client("cloudformation").describe_stacks(StackName=STACK_NAME)["Stacks"]
        return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}


def rekognition_client(stack: LocalStack, caller: boto3.Session | None = None) -> Any:
    """Makes a boto3 Rekognition client for the stack's own endpoint.

    Args:
        stack: a running stack.
        caller: the session that signs the requests; by default the administrator's.
    """
    client = (caller or stack.session()).client(
        "rekognition",
        endpoint_url=stack.outputs["RekognitionEndpointUrl"],
        config=Config(retries={"mode": "standard", "total_max_attempts": 1}),
    )
    client.meta.events.register("before-sign.rekognition", _sign_as_lambda)
    return client


def _sign_as_lambda(request: Any, **_: object) -> None:
    """Sets the service name in the signature to `lambda`, as a Function URL demands."""
    request.context.setdefault("signing", {})["signing_name"] = "lambda"
