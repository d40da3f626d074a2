"""The known models of Intel's Open Model Zoo. Their files are in OPEN_MODEL_ZOO_DIR, if it is set, with the
ONNX files that another conversion made of them."""

import hashlib
import os
import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import onnx
import pytest

from people_pathing.engine.detectors import ssd
from people_pathing.engine.errors import ModelError
from people_pathing.engine.onnx_session import inference_session
from people_pathing.engine.openvino_ir.model import OpenVinoModel, PinnedFile
from people_pathing.engine.reidentifiers import omniscale
from tests.file_host import serving
from tests.openvino_like import weighted_sum

XML, WEIGHTS = weighted_sum()
ONNX_SHA256 = "ec6c1a56826118a05d25bba672514279719e798bb854c8704dd318fe26a6ce65"
KNOWN = [*ssd.MODELS, *omniscale.MODELS]


def pinned(content: bytes) -> PinnedFile:
    return PinnedFile(len(content), hashlib.sha256(content).hexdigest())


@pytest.fixture
def small() -> Iterator[OpenVinoModel]:
    """A model that a local host serves."""
    with serving({"/zoo/small.xml": XML, "/zoo/small.bin": WEIGHTS}) as host:
        yield OpenVinoModel(
            name="small",
            url=f"{host}/zoo/small",
            xml=pinned(XML),
            weights=pinned(WEIGHTS),
            outputs=("plus one",),
            any_input_size=False,
            size_bytes=329,
            sha256=ONNX_SHA256,
            licence="Apache-2.0",
        )


def test_a_model_is_downloaded_and_converted_once(tmp_path: Path, small: OpenVinoModel) -> None:
    cache_dir = tmp_path / "models"
    shares: list[float] = []
    assert small.local_file(cache_dir) is None
    path = small.obtain(cache_dir, shares.append)
    assert path == small.path(cache_dir) == small.local_file(cache_dir)
    assert list(cache_dir.iterdir()) == [cache_dir / "small.onnx"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    assert path.stat().st_size == small.size_bytes
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1)
    written_ns = path.stat().st_mtime_ns
    assert replace(small, url="http://127.0.0.1:1/gone").obtain(cache_dir) == path
    assert path.stat().st_mtime_ns == written_ns


def test_a_damaged_copy_is_rejected_and_deleting_it_helps(tmp_path: Path, small: OpenVinoModel) -> None:
    path = small.obtain(tmp_path)
    path.write_bytes(b"damaged")
    with pytest.raises(
        ModelError, match=f"{path} has SHA-256 .*; delete this file to convert the model again"
    ):
        small.obtain(tmp_path)
    path.unlink()
    assert small.obtain(tmp_path) == path


def test_a_file_that_is_not_the_published_one_is_not_converted(tmp_path: Path, small: OpenVinoModel) -> None:
    other = PinnedFile(99_999, "0" * 64)
    with pytest.raises(ModelError, match=r"model small: http.*small\.xml has SHA-256"):
        replace(small, xml=other).obtain(tmp_path)
    with pytest.raises(ModelError, match=r"model small: http.*small\.bin has SHA-256"):
        replace(small, weights=other).obtain(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_conversion_with_another_result_is_not_kept(tmp_path: Path, small: OpenVinoModel) -> None:
    with pytest.raises(ModelError, match=r"model small: the conversion of .* has SHA-256"):
        replace(small, sha256="0" * 64).obtain(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_network_that_cannot_be_converted_is_named(tmp_path: Path, small: OpenVinoModel) -> None:
    with pytest.raises(
        ModelError, match=r"model small: .*small\.xml cannot be converted; it has no layer boxes"
    ):
        replace(small, outputs=("boxes",)).obtain(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_cache_folder_that_is_not_writable_is_named(tmp_path: Path, small: OpenVinoModel) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ModelError, match=f"model small: {tmp_path / 'file'} is not writable"):
        small.obtain(tmp_path / "file")


def test_the_known_models_come_from_intels_storage() -> None:
    for model in KNOWN:
        assert model.source.startswith("https://storage.openvinotoolkit.org/repositories/open_model_zoo/")
        assert model.source.endswith(f"/{model.name}.xml")


def zoo_dir() -> Path:
    folder = os.environ.get("OPEN_MODEL_ZOO_DIR")
    if not folder:
        pytest.skip("OPEN_MODEL_ZOO_DIR names no folder with the published files")
    return Path(folder)


@pytest.fixture(params=KNOWN, ids=lambda model: model.name)
def converted(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[OpenVinoModel, Path]]:
    """A known model and the ONNX file that the published files become."""
    model: OpenVinoModel = request.param
    published = {ending: zoo_dir() / f"{model.name}.fp16{ending}" for ending in (".xml", ".bin")}
    path = urlsplit(model.url).path
    with serving({path + ending: file.read_bytes() for ending, file in published.items()}) as host:
        yield model, replace(model, url=host + path).obtain(tmp_path)


def test_a_published_model_becomes_the_pinned_file_with_the_reference_numbers(
    converted: tuple[OpenVinoModel, Path],
) -> None:
    model, path = converted
    assert path.stat().st_size == model.size_bytes
    sessions = [inference_session(onnx.load(file)) for file in (path, zoo_dir() / f"{model.name}.onnx")]
    sizes = [(256, 256), (288, 512)] if model.any_input_size else [(256, 128)]
    for height, width in sizes:
        image = np.random.default_rng(1).integers(0, 256, (1, 3, height, width)).astype(np.float32)
        # The reference names its outputs otherwise. Their shapes differ.
        mine, reference = (
            {output.shape: output for output in session.run(None, {session.get_inputs()[0].name: image})}
            for session in sessions
        )
        assert mine.keys() == reference.keys()
        for shape, output in mine.items():
            np.testing.assert_allclose(output, reference[shape], atol=1e-5, rtol=0)
