"""A network with the structure of a YOLOX export and a known answer: it finds white squares.

Each stride has one cell per stride x stride pixels. A cell that is completely white is a person of 2 by 3
strides around the cell's centre. The other 79 classes score even higher, so a test fails if they are used.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import numpy as np
import onnx
from onnx import NodeProto, TensorProto, helper, numpy_helper

STRIDES = (8, 16, 32)
CLASSES = 80
Ending = Literal["cells left to infer", "cells spelt out", "flatten", "unknown"]


def write_model(path: Path, ending: Ending = "cells left to infer", size: tuple[int, int] = (96, 64)) -> Path:
    """Writes the network to a file.

    Args:
        path: the file.
        ending: how the three strides are joined, which differs between exporters. "unknown" is like none of
            them.
        size: width and height of the images, in pixels.

    Returns:
        The path.
    """
    width, height = size
    nodes: list[NodeProto] = []
    constants: dict[str, np.ndarray] = {}

    def convolution(name: str, source: str, weights: np.ndarray, bias: np.ndarray) -> str:
        constants[f"{name}.weight"] = weights[:, :, None, None].astype(np.float32)
        constants[f"{name}.bias"] = bias.astype(np.float32)
        nodes.append(helper.make_node("Conv", [source, f"{name}.weight", f"{name}.bias"], [name]))
        return name

    def sigmoid(source: str) -> str:
        nodes.append(helper.make_node("Sigmoid", [source], [f"{source}.sigmoid"]))
        return f"{source}.sigmoid"

    for index, stride in enumerate(STRIDES):
        cells = f"cells_{index}"
        side = [stride, stride]
        nodes.append(helper.make_node("AveragePool", ["images"], [cells], kernel_shape=side, strides=side))
        offsets_and_sizes = np.array([0.5, 0.5, np.log(2), np.log(3)])
        maps = [
            convolution(f"boxes_{index}", cells, np.zeros((4, 3)), offsets_and_sizes),
            sigmoid(convolution(f"objectness_{index}", cells, np.full((1, 3), 0.1), np.array([-60.0]))),
            sigmoid(
                convolution(f"classes_{index}", cells, np.zeros((CLASSES, 3)), np.array([2.0] + [9.0] * 79))
            ),
        ]
        nodes.append(helper.make_node("Concat", maps, [f"scale_{index}"], axis=1))
        if ending == "flatten":
            nodes.append(helper.make_node("Flatten", [f"scale_{index}"], [f"flat_{index}"], axis=2))
            constants[f"shape_{index}"] = np.array([1, 5 + CLASSES, -1], np.int64)
            nodes.append(helper.make_node("Reshape", [f"flat_{index}", f"shape_{index}"], [f"rows_{index}"]))
        else:
            count = -1 if ending == "cells left to infer" else (width // stride) * (height // stride)
            constants[f"shape_{index}"] = np.array([1, 5 + CLASSES, count], np.int64)
            nodes.append(helper.make_node("Reshape", [f"scale_{index}", f"shape_{index}"], [f"rows_{index}"]))
    nodes.append(helper.make_node("Concat", ["rows_0", "rows_1", "rows_2"], ["joined"], axis=2))
    turned = "turned" if ending == "unknown" else "output"
    nodes.append(helper.make_node("Transpose", ["joined"], [turned], perm=[0, 2, 1]))
    if ending == "unknown":
        nodes.append(helper.make_node("Relu", [turned], ["output"]))
    cells_count = sum((width // stride) * (height // stride) for stride in STRIDES)
    graph = helper.make_graph(
        nodes,
        "yolox-like",
        [helper.make_tensor_value_info("images", TensorProto.FLOAT, [1, 3, height, width])],
        [helper.make_tensor_value_info("output", TensorProto.FLOAT, [1, cells_count, 5 + CLASSES])],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 11)], ir_version=7), path)
    return path


def white_square(x: int, y: int, *, size: tuple[int, int] = (96, 64), side: int = 8) -> np.ndarray:
    """Draws a white square on black, as (height, width, 3) uint8. The person there is 2 by 3 sides large."""
    image = np.zeros((size[1], size[0], 3), np.uint8)
    image[y : y + side, x : x + side] = 255
    return image
