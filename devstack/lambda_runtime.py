"""Lambda functions as plain processes: AWS's own `awslambdaric` against a Runtime API served on loopback.

The Runtime API is the documented one (AWS Lambda Developer Guide, "Using the Lambda runtime API for custom
runtimes"): a process asks for its next event, and posts the response, the error, or the failure of its start.
"""

import contextlib
import json
import os
import queue
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import BinaryIO

INIT_TIMEOUT_S = 10.0
_POLL_S = 0.02


@dataclass(frozen=True)
class Function:
    """What Lambda knows about one function.

    `command` starts the runtime client (the handler is appended); `search_path` is what the runtime
    puts on PYTHONPATH: the layers and, for zip functions, the runtime client itself.
    """

    name: str
    arn: str
    handler: str
    task_root: Path
    command: tuple[str, ...]
    search_path: tuple[Path, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    timeout_s: int = 3
    memory_mb: int = 128
    region: str = "us-east-1"


@dataclass(frozen=True)
class Invocation:
    """What came of one event. `error` is None or Lambda's function error; `log` is what the handler wrote."""

    request_id: str
    payload: bytes
    error: str | None
    log: str
    report: str
    duration_ms: float


@dataclass(frozen=True)
class _Event:
    request_id: str
    payload: bytes
    deadline_ms: int


@dataclass(frozen=True)
class _Outcome:
    payload: bytes
    error: str | None = None


class _RuntimeApi(ThreadingHTTPServer):
    """The Runtime API of one execution environment: events out, outcomes in."""

    daemon_threads = True

    def __init__(self, function_arn: str) -> None:
        super().__init__(("127.0.0.1", 0), _RuntimeApiHandler)
        self.function_arn = function_arn
        self.initialised = threading.Event()
        self.events: queue.Queue[_Event | None] = queue.Queue()
        self.outcomes: queue.Queue[_Outcome] = queue.Queue()
        self.init_failure: _Outcome | None = None
        # Closing waits for the end of a poll, and a stack closes a dozen of these.
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        self.events.put(None)
        self.shutdown()
        self.server_close()


class _RuntimeApiHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    # Without this the client's delayed acknowledgement costs 40 ms twice an event.
    disable_nagle_algorithm = True
    server: _RuntimeApi

    def log_message(self, *args: object) -> None:
        pass

    def do_GET(self) -> None:  # .../runtime/invocation/next
        self.server.initialised.set()
        event = self.server.events.get()
        if event is None:
            self.close_connection = True
            return
        self._reply(
            200,
            event.payload,
            {
                "Lambda-Runtime-Aws-Request-Id": event.request_id,
                "Lambda-Runtime-Deadline-Ms": str(event.deadline_ms),
                "Lambda-Runtime-Invoked-Function-Arn": self.server.function_arn,
                "Lambda-Runtime-Trace-Id": _unsampled_trace(),
            },
        )

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path.endswith("/init/error"):
            self.server.init_failure = _Outcome(body, "Unhandled")
        elif self.path.endswith("/error"):
            self.server.outcomes.put(_Outcome(body, "Unhandled"))
        elif self.path.endswith("/response"):
            self.server.outcomes.put(_Outcome(body))
        self._reply(202, b'{"status":"OK"}', {})

    def _reply(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()


def _unsampled_trace() -> str:
    return f"Root=1-{int(time.time()):08x}-{uuid.uuid4().hex[:24]};Parent={uuid.uuid4().hex[:16]};Sampled=0"


class ExecutionEnvironment:
    """One process of one function, serving one event at a time."""

    def __init__(self, function: Function, host_environment: Mapping[str, str]) -> None:
        self.function = function
        self.usable = True
        self._started = time.monotonic()
        self._init_reported = False
        self._log: BinaryIO = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the process
        self._log_read_to = 0
        self._scratch = Path(tempfile.mkdtemp(prefix="lambda-"))
        self._api = _RuntimeApi(function.arn)
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
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_mb),
            "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{function.name}",
            "AWS_LAMBDA_LOG_STREAM_NAME": f"{time.strftime('%Y/%m/%d')}/[$LATEST]{uuid.uuid4().hex}",
            "AWS_REGION": function.region,
            "AWS_DEFAULT_REGION": function.region,
            **function.environment,
        }

    def invoke(self, payload: bytes) -> Invocation:
        """Hand one event to the process and wait for its outcome, at most the function's timeout."""
        request_id = str(uuid.uuid4())
        init_ms = self._await_initialisation()
        started = time.monotonic()
        outcome = self._outcome_of(request_id, payload)
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

    def _await_initialisation(self) -> float | None:
        """Wait until the process asks for its first event: how long that took, None if it had before."""
        if self._init_reported:
            return None
        self._init_reported = True
        while not (
            self._api.initialised.wait(_POLL_S)
            or self._api.init_failure
            or self._process.poll() is not None
            or time.monotonic() - self._started > INIT_TIMEOUT_S
        ):
            pass
        return (time.monotonic() - self._started) * 1000

    def _outcome_of(self, request_id: str, payload: bytes) -> _Outcome:
        deadline = time.monotonic() + self.function.timeout_s
        if self._api.init_failure is None:
            deadline_ms = int((time.time() + self.function.timeout_s) * 1000)
            self._api.events.put(_Event(request_id, payload, deadline_ms))
        while True:
            exited = self._process.poll() is not None
            with contextlib.suppress(queue.Empty):
                return self._api.outcomes.get(timeout=_POLL_S)
            if self._api.init_failure is not None:
                self.usable = False
                return self._api.init_failure
            if exited:
                self.usable = False
                return _failure("Runtime.ExitError", f"RequestId: {request_id} Error: {self._exit_reason()}")
            if time.monotonic() > deadline:
                self.usable = False
                self.kill()
                stamp = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime())
                return _failure(
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
        """The process's peak resident memory; its memory size where the system does not tell (no /proc)."""
        try:
            status = Path(f"/proc/{self._process.pid}/status").read_text()
        except OSError:
            return self.function.memory_mb
        peak_kb = next((line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:")), "0")
        return int(peak_kb) // 1024

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def close(self) -> None:
        self.usable = False
        self.kill()
        self._api.close()
        self._log.close()
        shutil.rmtree(self._scratch, ignore_errors=True)


def _failure(error_type: str, message: str) -> _Outcome:
    body = {"errorType": error_type, "errorMessage": message}
    return _Outcome(json.dumps(body).encode(), "Unhandled")


class FunctionPool:
    """The execution environments of all functions: reused when idle, at most `size` at once for each."""

    def __init__(self, size: int, host_environment: Mapping[str, str]) -> None:
        self._size = size
        self._host_environment = host_environment
        self._changed = threading.Condition()
        self._idle: dict[str, list[ExecutionEnvironment]] = {}
        self._busy: dict[str, list[ExecutionEnvironment]] = {}
        self._closed = False

    def invoke(self, function: Function, payload: bytes) -> Invocation:
        """Run one event, waiting for a free environment if need be.

        Raises RuntimeError once the pool is closed.
        """
        environment = self._acquire(function)
        try:
            return environment.invoke(payload)
        finally:
            self._release(environment)

    def _acquire(self, function: Function) -> ExecutionEnvironment:
        with self._changed:
            idle = self._idle.setdefault(function.arn, [])
            busy = self._busy.setdefault(function.arn, [])
            self._changed.wait_for(lambda: self._closed or idle or len(busy) < self._size)
            if self._closed:
                raise RuntimeError(f"{function.name} was invoked after the local stack had stopped")
            environment = idle.pop() if idle else None
            if environment is not None and environment.function != function:  # the stack was updated
                environment.close()
                environment = None
            if environment is None:
                environment = ExecutionEnvironment(function, self._host_environment)
            busy.append(environment)
            return environment

    def _release(self, environment: ExecutionEnvironment) -> None:
        arn = environment.function.arn
        with self._changed:
            self._busy[arn].remove(environment)
            if environment.usable and not self._closed:
                self._idle[arn].append(environment)
            self._changed.notify_all()
        if not environment.usable:
            environment.close()

    def close(self) -> None:
        """Kill every process the pool started, busy ones too."""
        with self._changed:
            self._closed = True
            for environment in (environment for idle in self._idle.values() for environment in idle):
                environment.close()
            for environment in (environment for busy in self._busy.values() for environment in busy):
                environment.kill()  # whoever waits for its outcome closes it
            self._idle.clear()
            self._changed.notify_all()
