"""The model of an SDK that has dropped the two operations, made from the model of the installed one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from botocore.loaders import Loader
from botocore.model import ListShape, MapShape, OperationModel, ServiceModel, Shape, StructureShape

from people_pathing.client_routing.data_files import FOLDER

OPERATIONS = ("StartPersonTracking", "GetPersonTracking")


def sdk_model() -> dict[str, Any]:
    """Returns Rekognition's model as the installed SDK has it."""
    loader = Loader([Loader.BUILTIN_DATA_PATH], include_default_search_paths=False)
    model: dict[str, Any] = loader.load_data(f"{FOLDER}/service-2")
    return model


def write_later_sdk(folder: Path) -> Path:
    """Writes a model without the two operations, and without the shapes that only they use.

    Args:
        folder: botocore prefers the model in it to its own if it is the first folder of data files.
    """
    model = sdk_model()
    kept = {name: operation for name, operation in model["operations"].items() if name not in OPERATIONS}
    without = {**model, "operations": kept}
    used = {shape for name in kept for shape in _shapes_of(ServiceModel(without).operation_model(name))}
    without["shapes"] = {name: shape for name, shape in model["shapes"].items() if name in used}
    (folder / FOLDER).mkdir(parents=True)
    (folder / FOLDER / "service-2.json").write_text(json.dumps(without))
    return folder


def _shapes_of(operation: OperationModel) -> Iterator[str]:
    for shape in (operation.input_shape, operation.output_shape, *operation.error_shapes):
        if shape is not None:
            yield from _names_in(shape)


def _names_in(shape: Shape) -> Iterator[str]:
    yield shape.name
    if isinstance(shape, StructureShape):
        for member in shape.members.values():
            yield from _names_in(member)
    elif isinstance(shape, ListShape):
        yield from _names_in(shape.member)
    elif isinstance(shape, MapShape):
        yield from _names_in(shape.key)
        yield from _names_in(shape.value)
