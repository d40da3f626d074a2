"""The addition to an SDK's model of Rekognition: the two operations, with every shape that they use.

An SDK that has dropped the operations has them again. In an SDK that still has them, the addition changes no
other operation: the shapes that others use, too, are added under names of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

MARKING_PARAMETER = "PeoplePathing"
"""The parameter of the endpoint rules that is true for the two operations only."""

SHAPE_PREFIX = "PeoplePathing"


def added_operations(api_model: Mapping[str, Any]) -> dict[str, Any]:
    """Returns what is merged into the SDK's model: operations and shapes, in botocore's format.

    Args:
        api_model: the model of the two operations as `service/protocol/person_tracking.json` has it.
    """
    operations = api_model["operations"]
    errors = sorted({error for operation in operations.values() for error in operation["errors"]})
    return {
        "operations": {name: _operation(name, operation) for name, operation in operations.items()},
        "shapes": {
            **{_added_name(name): _shape(shape) for name, shape in api_model["shapes"].items()},
            # An error's shape keeps its name, because its name is the code that programs compare with.
            **{error: {"type": "structure", "members": {}, "exception": True} for error in errors},
        },
    }


def _operation(name: str, operation: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": name,
        "http": {"method": "POST", "requestUri": "/"},
        "input": _reference(operation["input"]),
        "output": _reference(operation["output"]),
        "errors": [{"shape": error} for error in operation["errors"]],
        "staticContextParams": {MARKING_PARAMETER: {"value": True}},
    }


def _shape(shape: Mapping[str, Any]) -> dict[str, Any]:
    added = dict(shape)
    if "members" in shape:
        added["members"] = {name: _reference(member) for name, member in shape["members"].items()}
    if "member" in shape:
        added["member"] = _reference(shape["member"])
    return added


def _reference(shape_name: str) -> dict[str, str]:
    return {"shape": _added_name(shape_name)}


def _added_name(shape_name: str) -> str:
    # Requests and replies keep their names. The SDK's descriptions of their members, which the AWS CLI shows
    # as help, then stay.
    return shape_name if "PersonTracking" in shape_name else f"{SHAPE_PREFIX}{shape_name}"
