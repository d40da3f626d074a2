"""Serves the Runtime API to one process, over HTTP on loopback.

The process polls for its next event. It posts the response, the error, or the failure of its initialization.
Source: AWS Lambda Developer Guide, "Using the Lambda runtime API for custom runtimes".
"""

import json
import queue
import re
import sys
import threading
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from devstack.lambda_runtime.function import Outcome
from devstack.loopback import rejection_reason

_NEXT_PATH = "/2018-06-01/runtime/invocation/next"
_INIT_ERROR_PATH = "/2018-06-01/runtime/init/error"
_OUTCOME_PATH = re.compile(r"/2018-06-01/runtime/invocation/([^/]+)/(response|error)")


@dataclass(frozen=True)
class Event:
    """Holds one event.

    Attributes:
        request_id: the id of the event.
        payload: the event as JSON.
        deadline_ms: the time at which Lambda stops the handler, in milliseconds since the epoch.
    """

    request_id: str
    payload: bytes
    deadline_ms: int


class RuntimeApi(ThreadingHTTPServer):
    """Passes events to one process and receives their outcomes.

    Attributes:
        function_arn: the ARN that the process learns with each event.
        initialized: set once the process has asked for its first event.
        init_failure: the failure that the process reported instead of asking for an event.
        events: events for the process. None ends the current poll.
        outcomes: outcomes from the process, one per event.
    """

    daemon_threads = True

    def __init__(self, function_arn: str) -> None:
        """Starts to serve on a free port."""
        super().__init__(("127.0.0.1", 0), _RuntimeApiHandler)
        self.function_arn = function_arn
        self.initialized = threading.Event()
        self.init_failure: Outcome | None = None
        self.events: queue.Queue[Event | None] = queue.Queue()
        self.outcomes: queue.Queue[Outcome] = queue.Queue()
        self._lock = threading.Lock()
        self._request_id: str | None = None
        # `shutdown` waits for one poll interval, and a stack closes a dozen of these servers.
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    def next_event(self) -> Event | None:
        """Waits for the next event of the process. Returns None if there will be none."""
        self.initialized.set()
        event = self.events.get()
        if event is not None:
            with self._lock:
                self._request_id = event.request_id
        return event

    def accept(self, request_id: str, outcome: Outcome) -> bool:
        """Takes the outcome of the current event, once. Returns False if it is about another event."""
        with self._lock:
            if request_id != self._request_id:
                return False
            self._request_id = None
        self.outcomes.put(outcome)
        return True

    def accept_init_failure(self, failure: Outcome) -> bool:
        """Takes the failure of the initialization. Returns False if the process has been initialized."""
        if self.initialized.is_set():
            return False
        self.init_failure = failure
        return True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Prints an error, unless the process is gone: one that is killed leaves a broken connection."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)

    def close(self) -> None:
        """Stops serving and releases the port."""
        self.events.put(None)
        self.shutdown()
        self.server_close()


class _RuntimeApiHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    # With Nagle's algorithm, the client's delayed acknowledgement adds 40 ms to both requests of an event.
    disable_nagle_algorithm = True
    server: RuntimeApi

    def log_message(self, *args: object) -> None:
        """Discards the access log."""

    def do_GET(self) -> None:
        """Replies to `.../runtime/invocation/next` with the next event."""
        if self._is_rejected():
            return
        if self.path != _NEXT_PATH:
            self._refuse(404, "there is no such path")
            return
        event = self.server.next_event()
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
                "Lambda-Runtime-Trace-Id": _unsampled_trace_id(),
            },
        )

    def do_POST(self) -> None:
        """Accepts `.../init/error`, `.../invocation/ID/error` or `.../invocation/ID/response`."""
        if self._is_rejected():
            return
        length = self.headers.get("Content-Length", "0")
        if not (length.isascii() and length.isdecimal()):
            self._refuse(400, "the header Content-Length is not a number")
            return
        body = self.rfile.read(int(length))
        outcome_path = _OUTCOME_PATH.fullmatch(self.path)
        if self.path == _INIT_ERROR_PATH:
            is_accepted = self.server.accept_init_failure(Outcome(body, "Unhandled"))
        elif outcome_path:
            request_id, kind = outcome_path.groups()
            outcome = Outcome(body, "Unhandled" if kind == "error" else None)
            is_accepted = self.server.accept(request_id, outcome)
        else:
            self._refuse(404, "there is no such path")
            return
        if is_accepted:
            self._reply(202, b'{"status":"OK"}', {})
        else:
            self._refuse(400, "this is not the current event")

    def _is_rejected(self) -> bool:
        headers = {name.lower(): value for name, value in self.headers.items()}
        reason = rejection_reason(headers, self.server.server_port)
        if reason:
            self._refuse(403, reason)
        return reason is not None

    def _refuse(self, status: int, reason: str) -> None:
        # The body of the request may not have been read, so the connection cannot be used again.
        self.close_connection = True
        body = {"errorType": "InvalidRequest", "errorMessage": reason}
        self._reply(status, json.dumps(body).encode(), {"Connection": "close"})

    def _reply(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()


def _unsampled_trace_id() -> str:
    return f"Root=1-{int(time.time()):08x}-{uuid.uuid4().hex[:24]};Parent={uuid.uuid4().hex[:16]};Sampled=0"
