"""A server that answers every call with an error of the caller's choice."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from people_pathing.service.protocol.errors import ServiceError
from people_pathing.service.protocol.wire import error_reply

REQUEST_ID = "request-id"


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        operation = self.headers["X-Amz-Target"].partition(".")[2]
        error_class: Any = type(body.get("JobTag") or body["JobId"], (ServiceError,), {})
        if error_class.__name__ == "InternalServerError":
            error_class.status_code = 500
        reply = error_reply(operation, error_class("the caller chose this error"), REQUEST_ID)
        data = reply["body"].encode()
        self.send_response(reply["statusCode"])
        for name, value in {**reply["headers"], "content-length": str(len(data))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: Any) -> None:
        """Writes no log."""


@contextmanager
def error_server() -> Iterator[str]:
    """Runs the server and yields its address.

    It answers with the error whose code is the request's JobTag or JobId, in the service's own form.
    """
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
