"""Fetches the sample video from a real HTTP server, on a machine without apt-get."""

import hashlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from devstack import samples

CONTENT = b"not a video, but the expected bytes"
SHA256 = hashlib.sha256(CONTENT).hexdigest()

pytestmark = pytest.mark.usefixtures("no_apt")


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/vtest.avi" else 404)
        self.end_headers()
        self.wfile.write(CONTENT)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), _Handler) as http:
        threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield f"http://127.0.0.1:{http.server_port}"
        http.shutdown()


@pytest.fixture
def no_apt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda _: None)


def test_the_sample_is_downloaded_once(server: str, tmp_path: Path) -> None:
    reported: list[str] = []
    target = tmp_path / "data" / "vtest.avi"
    for _ in range(2):
        samples.fetch_vtest(target, reported.append, url=f"{server}/vtest.avi", sha256=SHA256)
    assert target.read_bytes() == CONTENT
    assert len(reported) == 1


def test_a_download_with_a_wrong_checksum_is_rejected_and_removed(server: str, tmp_path: Path) -> None:
    target = tmp_path / "vtest.avi"
    with pytest.raises(samples.SampleUnavailableError, match=f"SHA-256 is {SHA256}, not {'0' * 64}"):
        samples.fetch_vtest(target, print, url=f"{server}/vtest.avi", sha256="0" * 64)
    assert list(tmp_path.iterdir()) == []


def test_the_error_names_every_source_that_failed(server: str, tmp_path: Path) -> None:
    with pytest.raises(samples.SampleUnavailableError) as raised:
        samples.fetch_vtest(tmp_path / "vtest.avi", print, url=f"{server}/gone.avi", sha256=SHA256)
    assert f"{server}/gone.avi: Not Found" in str(raised.value)
    assert "the Debian package opencv-doc: this machine has no apt-get" in str(raised.value)


def test_an_existing_video_is_not_replaced(server: str, tmp_path: Path) -> None:
    target = tmp_path / "street.mp4"
    target.write_bytes(b"the only copy")
    samples.fetch_vtest(target, print, url=f"{server}/vtest.avi", sha256=SHA256)
    assert target.read_bytes() == b"the only copy"
