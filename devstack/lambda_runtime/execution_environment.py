"""Runs one process of one function and gives it events, one at a time."""

import contextlib
import os
import queue
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

from devstack.lambda_runtime.function import Function, Invocation, Outcome
from devstack.lambda_runtime.runtime_api import Event, RuntimeApi

INIT_TIMEOUT_S = 10.0
_POLL_S = 0.02


class ExecutionEnvironment:
    """Runs one process of one function.

    Attributes:
        function: the function that the process runs.
        usable: False once the process has failed, exceeded its time limit, or been closed.
    """

    def __init__(self, function: Function, host_environment: Mapping[str, str]) -> None:
        """Starts the process.

        Args:
            function: the function to run.
            host_environment: this machine's environment. The process gets only PATH from it.
        """
        self.function = function
        self.usable = True
        self._started = time.monotonic()
        self._init_reported = False
        self._log: BinaryIO = tempfile.TemporaryFile()  # noqa: SIM115 - open as long as the process runs
        self._log_read_to = 0
        self._scratch = Path(tempfile.mkdtemp(prefix="lambda-"))
        self._api = RuntimeApi(function.arn)
        self._process = subprocess.Popen(  # noqa: S603 - the command is the template's handler
            [*function.command, function.handler],
            cwd=function.task_root,
            env=self._process_environment(host_environment),
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def _process_environment(self, host: Mapping[str, str]) -> dict[str, str]:
        function = self.function
        return {
            "PATH": host.get("PATH", os.defpath),
            "HOME": str(self._scratch),
            "TMPDIR": str(self._scratch),
            "LANG": "C.UTF-8",
            "TZ": ":UTC",
            "PYTHONUNBUFFERED": "1",
            "PYTHONPATH": os.pathsep.join(map(str, (function.task_root, *function.search_path))),
            "LAMBDA_TASK_ROOT": str(function.task_root),
            "_HANDLER": function.handler,
            "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{self._api.server_port}",
            "AWS_LAMBDA_FUNCTION_NAME": function.name,
            "AWS_LAMBDA_FUNCTION_VERSION": function.version,
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_mb),
            "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{function.name}",
            "AWS_LAMBDA_LOG_STREAM_NAME": (
                f"{time.strftime('%Y/%m/%d')}/[{function.version}]{uuid.uuid4().hex}"
            ),
            "AWS_REGION": function.region,
            "AWS_DEFAULT_REGION": function.region,
            **function.environment,
        }

    def invoke(self, payload: bytes) -> Invocation:
        """Gives one event to the process and waits for its outcome, for at most the function's timeout.

        Args:
            payload: the event as JSON.
        """
        request_id = str(uuid.uuid4())
        init_ms = self._wait_for_initialization()
        started = time.monotonic()
        outcome = self._wait_for_outcome(request_id, payload)
        duration_ms = (time.monotonic() - started) * 1000
        report = (
            f"REPORT RequestId: {request_id}\tDuration: {duration_ms:.2f} ms\t"
            f"Billed Duration: {int(duration_ms) + 1} ms\tMemory Size: {self.function.memory_mb} MB\t"
            f"Max Memory Used: {self._peak_memory_mb()} MB"
        )
        if init_ms is not None:
            report += f"\tInit Duration: {init_ms:.2f} ms"
        return Invocation(
            request_id, outcome.payload, outcome.error, self._new_log_text(), report, duration_ms
        )

    def _wait_for_initialization(self) -> float | None:
        """Waits until the process asks for its first event.

        Returns:
            The duration of the initialization in milliseconds; None if an earlier event has reported it.
        """
        if self._init_reported:
            return None
        self._init_reported = True
        while not (
            self._api.initialized.wait(_POLL_S)
            or self._api.init_failure
            or self._process.poll() is not None
            or time.monotonic() - self._started > INIT_TIMEOUT_S
        ):
            pass
        return (time.monotonic() - self._started) * 1000

    def _wait_for_outcome(self, request_id: str, payload: bytes) -> Outcome:
        deadline = time.monotonic() + self.function.timeout_s
        if self._api.init_failure is None:
            deadline_ms = int((time.time() + self.function.timeout_s) * 1000)
            self._api.events.put(Event(request_id, payload, deadline_ms))
        while True:
            # Read before the outcomes: a process may post its last outcome and exit at once.
            exited = self._process.poll() is not None
            with contextlib.suppress(queue.Empty):
                return self._api.outcomes.get(timeout=_POLL_S)
            if self._api.init_failure is not None:
                self.usable = False
                return self._api.init_failure
            if exited:
                self.usable = False
                return Outcome.failure(
                    "Runtime.ExitError", f"RequestId: {request_id} Error: {self._exit_reason()}"
                )
            if time.monotonic() > deadline:
                self.usable = False
                self.kill()
                stamp = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime())
                return Outcome.failure(
                    "Sandbox.Timedout",
                    f"{stamp} {request_id} Task timed out after {self.function.timeout_s:.2f} seconds",
                )

    def _exit_reason(self) -> str:
        status = self._process.returncode
        reason = f"signal: {signal.Signals(-status).name}" if status < 0 else f"exit status {status}"
        return f"Runtime exited with error: {reason}"

    def _new_log_text(self) -> str:
        end = os.fstat(self._log.fileno()).st_size
        text = os.pread(self._log.fileno(), end - self._log_read_to, self._log_read_to)
        self._log_read_to = end
        return text.decode("utf-8", "replace")

    def _peak_memory_mb(self) -> int:
        """Returns the process's peak resident memory, or its memory size on systems without /proc."""
        try:
            status = Path(f"/proc/{self._process.pid}/status").read_text()
        except OSError:
            return self.function.memory_mb
        peak_kb = next((line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:")), "0")
        return int(peak_kb) // 1024

    def kill(self) -> None:
        """Kills the process and every process that it started."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def close(self) -> None:
        """Kills the process and removes everything that belongs to it."""
        self.usable = False
        self.kill()
        self._api.close()
        self._log.close()
        shutil.rmtree(self._scratch, ignore_errors=True)
