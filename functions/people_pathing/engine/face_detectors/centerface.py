"""CenterFace (Xu et al., "CenterFace: Joint face detection and alignment using face as point", 2019)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from people_pathing.engine.detector import DetectorError, inference_session
from people_pathing.engine.faces.search import REGION_PX, FoundFaces

if TYPE_CHECKING:
    from people_pathing.engine.detector import InferenceSession

MIN_SCORE = 0.5
STRIDE = 4
# What the network's four outputs hold in each cell.
CHANNELS = (1, 2, 2, 10)


class CenterFace:
    """A CenterFace model in an ONNX file, on one processor, for images of REGION_PX.

    The network says of each cell of STRIDE pixels: how surely a face has its middle there; in cells, the
    logarithms of its height and width, and the middle's place within the cell, y before x; its landmarks, y
    before x, in heights and widths from its upper left corner.

    Raises DetectorError where the file is no such model.
    """

    def __init__(self, model_path: Path) -> None:
        self.name = f"centerface ({model_path.name})"
        self._session = _load(model_path)
        self._input_name = self._session.get_inputs()[0].name

    def detect(self, image: NDArray[np.uint8]) -> FoundFaces:
        import cv2

        (heat,), sizes, offsets, points = (
            out[0] for out in self._session.run(None, {self._input_name: _as_input(image)})
        )
        highest = cv2.dilate(heat, np.ones((3, 3), np.uint8))
        y, x = np.nonzero((heat >= MIN_SCORE) & (heat == highest))
        size = np.exp(sizes[:, y, x].T) * STRIDE
        middle = (np.stack([y, x], axis=1) + 0.5 + offsets[:, y, x].T) * STRIDE
        corner = middle - size / 2
        landmarks = corner[:, None] + points[:, y, x].T.reshape(-1, 5, 2) * size[:, None]
        boxes = np.concatenate([corner[:, ::-1], (corner + size)[:, ::-1]], axis=1)
        return FoundFaces(
            boxes.astype(np.float32), heat[y, x], np.ascontiguousarray(landmarks[:, :, ::-1], np.float32)
        )


def _load(path: Path) -> InferenceSession:
    """The session, its graph set to one image of REGION_PX: it is all convolutions, which take any size."""
    import onnx

    if not path.is_file():
        raise DetectorError(f"{path}: there is no such file; a CenterFace model in ONNX would be right")
    cells = REGION_PX // STRIDE
    shapes = [(1, channels, cells, cells) for channels in CHANNELS]
    try:
        model = onnx.load(path)
        graph = model.graph
        constants = {tensor.name for tensor in graph.initializer}
        (image,) = (value.name for value in graph.input if value.name not in constants)
        outputs = [value.name for value in graph.output]
        for values, name_shapes in (
            (graph.input, [(image, (1, 3, REGION_PX, REGION_PX))]),
            (graph.output, zip(outputs, shapes, strict=True)),
        ):
            del values[:]
            for name, shape in name_shapes:
                values.append(onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, shape))
        del graph.value_info[:]
        session = inference_session(model)
        trial = session.run(None, {image: _as_input(np.zeros((REGION_PX, REGION_PX, 3), np.uint8))})
        if [out.shape for out in trial] != shapes:
            raise ValueError(f"its outputs are {[out.shape for out in trial]}")
    except Exception as error:  # ONNX and ONNX Runtime have no common class for what is wrong with a file
        reason = str(error).partition("\n")[0]
        raise DetectorError(
            f"{path}: no CenterFace model ({reason}); it has one input (1, 3, height, width) and four "
            f"outputs with {', '.join(map(str, CHANNELS))} channels, a cell each {STRIDE} pixels"
        ) from error
    return session


def _as_input(image: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(1, 3, H, W) float32, RGB."""
    return np.ascontiguousarray(image[:, :, ::-1].transpose(2, 0, 1)[None], np.float32)
