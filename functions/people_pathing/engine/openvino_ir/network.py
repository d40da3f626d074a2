"""Reads a network in OpenVINO's IR, versions 10 and 11.

Source of the format: OpenVINO's documentation, "Operation Sets in OpenVINO" and "OpenVINO IR format".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

import numpy as np
from numpy.typing import NDArray

from people_pathing.engine.errors import ModelError

VERSIONS = ("10", "11")
ELEMENT_TYPES = {"f16": "<f2", "f32": "<f4", "i32": "<i4", "i64": "<i8"}


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """One operation of a network.

    Attributes:
        name: the name in the IR, unique in the network.
        operation: for example "Convolution".
        settings: the operation's attributes as text.
        sources: names of the layers whose first output this layer receives, in order.
        shape: shape of its first output; () for the network's result.
        constant: the value of a constant; None for any other operation.
    """

    name: str
    operation: str
    settings: Mapping[str, str]
    sources: tuple[str, ...]
    shape: tuple[int, ...]
    constant: NDArray[Any] | None = None

    def integers(self, setting: str) -> list[int]:
        """Returns an attribute that is a list of integers, for example "2,2"."""
        return _integers(self.settings[setting])


def read_network(xml: bytes, weights: bytes) -> tuple[Layer, ...]:
    """Reads a network. Each layer comes after the layers that it receives.

    Args:
        xml: content of the .xml file.
        weights: content of the .bin file, which holds the constants.

    Raises:
        ModelError: The files are not such a network, or the XML declares entities.
    """
    try:
        root = _parsed(xml)
        if root.tag != "net" or root.get("version") not in VERSIONS:
            raise ModelError(f"it is no OpenVINO network of version {' or '.join(VERSIONS)}")
        layers = list(root.iterfind("layers/layer"))
        names = {layer.attrib["id"]: layer.attrib["name"] for layer in layers}
        first_outputs = {
            layer.attrib["id"]: port.attrib["id"]
            for layer in layers
            if (port := layer.find("output/port")) is not None
        }
        sources: dict[str, dict[int, str]] = {name: {} for name in names.values()}
        for edge in root.iterfind("edges/edge"):
            source, receiver = edge.attrib["from-layer"], names[edge.attrib["to-layer"]]
            if edge.attrib["from-port"] != first_outputs[source]:
                raise ModelError(f"layer {receiver} receives the second output of {names[source]}")
            sources[receiver][int(edge.attrib["to-port"])] = names[source]
        network = tuple(_layer(layer, sources[layer.attrib["name"]], weights) for layer in layers)
    except (expat.ExpatError, LookupError, ValueError) as error:
        raise ModelError(f"it is no OpenVINO network: {error}") from error
    read: set[str] = set()
    for layer in network:
        if not read.issuperset(layer.sources):
            raise ModelError(f"layer {layer.name} comes before a layer that it receives")
        read.add(layer.name)
    return network


def _parsed(xml: bytes) -> Element:
    """Parses XML, and refuses declarations: entities can make a short file use all memory."""
    builder = TreeBuilder()
    parser = expat.ParserCreate()

    def refuse(*_: object) -> None:
        raise ModelError("its XML has a document type declaration, which no OpenVINO network has")

    def start(tag: str, attributes: dict[str, str]) -> None:
        builder.start(tag, attributes)

    def end(tag: str) -> None:
        builder.end(tag)

    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = builder.data
    parser.Parse(xml, True)
    return builder.close()


def _layer(element: Element, sources: Mapping[int, str], weights: bytes) -> Layer:
    data = element.find("data")
    settings = {} if data is None else dict(data.attrib)
    dimensions = element.iterfind("output/port[1]/dim")
    operation = element.attrib["type"]
    return Layer(
        name=element.attrib["name"],
        operation=operation,
        settings=settings,
        sources=tuple(sources[port] for port in sorted(sources)),
        shape=tuple(int(dimension.text or "") for dimension in dimensions),
        constant=_constant(settings, weights) if operation == "Const" else None,
    )


def _constant(settings: Mapping[str, str], weights: bytes) -> NDArray[Any]:
    dtype = np.dtype(ELEMENT_TYPES[settings["element_type"]])
    shape = _integers(settings["shape"])
    count = int(np.prod(shape, dtype=np.int64))
    return np.frombuffer(weights, dtype, count, int(settings["offset"])).reshape(shape)


def _integers(text: str) -> list[int]:
    return [int(part) for part in text.split(",") if part.strip()]
