import http.client
import json
import socket
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from devstack.loopback import foreign_page_reason
from devstack.page_server import PageServer
from tests.unit.devstack.test_loopback import ATTACKS, PORT, lower

ID = "0123456789abcdef" * 4


@dataclass
class Part:
    status: int
    headers: dict[str, str]
    blocks: Generator[bytes]


def blocks(*texts: bytes) -> Generator[bytes]:
    yield from texts


@dataclass
class FakeVideos:
    """Has one video, and remembers uploads."""

    asked: list[str] = field(default_factory=list)
    uploads: dict[str, bytes] = field(default_factory=dict)
    is_broken: bool = False

    def page(self) -> str:
        self.asked.append("page")
        return "<h1>the page</h1>"

    def videos(self) -> bytes:
        self.asked.append("videos")
        return json.dumps(sorted(self.uploads)).encode()

    def report(self, video_id: str) -> bytes | None:
        self.asked.append(f"report {video_id}")
        if self.is_broken:
            raise ValueError("people.json is damaged")
        return b"the report" if video_id == ID else None

    def video(self, video_id: str, byte_range: str | None) -> Part | None:
        self.asked.append(f"video {video_id} {byte_range}")
        if video_id != ID:
            return None
        status = 206 if byte_range else 200
        return Part(status, {"Content-Type": "video/mp4", "Content-Length": "10"}, blocks(b"01234", b"56789"))

    def upload_refusal(self, name: str, byte_count: int) -> str | None:
        return "notes.txt is not a video" if name.endswith(".txt") else None

    def upload(self, name: str, content: Any) -> None:
        if self.is_broken:
            raise ValueError("the bucket is full")
        received = b""
        while block := content.read(3):
            received += block
        self.uploads[name] = received


@pytest.fixture
def videos() -> FakeVideos:
    return FakeVideos()


@pytest.fixture
def server(videos: FakeVideos) -> Iterator[PageServer]:
    with PageServer(videos) as server:
        yield server


@dataclass(frozen=True)
class Reply:
    status: int
    headers: http.client.HTTPMessage
    body: bytes


def ask(
    server: PageServer,
    path: str,
    *,
    method: str = "GET",
    body: bytes | None = None,
    headers: dict[str, str] | None = None,
) -> Reply:
    """Sends a request. The path is relative to the page, or absolute."""
    host, _, base = server.address.removeprefix("http://").partition("/")
    connection = http.client.HTTPConnection(host, timeout=10)
    try:
        connection.request(method, path if path.startswith("/") else f"/{base}{path}", body, headers or {})
        reply = connection.getresponse()
        return Reply(reply.status, reply.headers, reply.read())
    finally:
        connection.close()


def port_of(server: PageServer) -> int:
    return int(server.address.split(":")[2].partition("/")[0])


# ---- who may ask


def test_the_page_is_served_at_its_address(server: PageServer) -> None:
    reply = ask(server, "")

    assert (reply.status, reply.body) == (200, b"<h1>the page</h1>")
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    assert reply.headers["Cache-Control"] == "no-store"
    assert reply.headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize("path", ["/", "/videos.json", "/wrong/", "/wrong/videos.json", "//", "/%00/"])
def test_without_the_secret_part_nothing_is_served(path: str, server: PageServer, videos: FakeVideos) -> None:
    assert ask(server, path).status == 403
    assert ask(server, path, method="PUT", body=b"video").status == 403
    assert videos.asked == []


def test_every_server_has_another_secret(videos: FakeVideos) -> None:
    with PageServer(videos) as one, PageServer(videos) as other:
        secrets = {server.address.split("/")[3] for server in (one, other)}

    assert len(secrets) == 2
    assert all(len(secret) >= 32 for secret in secrets)


@pytest.mark.parametrize("attack", ATTACKS)
def test_other_pages_are_rejected_even_if_they_know_the_address(
    attack: str, server: PageServer, videos: FakeVideos
) -> None:
    for method in ("GET", "PUT"):
        headers = ATTACKS[attack]
        assert ask(server, "uploads/a.mp4", method=method, body=b"video", headers=headers).status == 403

    assert (videos.asked, videos.uploads) == ([], {})


@pytest.mark.parametrize("attack", ATTACKS)
def test_the_rule_for_pages_rejects_what_the_rule_for_programs_rejects(attack: str) -> None:
    assert foreign_page_reason({"host": f"127.0.0.1:{PORT}", **lower(ATTACKS[attack])}, PORT)


def test_the_servers_own_page_is_accepted(server: PageServer) -> None:
    origin = f"http://127.0.0.1:{port_of(server)}"
    headers = {"Origin": origin, "Sec-Fetch-Site": "same-origin"}

    assert ask(server, "uploads/a.mp4", method="PUT", body=b"video", headers=headers).status == 201


def test_a_page_of_another_port_of_this_machine_is_rejected(server: PageServer) -> None:
    headers = {"Origin": "http://127.0.0.1:1", "Sec-Fetch-Site": "same-site"}

    assert ask(server, "videos.json", headers=headers).status == 403


def test_the_page_is_served_on_loopback_only(server: PageServer) -> None:
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.2", port_of(server)), timeout=1).close()


# ---- what is served


def test_an_unchanged_list_is_not_sent_again(server: PageServer) -> None:
    first = ask(server, "videos.json")
    again = ask(server, "videos.json", headers={"If-None-Match": first.headers["ETag"]})
    ask(server, "uploads/a.mp4", method="PUT", body=b"video")
    changed = ask(server, "videos.json", headers={"If-None-Match": first.headers["ETag"]})

    assert (first.status, again.status, again.body) == (200, 304, b"")
    assert (changed.status, changed.body) == (200, b'["a.mp4"]')


def test_a_report_and_its_video_are_served(server: PageServer, videos: FakeVideos) -> None:
    assert ask(server, f"videos/{ID}/report.html").body == b"the report"
    part = ask(server, f"videos/{ID}/video", headers={"Range": "bytes=0-9"})

    assert (part.status, part.body, part.headers["Content-Type"]) == (206, b"0123456789", "video/mp4")
    assert videos.asked[-1] == f"video {ID} bytes=0-9"


@pytest.mark.parametrize(
    "path",
    [
        f"videos/{'f' * 64}/report.html",
        f"videos/{'f' * 64}/video",
        f"videos/{ID}/../../../etc/passwd",
        f"videos/{ID}/job.json",
        "videos/../report.html",
        "videos/%2e%2e/report.html",
        "..%2f..%2fetc%2fpasswd",
        "uploads/a.mp4",
        "index.html",
    ],
)
def test_nothing_else_is_served(path: str, server: PageServer) -> None:
    assert ask(server, path).status == 404


def test_an_error_is_named(server: PageServer, videos: FakeVideos) -> None:
    videos.is_broken = True

    reply = ask(server, f"videos/{ID}/report.html")

    assert (reply.status, reply.body) == (500, b"ValueError: people.json is damaged")


# ---- uploads


@pytest.mark.parametrize(
    ("path", "name"),
    [("a.mp4", "a.mp4"), ("caf%C3%A9%20%231%3F.mp4", "café #1?.mp4"), ("a%2Fb.mp4", "a/b.mp4")],
)
def test_an_upload_has_the_name_of_its_file(
    path: str, name: str, server: PageServer, videos: FakeVideos
) -> None:
    assert ask(server, f"uploads/{path}", method="PUT", body=b"0123456789").status == 201

    assert videos.uploads == {name: b"0123456789"}


def test_a_refused_upload_is_read_to_its_end_so_that_the_browser_reads_the_reason(
    server: PageServer, videos: FakeVideos
) -> None:
    reply = ask(server, "uploads/notes.txt", method="PUT", body=b"x" * 20_000_000)

    assert (reply.status, reply.body) == (422, b"notes.txt is not a video")
    assert videos.uploads == {}


def test_an_upload_that_is_interrupted_is_not_stored(server: PageServer, videos: FakeVideos) -> None:
    host, _, base = server.address.removeprefix("http://").partition("/")
    with socket.create_connection(("127.0.0.1", port_of(server)), timeout=10) as connection:
        head = f"PUT /{base}uploads/a.mp4 HTTP/1.1\r\nHost: {host}\r\nContent-Length: 1000\r\n\r\nhalf"
        connection.sendall(head.encode())
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(1000) == b""

    assert videos.uploads == {}


@pytest.mark.parametrize("length", ["-1", "many", "²", ""])
def test_a_length_that_is_no_number_is_refused(length: str, server: PageServer, videos: FakeVideos) -> None:
    headers = {"Content-Length": length}

    assert ask(server, "uploads/a.mp4", method="PUT", headers=headers).status == 411
    assert videos.uploads == {}


def test_an_upload_that_cannot_be_stored_says_why(server: PageServer, videos: FakeVideos) -> None:
    videos.is_broken = True

    reply = ask(server, "uploads/a.mp4", method="PUT", body=b"video")

    assert (reply.status, reply.body) == (500, b"the file was not stored: the bucket is full")


def test_other_methods_are_refused(server: PageServer) -> None:
    assert ask(server, "uploads/a.mp4", method="POST", body=b"video").status == 501
    assert ask(server, "videos.json", method="DELETE").status == 501
