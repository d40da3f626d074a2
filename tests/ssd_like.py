"""A network with the outputs of person-detection-0200 and a known answer: it finds white squares.

Cells of both strides that are completely white are people with the size of the second anchor, around the
centre of the cell.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import NodeProto, TensorProto, ValueInfoProto, helper, numpy_helper

ANCHORS = {16: 4, 32: 5}


def write_model(path: Path, anchors: dict[int, int] | None = None) -> Path:
    """Writes the network to a file. `anchors` has the number of anchors for each stride."""
    nodes: list[NodeProto] = []
    constants: dict[str, np.ndarray] = {}
    outputs: list[ValueInfoProto] = []
    for stride, count in (anchors or ANCHORS).items():
        side = [stride, stride]
        nodes.append(
            helper.make_node("AveragePool", ["image"], [f"cells_{stride}"], kernel_shape=side, strides=side)
        )
        # White is 255. Only the second anchor sees it.
        person = np.zeros((2 * count, 3, 1, 1), np.float32)
        person[2] = 0.05
        evidence = np.array([-30.0, 0.0] * count, np.float32)
        for kind, weights, bias in (
            ("classes", person, evidence),
            ("boxes", np.zeros((4 * count, 3, 1, 1), np.float32), np.zeros(4 * count, np.float32)),
        ):
            name = f"{kind}_{stride}"
            constants |= {f"{name}.weights": weights, f"{name}.bias": bias}
            nodes.append(
                helper.make_node("Conv", [f"cells_{stride}", f"{name}.weights", f"{name}.bias"], [name])
            )
            shape: list[int | str] = [1, len(bias), f"{name} height", f"{name} width"]
            outputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))
    graph = helper.make_graph(
        nodes,
        "ssd-like",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, 3, "height", "width"])],
        outputs,
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8), path)
    return path
