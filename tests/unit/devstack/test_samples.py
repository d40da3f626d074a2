"""Fetching the sample video, against a real HTTP server and the real apt-get's manner of failing."""

import hashlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from devstack import samples

CONTENT = b"not really a video, but the right bytes"
SHA256 = hashlib.sha256(CONTENT).hexdigest()


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
        threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01}).start()
        yield f"http://127.0.0.1:{http.server_port}"
        http.shutdown()


@pytest.fixture
def no_apt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda _: None)


@pytest.mark.usefixtures("no_apt")
def test_the_sample_is_downloaded_once_and_then_kept(server: str, tmp_path: Path) -> None:
    said: list[str] = []
    target = tmp_path / "data" / "vtest.avi"
    for _ in range(2):
        samples.fetch_vtest(target, said.append, url=f"{server}/vtest.avi", sha256=SHA256)
    assert target.read_bytes() == CONTENT
    assert len(said) == 1


@pytest.mark.usefixtures("no_apt")
def test_a_wrong_checksum_is_refused_and_leaves_nothing(server: str, tmp_path: Path) -> None:
    target = tmp_path / "vtest.avi"
    with pytest.raises(samples.SampleUnavailableError, match=f"SHA-256 is {SHA256}, not {'0' * 64}"):
        samples.fetch_vtest(target, print, url=f"{server}/vtest.avi", sha256="0" * 64)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("no_apt")
def test_every_source_that_failed_is_named(server: str, tmp_path: Path) -> None:
    with pytest.raises(samples.SampleUnavailableError) as refused:
        samples.fetch_vtest(tmp_path / "vtest.avi", print, url=f"{server}/gone.avi", sha256=SHA256)
    assert f"{server}/gone.avi: Not Found" in str(refused.value)
    assert "Debian's package opencv-doc: apt-get is not on this machine" in str(refused.value)


@pytest.mark.usefixtures("no_apt")
def test_a_video_of_somebodys_own_is_left_as_it_is(server: str, tmp_path: Path) -> None:
    target = tmp_path / "street.mp4"
    target.write_bytes(b"the only copy")
    samples.fetch_vtest(target, print, url=f"{server}/vtest.avi", sha256=SHA256)
    assert target.read_bytes() == b"the only copy"
