"""A known model that its authors publish as OpenVINO IR."""

from __future__ import annotations

import hashlib
import tempfile
from dataclasses import dataclass
from pathlib import Path

from people_pathing.engine.errors import ModelError
from people_pathing.engine.models import (
    ONLY_PINNED,
    DownloadableModel,
    Progress,
    is_file,
    new_file,
    sha256,
    verify,
)


@dataclass(frozen=True, slots=True)
class PinnedFile:
    """One of the two published files.

    Attributes:
        size_bytes: its size.
        sha256: hexadecimal SHA-256 of the file.
    """

    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class OpenVinoModel:
    """A model that is downloaded as IR and converted to ONNX once.

    Attributes:
        name: name that users give instead of a file, and that of the ONNX file in the cache folder.
        url: address of the two files, without .xml and .bin.
        xml: the network.
        weights: its weights.
        outputs: the layers that become the outputs of the ONNX model.
        any_input_size: whether the ONNX model accepts images of any size; see `conversion.to_onnx`.
        size_bytes: size of the ONNX file.
        sha256: hexadecimal SHA-256 of the ONNX file.
        licence: SPDX identifier.
    """

    name: str
    url: str
    xml: PinnedFile
    weights: PinnedFile
    outputs: tuple[str, ...]
    any_input_size: bool
    size_bytes: int
    sha256: str
    licence: str

    @property
    def source(self) -> str:
        """The address of the network; that of the weights differs in its ending."""
        return f"{self.url}.xml"

    def path(self, cache_dir: Path) -> Path:
        """Returns the path that the ONNX file has in the cache folder once it is converted."""
        return cache_dir / f"{self.name}.onnx"

    def local_file(self, cache_dir: Path) -> Path | None:
        """Returns the path of the ONNX file in the cache folder, or None if it is not there yet."""
        path = self.path(cache_dir)
        return path if is_file(path) else None

    def obtain(self, cache_dir: Path, on_progress: Progress | None = None) -> Path:
        """Returns the path of the ONNX file; downloads and converts the model if it is not there.

        Args:
            cache_dir: folder for downloaded models; created if it does not exist.
            on_progress: receives the share of the download that is done, 0..1.

        Raises:
            ModelError: The host is not reachable, the folder is not writable, or a file is not the pinned
                one. No partial file remains.
        """
        path = self.path(cache_dir)
        if is_file(path):
            verify(self, path, sha256(self, path), "delete this file to convert the model again")
            return path
        with new_file(self, path) as file:
            converted = self._converted(on_progress)
            verify(
                self, f"the conversion of {self.source}", hashlib.sha256(converted).hexdigest(), ONLY_PINNED
            )
            file.write(converted)
        return path

    def _converted(self, on_progress: Progress | None) -> bytes:
        """Downloads the model and returns the content of the ONNX file."""
        from people_pathing.engine.openvino_ir.conversion import to_onnx
        from people_pathing.engine.openvino_ir.network import read_network

        xml_share = self.xml.size_bytes / (self.xml.size_bytes + self.weights.size_bytes)

        def xml_progress(share: float) -> None:
            if on_progress:
                on_progress(share * xml_share)

        def weights_progress(share: float) -> None:
            if on_progress:
                on_progress(xml_share + share * (1 - xml_share))

        with tempfile.TemporaryDirectory() as folder:
            xml = self._part(".xml", self.xml).obtain(Path(folder), xml_progress).read_bytes()
            weights = self._part(".bin", self.weights).obtain(Path(folder), weights_progress).read_bytes()
        try:
            network = read_network(xml, weights)
            model = to_onnx(network, self.outputs, any_input_size=self.any_input_size)
        except ModelError as error:
            raise ModelError(f"model {self.name}: {self.source} cannot be converted; {error}") from error
        content: bytes = model.SerializeToString(deterministic=True)
        return content

    def _part(self, ending: str, file: PinnedFile) -> DownloadableModel:
        return DownloadableModel(self.name, self.url + ending, file.size_bytes, file.sha256, self.licence)
