"""Converts a network from OpenVINO's operations to ONNX.

Only the operations that the known models use are converted. Weights that are stored in half precision become
float32 without a change of value. Shapes are those of the IR; arithmetic on shapes is not converted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper

from people_pathing.engine.errors import ModelError
from people_pathing.engine.openvino_ir.network import Layer

OPSET = 13
ONNX_IR_VERSION = 8
"""Every supported version of ONNX Runtime reads both."""

SAME_MEANING = {
    "Add": "Add",
    "Multiply": "Mul",
    "ReLU": "Relu",
    "Sigmoid": "Sigmoid",
    "Subtract": "Sub",
}
"""Operations that need no conversion but another name."""


def to_onnx(network: Sequence[Layer], outputs: Sequence[str], *, any_input_size: bool) -> ModelProto:
    """Returns the ONNX model that computes certain layers of a network. Equal networks give equal bytes.

    Args:
        network: layers in order; see `network.read_network`.
        outputs: names of the layers that become the model's outputs.
        any_input_size: whether height and width of the image are free. No needed layer may then depend on
            them, other than by the size of its own output.

    Raises:
        ModelError: A layer that is needed cannot be converted.
    """
    converter = _Converter(network, any_input_size=any_input_size)
    for layer in _needed(network, outputs):
        converter.add(layer)
    model = helper.make_model(
        helper.make_graph(
            converter.nodes,
            "people",
            converter.inputs,
            [converter.described(name) for name in outputs],
            converter.constants,
        ),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=ONNX_IR_VERSION,
        producer_name="people_pathing",
    )
    onnx.checker.check_model(model)
    return model


def _needed(network: Sequence[Layer], outputs: Iterable[str]) -> list[Layer]:
    """Returns the layers, other than constants, on which the outputs depend, in order."""
    needed = set(outputs)
    if unknown := needed - {layer.name for layer in network}:
        raise ModelError(f"it has no layer {', '.join(sorted(unknown))}")
    kept = []
    for layer in reversed(network):
        if layer.name in needed and layer.constant is None:
            kept.append(layer)
            # The target shape of a reshape is not computed; it is the shape of its output.
            needed.update(layer.sources[:1] if layer.operation == "Reshape" else layer.sources)
    return kept[::-1]


class _Converter:
    """Adds one layer after the other to an ONNX graph."""

    def __init__(self, network: Sequence[Layer], *, any_input_size: bool) -> None:
        self.nodes: list[NodeProto] = []
        self.inputs: list[onnx.ValueInfoProto] = []
        self.constants: list[TensorProto] = []
        self._any_input_size = any_input_size
        self._layers = {layer.name: layer for layer in network}
        self._values: dict[str, NDArray[Any]] = {}
        for layer in network:
            if layer.constant is not None:
                self._values[layer.name] = layer.constant
            elif layer.operation == "Convert" and layer.sources[0] in self._values:
                self._values[layer.name] = self._values[layer.sources[0]]

    def described(self, name: str) -> onnx.ValueInfoProto:
        """Returns the description of an input or output of the model."""
        shape: list[int | str] = list(self._layers[name].shape)
        if self._any_input_size:
            is_input = self._layers[name].operation == "Parameter"
            shape[2:] = ["height", "width"] if is_input else [f"{name} height", f"{name} width"]
        return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)

    def add(self, layer: Layer) -> None:
        """Converts one layer. Raises ModelError if that is not possible."""
        if layer.name in self._values:
            return
        if layer.operation == "Parameter":
            self.inputs.append(self.described(layer.name))
        elif layer.operation in SAME_MEANING:
            sources = [self._input(layer, index) for index in range(len(layer.sources))]
            self._node(SAME_MEANING[layer.operation], layer, sources)
        elif convert := CONVERSIONS.get(layer.operation):
            convert(self, layer)
        else:
            raise ModelError(f"layer {layer.name} is a {layer.operation}, which cannot be converted")

    def convolution(self, layer: Layer) -> None:
        weights = self._constant(layer, 1).astype(np.float32)
        groups = 1
        if layer.operation == "GroupConvolution":  # (groups, outputs, inputs, height, width)
            groups = weights.shape[0]
            weights = weights.reshape(-1, *weights.shape[2:])
        sources = [self._input(layer, 0), self._stored(f"{layer.name} weights", weights)]
        self._node(
            "Conv", layer, sources, group=groups, dilations=layer.integers("dilations"), **_window(layer)
        )

    def pooling(self, layer: Layer) -> None:
        operation = {"AvgPool": "AveragePool", "MaxPool": "MaxPool"}[layer.operation]
        kernel = layer.integers("kernel")
        self._node(operation, layer, [self._input(layer, 0)], kernel_shape=kernel, **_window(layer))

    def mean(self, layer: Layer) -> None:
        axes = self._constant(layer, 1).ravel().tolist()
        keeps = int(layer.settings["keep_dims"] == "true")
        self._node("ReduceMean", layer, [self._input(layer, 0)], axes=axes, keepdims=keeps)

    def normalisation(self, layer: Layer) -> None:
        channels = layer.shape[1]
        axes = sorted(axis % len(layer.shape) for axis in self._constant(layer, 1).ravel().tolist())
        if axes != list(range(2, len(layer.shape))):
            raise ModelError(f"layer {layer.name} normalises over the axes {axes}")
        scale = self._stored(f"{layer.name} scale", np.ones(channels, np.float32))
        shift = self._stored(f"{layer.name} shift", np.zeros(channels, np.float32))
        sources = [self._input(layer, 0), scale, shift]
        self._node("InstanceNormalization", layer, sources, epsilon=float(layer.settings["eps"]))

    def clamp(self, layer: Layer) -> None:
        limits = [
            self._stored(f"{layer.name} {end}", np.array(float(layer.settings[end]), np.float32))
            for end in ("min", "max")
        ]
        self._node("Clip", layer, [self._input(layer, 0), *limits])

    def sloped(self, layer: Layer) -> None:
        # A slope for each channel would need another shape in ONNX.
        if self._constant(layer, 1).size != 1:
            raise ModelError(f"layer {layer.name} has a slope for each channel")
        self._node("PRelu", layer, [self._input(layer, 0), self._input(layer, 1)])

    def product(self, layer: Layer) -> None:
        if layer.settings["transpose_a"] == "true":
            raise ModelError(f"layer {layer.name} transposes its first factor")
        transposed = int(layer.settings["transpose_b"] == "true")
        self._node("Gemm", layer, [self._input(layer, 0), self._input(layer, 1)], transB=transposed)

    def selection(self, layer: Layer) -> None:
        places = self._stored(f"{layer.name} places", self._constant(layer, 1).astype(np.int64))
        axis = int(self._constant(layer, 2).item())
        self._node("Gather", layer, [self._input(layer, 0), places], axis=axis)

    def reshape(self, layer: Layer) -> None:
        shape = self._stored(f"{layer.name} shape", np.array(layer.shape, np.int64))
        self._node("Reshape", layer, [self._input(layer, 0), shape])

    def _constant(self, layer: Layer, index: int) -> NDArray[Any]:
        value = self._values.get(layer.sources[index])
        if value is None:
            raise ModelError(f"input {index} of layer {layer.name} is not constant")
        return value

    def _input(self, layer: Layer, index: int) -> str:
        """Returns the name of a layer's input, and stores it if it is a constant."""
        name = layer.sources[index]
        if name not in self._values:
            return name
        return self._stored(f"{layer.name} constant {index}", self._values[name].astype(np.float32))

    def _stored(self, name: str, value: NDArray[Any]) -> str:
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def _node(self, operation: str, layer: Layer, sources: Sequence[str], **attributes: Any) -> None:
        self.nodes.append(helper.make_node(operation, sources, [layer.name], **attributes))


def _window(layer: Layer) -> dict[str, list[int]]:
    """Returns how the window of a convolution or of pooling moves."""
    if layer.settings["auto_pad"] != "explicit" or layer.settings.get("rounding_type", "floor") != "floor":
        raise ModelError(f"layer {layer.name} does not state its padding")
    return {
        "strides": layer.integers("strides"),
        "pads": layer.integers("pads_begin") + layer.integers("pads_end"),
    }


CONVERSIONS: dict[str, Callable[[_Converter, Layer], None]] = {
    "AvgPool": _Converter.pooling,
    "Clamp": _Converter.clamp,
    "Convolution": _Converter.convolution,
    "Gather": _Converter.selection,
    "GroupConvolution": _Converter.convolution,
    "MVN": _Converter.normalisation,
    "MatMul": _Converter.product,
    "MaxPool": _Converter.pooling,
    "PReLU": _Converter.sloped,
    "ReduceMean": _Converter.mean,
    "Reshape": _Converter.reshape,
}
