"""Starts and stops the process of the local server."""

import contextlib
import http.client
import importlib.util
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from devstack.clients import REGION, environment_without_aws
from devstack.errors import LocalStackError
from devstack.folders import BUILD, REPOSITORY, last_lines, remove_old_folders
from devstack.server.options import HEALTH_PATH, ServerOptions

_START_TIMEOUT_S = 60
_STOP_TIMEOUT_S = 10
_RUNTIME_CLIENT = ("awslambdaric", "runtime_client", "snapshot_restore_py", "simplejson")


class ServerProcess:
    """Runs the local server until the `with` block ends, or until this process ends for any reason.

    Attributes:
        port: the port on which the server listens, on loopback only.
        root_key: the access key id and the secret of the server's root user.
    """

    def __init__(self, port: int, tools: Path) -> None:
        """Prepares a server.

        Args:
            port: the port; 0 chooses a free one.
            tools: the virtual environment that has MiniStack.
        """
        self.port = port
        self.root_key = secrets.token_hex(16)
        self._interpreter = tools / "bin" / "python"
        self._image_dir = Path()
        self._process: subprocess.Popen[bytes] | None = None
        self._cleanup = contextlib.ExitStack()

    @property
    def endpoint_url(self) -> str:
        """The URL at which the server listens."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def log_dir(self) -> Path:
        """The folder for the server's log and the log of each function."""
        return BUILD / "logs" / str(self.port)

    def __enter__(self) -> Self:
        """Starts the server. `wait_until_ready` waits for it.

        Raises:
            LocalStackError: the tools are missing, or the port is in use.
        """
        with contextlib.ExitStack() as cleanup:
            self._start(cleanup)
            self._cleanup = cleanup.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stops the server."""
        self._cleanup.close()

    def _start(self, cleanup: contextlib.ExitStack) -> None:
        if not self._interpreter.exists():
            raise LocalStackError(f"{self._interpreter} is missing: run `make .venv-aws/ready`")
        try:
            listener = socket.create_server(("127.0.0.1", self.port), backlog=512)
        except OSError as error:
            raise LocalStackError(f"port {self.port} cannot be used: {error.strerror}") from error
        with listener:
            self.port = listener.getsockname()[1]
            self.log_dir.mkdir(parents=True, exist_ok=True)
            self._image_dir = Path(cleanup.enter_context(tempfile.TemporaryDirectory(prefix="images-")))
            remove_old_folders(self.log_dir.parent)
            options = ServerOptions(
                port=self.port,
                listener=listener.fileno(),
                python=Path(sys.executable),
                zip_search_path=cleanup.enter_context(_runtime_client_folder()),
                image_dir=self._image_dir,
                log_dir=self.log_dir,
                code_dir=BUILD / "unpacked",
                environments_per_function=max(2, os.cpu_count() or 2),
            )
            with (self.log_dir / "server.log").open("wb") as log:
                self._process = process = subprocess.Popen(  # noqa: S603 - our own module
                    [str(self._interpreter), "-m", "devstack.server", *options.arguments()],
                    cwd=REPOSITORY,
                    env=self._environment(),
                    # The server stops when this pipe closes, so it also stops if this process is killed.
                    stdin=subprocess.PIPE,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    pass_fds=[listener.fileno()],
                    # Ctrl-C in a terminal must reach this process only, which then stops the server in order.
                    start_new_session=True,
                )
        cleanup.callback(_stop, process)

    def _environment(self) -> dict[str, str]:
        return {
            **environment_without_aws(),
            "GATEWAY_PORT": str(self.port),
            "BIND_HOST": "127.0.0.1",
            "MINISTACK_HOST": "127.0.0.1",
            "MINISTACK_REGION": REGION,
            "AWS_ENDPOINT_URL": self.endpoint_url,
            "AWS_ACCESS_KEY_ID": self.root_key,
            "AWS_SECRET_ACCESS_KEY": self.root_key,
            # Verifies signatures and enforces policies.
            "AUTH": "true",
            "IOT_MTLS_ENABLED": "0",
            "LAMBDA_ASYNC_RETRY_BASE_SECONDS": "1",
            # Shortens the pauses before retries of the state machine, which are made for outages.
            "SFN_WAIT_SCALE": "0.02",
            # Turns off MiniStack's throttling, which depends on this machine's memory. The function pool
            # queues events instead.
            "LAMBDA_ACCOUNT_CONCURRENCY": "0",
            "LOG_LEVEL": "WARNING",
        }

    def add_image(self, tag: str, folder: Path) -> None:
        """Makes the functions of an image run in a folder, as pushing the image would.

        Args:
            tag: the tag of the image. It never moves to another folder, as functions keep their image.
            folder: the folder with the code, for example `functions/` of this repository.

        Raises:
            LocalStackError: the tag stands for another folder.
        """
        link = self._image_dir / tag
        if not link.exists():
            link.symlink_to(folder.resolve())
        if link.resolve() != folder.resolve():
            raise LocalStackError(
                f"the image {tag} is in {link.resolve()} already, so it cannot be in {folder}"
            )

    def wait_until_ready(self) -> None:
        """Waits until the server answers.

        Raises:
            LocalStackError: the server ended, or did not answer in time.
        """
        # The socket listens already, so the connection succeeds and the reply comes when the server is up.
        health = http.client.HTTPConnection("127.0.0.1", self.port, timeout=_START_TIMEOUT_S)
        with contextlib.closing(health), contextlib.suppress(OSError, http.client.HTTPException):
            health.request("GET", HEALTH_PATH)
            health.getresponse().read()
            return
        raise LocalStackError("the local server did not start:", last_lines(self.log_dir / "server.log"))

    def require_running(self) -> None:
        """Checks that the server's process has not ended.

        Raises:
            LocalStackError: it has. The message says how, and shows the end of its log.
        """
        if self._process is not None and (status := self._process.poll()) is not None:
            reason = f"signal {signal.Signals(-status).name}" if status < 0 else f"exit status {status}"
            raise LocalStackError(
                f"the local server has ended ({reason}), and everything in the stack is lost; start it again",
                last_lines(self.log_dir / "server.log"),
            )


@contextlib.contextmanager
def _runtime_client_folder() -> Iterator[Path]:
    """Makes a folder that has the Lambda runtime client and nothing else of this virtual environment."""
    with tempfile.TemporaryDirectory(prefix="lambda-runtime-") as folder:
        for module in _RUNTIME_CLIENT:
            spec = importlib.util.find_spec(module)
            if spec is None or spec.origin is None:
                raise LocalStackError(f"{module} is missing from {sys.prefix}: run `make .venv/ready`")
            source = Path(spec.origin)
            source = source.parent if spec.submodule_search_locations else source
            (Path(folder) / source.name).symlink_to(source)
        yield Path(folder)


def _stop(process: subprocess.Popen[bytes]) -> None:
    assert process.stdin is not None
    process.stdin.close()
    try:
        process.wait(timeout=_STOP_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
