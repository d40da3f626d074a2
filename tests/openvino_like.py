"""Writes small networks in OpenVINO's IR, with known answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from xml.sax.saxutils import quoteattr

import numpy as np

ELEMENT_TYPES = {"float16": "f16", "float32": "f32", "int32": "i32", "int64": "i64"}


class NetworkWriter:
    """Collects layers. Each method returns the name of the layer that it adds."""

    def __init__(self) -> None:
        self._layers: list[str] = []
        self._edges: list[str] = []
        self._weights = bytearray()
        self._ids: dict[str, int] = {}

    def constant(self, name: str, value: Any, dtype: str = "float16") -> str:
        array = np.asarray(value, dtype)
        settings = {
            "element_type": ELEMENT_TYPES[dtype],
            "offset": str(len(self._weights)),
            "shape": ",".join(map(str, array.shape)),
            "size": str(array.nbytes),
        }
        self._weights += array.tobytes()
        return self.layer(name, "Const", [], array.shape, settings)

    def layer(
        self,
        name: str,
        operation: str,
        sources: Sequence[str],
        shape: Sequence[int],
        settings: Mapping[str, str] | None = None,
    ) -> str:
        self._ids[name] = len(self._ids)
        # Ports are numbered through inputs and outputs.
        dimensions = "".join(f"<dim>{side}</dim>" for side in shape)
        data = "".join(f" {key}={quoteattr(value)}" for key, value in (settings or {}).items())
        output = "" if operation == "Result" else f'<port id="{len(sources)}">{dimensions}</port>'
        self._layers.append(
            f'<layer id="{self._ids[name]}" name={quoteattr(name)} type="{operation}"><data{data}/>'
            f"<output>{output}</output></layer>"
        )
        for port, source in enumerate(sources):
            self._edges.append(self._edge(source, name, port))
        return name

    def _edge(self, source: str, receiver: str, port: int) -> str:
        layer = self._layers[self._ids[source]]
        from_port = layer.partition('<port id="')[2].partition('"')[0]
        return (
            f'<edge from-layer="{self._ids[source]}" from-port="{from_port}" '
            f'to-layer="{self._ids[receiver]}" to-port="{port}"/>'
        )

    def files(self, version: str = "11") -> tuple[bytes, bytes]:
        """Returns the contents of the .xml and of the .bin file."""
        xml = (
            f'<?xml version="1.0"?><net name="small" version="{version}">'
            f"<layers>{''.join(self._layers)}</layers><edges>{''.join(self._edges)}</edges></net>"
        )
        return xml.encode(), bytes(self._weights)


def window(**changes: str) -> dict[str, str]:
    """Returns the attributes of a convolution of single pixels, or of pooling if `kernel` is added."""
    usual = {"auto_pad": "explicit", "dilations": "1, 1", "strides": "1, 1"}
    return {**usual, "pads_begin": "0, 0", "pads_end": "0, 0", **changes}


def weighted_sum() -> tuple[bytes, bytes]:
    """Returns a network that sums the channels of a 2 x 2 image, times 1, 2 and 4, and adds 1."""
    network = NetworkWriter()
    image = network.layer("image", "Parameter", [], (1, 3, 2, 2))
    stored = network.constant("stored", np.array([1, 2, 4]).reshape(1, 3, 1, 1))
    weights = network.layer("weights", "Convert", [stored], (1, 3, 1, 1))
    summed = network.layer("sum", "Convolution", [image, weights], (1, 1, 2, 2), window())
    one = network.constant("one", np.ones((1, 1, 1, 1)), "float32")
    result = network.layer("plus one", "Add", [summed, one], (1, 1, 2, 2))
    network.layer("result", "Result", [result], ())
    return network.files()
