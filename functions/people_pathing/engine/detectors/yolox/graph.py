"""Edits an exported YOLOX graph so that it scores people only and accepts images of any size.

Exports are made for one square input. Their last nodes reshape the feature maps of the three strides to
constant sizes and join them. Nothing before that depends on the size. The graph is therefore cut in front of
the join, and the feature maps become its outputs. The last convolutions score 80 classes; only the first one,
COCO's person, is kept. Neither edit changes the numbers that remain.
"""

from __future__ import annotations

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, TensorProto, numpy_helper

JOINING = {"Transpose", "Reshape", "Flatten", "Concat", "Identity"}
"""Operations that exporters place between the feature maps and the output."""


class UnknownGraphError(Exception):
    """The end of the graph is not that of a YOLOX export. The message says which part is missing."""


def people_only_any_size(model: ModelProto) -> ModelProto:
    """Returns the network with three outputs per stride, fine to coarse.

    The outputs of a stride are boxes (1, 4, H / stride, W / stride), then objectness and person score, both
    (1, 1, H / stride, W / stride).

    Raises:
        UnknownGraphError: The end of the graph is not that of a YOLOX export.
    """
    edited = ModelProto()
    edited.CopyFrom(model)
    graph = edited.graph
    producers = {output: node for node in graph.node for output in node.output}
    scales = _scales(graph.output[0].name, producers) if len(graph.output) == 1 else []
    if not scales:
        raise UnknownGraphError("its end does not join feature maps of boxes, objectness and classes")
    del graph.value_info[:]
    del graph.output[:]
    for boxes, objectness, person in scales:
        _keep_first_channel(edited, _producer(person, "Sigmoid", producers).input[0], producers)
        for name, channels in ((boxes, 4), (objectness, 1), (person, 1)):
            shape = [1, channels, None, None]
            graph.output.append(onnx.helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))
    _drop_unused_nodes(edited)
    _free_input_size(edited)
    return edited


def _scales(output: str, producers: dict[str, NodeProto]) -> list[tuple[str, str, str]]:
    """Returns the names of the three feature maps of each stride, in the order in which they are joined."""
    node = producers.get(output)
    if node is None or node.op_type not in JOINING:
        return []
    kinds = [producers[name].op_type if name in producers else "" for name in node.input]
    if node.op_type == "Concat" and kinds == ["Conv", "Sigmoid", "Sigmoid"]:
        boxes, objectness, classes = node.input
        return [(boxes, objectness, classes)]
    branches = node.input if node.op_type == "Concat" else node.input[:1]
    return [scale for name in branches for scale in _scales(name, producers)]


def _producer(name: str, op_type: str, producers: dict[str, NodeProto]) -> NodeProto:
    node = producers.get(name)
    if node is None or node.op_type != op_type:
        raise UnknownGraphError(f"{name} is not the output of a {op_type} node")
    return node


def _keep_first_channel(model: ModelProto, output: str, producers: dict[str, NodeProto]) -> None:
    convolution = _producer(output, "Conv", producers)
    constants = {tensor.name: tensor for tensor in model.graph.initializer}
    for name in convolution.input[1:]:
        if name not in constants:
            raise UnknownGraphError(f"the weights {name} of the class scores are not constant")
        first: NDArray[np.float32] = numpy_helper.to_array(constants[name])[:1]
        constants[name].CopyFrom(numpy_helper.from_array(np.ascontiguousarray(first), name))


def _drop_unused_nodes(model: ModelProto) -> None:
    needed = {output.name for output in model.graph.output}
    kept: list[NodeProto] = []
    for node in reversed(model.graph.node):
        if needed.intersection(node.output):
            needed.update(node.input)
            kept.append(node)
    del model.graph.node[:]
    model.graph.node.extend(reversed(kept))


def _free_input_size(model: ModelProto) -> None:
    dimensions = model.graph.input[0].type.tensor_type.shape.dim
    for dimension, name in zip(dimensions[2:], ("height", "width"), strict=True):
        dimension.dim_param = name
