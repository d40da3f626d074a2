"""Serves a page about the videos of a running stack, on loopback.

The address has a secret part, which only the user's terminal shows. Other users of this machine and web pages
in its browsers do not know it. Requests of other pages are rejected besides, and so are requests that arrive
by DNS rebinding.

The server is `http.server`: it is in the standard library, it has few users at a time, and the hypercorn that
serves MiniStack is in the environment of the tools only.
"""

import hashlib
import hmac
import logging
import re
import secrets
import threading
from collections.abc import Generator, Mapping
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self
from urllib.parse import unquote

from devstack.loopback import foreign_page_reason

if TYPE_CHECKING:
    from _typeshed import SupportsRead

IDLE_S = 60
"""A connection that is idle for so long is closed."""
BLOCK_BYTES = 1024 * 1024
_VIDEO = re.compile(r"videos/([0-9a-f]{64})/(report\.html|video)")
_UPLOAD = re.compile(r"uploads/([^/?#]+)")
_HEADERS = {
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_HTML = "text/html; charset=utf-8"
_TEXT = "text/plain; charset=utf-8"

log = logging.getLogger(__name__)


class VideoPart(Protocol):
    """A video, or the bytes of it that a player asked for."""

    @property
    def status(self) -> int:
        """The status of the reply."""

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers of the reply, with Content-Length."""

    @property
    def blocks(self) -> Generator[bytes]:
        """The body, piece by piece. Closing it releases the connection to the bucket."""


class Videos(Protocol):
    """What the server shows. Several threads call it."""

    def page(self) -> str:
        """Returns the HTML of the page."""

    def videos(self) -> bytes:
        """Returns the videos as JSON."""

    def report(self, video_id: str) -> bytes | None:
        """Returns the HTML of a video's report, or None if there is none."""

    def video(self, video_id: str, byte_range: str | None) -> VideoPart | None:
        """Opens a video, or returns None if it is not there."""

    def upload_refusal(self, name: str, byte_count: int) -> str | None:
        """Returns why a file cannot be uploaded, or None if it can."""

    def upload(self, name: str, content: "SupportsRead[bytes]") -> None:
        """Stores a file, which it reads to the end. If reading fails, it stores nothing."""


class PageServer:
    """Serves the page as long as the `with` block runs.

    Args:
        videos: what it shows.
    """

    def __init__(self, videos: Videos) -> None:
        self._videos = videos
        self._server: _Server | None = None

    @property
    def address(self) -> str:
        """The address of the page. Who knows it may read all videos and add some."""
        assert self._server is not None, "the server runs in its with block only"
        return f"http://127.0.0.1:{self._server.server_port}/{self._server.secret}/"

    def __enter__(self) -> Self:
        """Starts serving."""
        self._server = _Server(self._videos)
        threading.Thread(target=self._server.serve_forever, args=(0.1,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stops serving."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    # Requests that are running end with the stack.
    block_on_close = False

    def __init__(self, videos: Videos) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.videos = videos
        self.secret = secrets.token_urlsafe(24)

    def handle_error(self, *_: object) -> None:
        """Logs an error. Readers who close the connection are not errors."""
        log.debug("a request failed", exc_info=True)


class _Body:
    """The body of a request, which ends after a number of bytes."""

    def __init__(self, stream: "SupportsRead[bytes]", byte_count: int) -> None:
        self._stream = stream
        self._left = byte_count

    def read(self, size: int = -1, /) -> bytes:
        """Reads up to `size` bytes, or everything.

        Raises:
            ConnectionError: the connection ended before the body.
        """
        wanted = self._left if size < 0 else min(size, self._left)
        data = self._stream.read(wanted) if wanted else b""
        if len(data) < wanted:
            raise ConnectionError("the connection ended before the file")
        self._left -= len(data)
        return data

    def discard(self) -> None:
        """Reads what is left. A browser shows no reply that arrives while it is still sending."""
        while self.read(BLOCK_BYTES):
            pass


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = IDLE_S
    disable_nagle_algorithm = True
    server: _Server

    def log_message(self, *args: object) -> None:
        """Discards the access log."""

    def do_GET(self) -> None:
        """Replies with the page, the list of videos, a report or a video."""
        path = self._allowed_path()
        if path is None:
            return
        try:
            self._get(path)
        except ConnectionError:
            raise
        except Exception as error:
            log.warning("the page's server: %s: %s", type(error).__name__, error)
            self._refuse(500, f"{type(error).__name__}: {error}")

    def do_PUT(self) -> None:
        """Stores an uploaded file."""
        path = self._allowed_path()
        if path is None:
            return
        length, name = self.headers.get("Content-Length", ""), _UPLOAD.fullmatch(path)
        if name is None:
            self._refuse(404, "there is no such address")
        elif not (length.isascii() and length.isdecimal()):
            self._refuse(411, "the header Content-Length must be a number")
        else:
            self._put(unquote(name[1], errors="replace"), int(length))

    def _get(self, path: str) -> None:
        of_video = _VIDEO.fullmatch(path)
        if path == "":
            self._reply(200, self.server.videos.page().encode(), {"Content-Type": _HTML})
        elif path == "videos.json":
            self._reply_with_tag(self.server.videos.videos())
        elif of_video and of_video[2] == "video":
            self._reply_video(of_video[1])
        elif of_video and (report := self.server.videos.report(of_video[1])):
            self._reply(200, report, {"Content-Type": _HTML})
        else:
            self._refuse(404, "there is no such address, or the video has no results")

    def _put(self, name: str, byte_count: int) -> None:
        body = _Body(self.rfile, byte_count)
        refusal = self.server.videos.upload_refusal(name, byte_count)
        if refusal:
            body.discard()
            self._reply_text(422, refusal)
            return
        try:
            self.server.videos.upload(name, body)
        except ConnectionError:
            raise
        except Exception as error:
            log.warning("the page's server: %s: %s", type(error).__name__, error)
            self._refuse(500, f"the file was not stored: {error}")
            return
        self._reply_text(201, name)

    def _reply_with_tag(self, body: bytes) -> None:
        tag = f'"{hashlib.sha256(body).hexdigest()}"'
        if self.headers.get("If-None-Match") == tag:
            self._reply(304, b"", {"ETag": tag})
        else:
            self._reply(200, body, {"Content-Type": "application/json", "ETag": tag})

    def _reply_video(self, video_id: str) -> None:
        part = self.server.videos.video(video_id, self.headers.get("Range"))
        if part is None:
            self._refuse(404, "the video is not there")
            return
        self._start(part.status, part.headers)
        try:
            with closing(part.blocks) as blocks:
                for block in blocks:
                    self.wfile.write(block)
        except Exception:
            # Players close the connection when they seek. In any case, the reply cannot become another one.
            log.debug("a video was not sent to its end", exc_info=True)
            self.close_connection = True

    def _allowed_path(self) -> str | None:
        """Returns the path after the secret part, or replies with a refusal and returns None."""
        headers = {name.lower(): value for name, value in self.headers.items()}
        reason = foreign_page_reason(headers, self.server.server_port)
        if reason:
            self._refuse(403, reason)
            return None
        secret, _, path = self.path.removeprefix("/").partition("/")
        if not hmac.compare_digest(secret.encode("utf-8", "replace"), self.server.secret.encode()):
            self._refuse(403, "open the address that `people-pathing up` has printed")
            return None
        return path

    def _refuse(self, status: int, reason: str) -> None:
        # The body of the request may not have been read, so the connection cannot be used again.
        self.close_connection = True
        self._reply_text(status, reason, {"Connection": "close"})

    def _reply_text(self, status: int, text: str, headers: Mapping[str, str] | None = None) -> None:
        self._reply(status, text.encode("utf-8", "replace"), {"Content-Type": _TEXT, **(headers or {})})

    def _reply(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        # A reply with status 304 has no body, and no length either.
        length = {} if status == 304 else {"Content-Length": str(len(body))}
        self._start(status, {**headers, **length})
        self.wfile.write(body)

    def _start(self, status: int, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in {**_HEADERS, **headers}.items():
            self.send_header(name, value)
        self.end_headers()
