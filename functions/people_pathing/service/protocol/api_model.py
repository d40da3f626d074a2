"""The API's own model: the types of its members, and the rules that their values obey.

`person_tracking.json` is the part of botocore's model `rekognition/2016-06-27` that the two operations use,
without its documentation.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from people_pathing.service.protocol.errors import SerializationException

SHOWN_VALUE_LENGTH = 100

_ARTICLES = {"String": "a", "Integer": "an"}


@cache
def model() -> dict[str, Any]:
    """Returns the model: targetPrefix, operations, shapes."""
    loaded: dict[str, Any] = json.loads(Path(__file__).with_name("person_tracking.json").read_text("utf-8"))
    return loaded


def known_members(shape_name: str, value: Any) -> Any:
    """Returns a reply's value without members that are None or that the model does not know."""
    shape = model()["shapes"][shape_name]
    if shape["type"] == "structure":
        members = shape["members"]
        return {
            name: known_members(members[name], member)
            for name, member in value.items()
            if name in members and member is not None
        }
    if shape["type"] == "list":
        return [known_members(shape["member"], item) for item in value]
    return value


def converted(shape_name: str, value: Any, path: str = "") -> Any:
    """Returns a request's value in the type of its shape, without members that are null or unknown.

    The types and the texts of the errors are those of AWS's JSON services. They read a number with a fraction
    as the whole number below it. Sources: replies of Kinesis and Athena that public tests record
    (mhart/kinesalite, and emulators of Athena that were compared with it).

    Args:
        shape_name: the name of the shape.
        value: JSON as Python represents it.
        path: where the value is, for the error.

    Raises:
        SerializationException: the value, or one inside it, has another JSON type.
    """
    shape = model()["shapes"][shape_name]
    if shape["type"] == "structure":
        if not isinstance(value, dict):
            raise _type_error(value, "Expected null", path, "which is a structure")
        return {
            name: converted(member_shape, value[name], _member_path(path, name))
            for name, member_shape in shape["members"].items()
            if value.get(name) is not None
        }
    target = {"string": "String", "integer": "Integer"}[shape["type"]]
    if target == "Integer" and _is_number(value):
        if isinstance(value, float) and math.isinf(value):
            raise SerializationException(f"NUMBER_VALUE is too large for an Integer (at '{path}')")
        return int(value)
    if target == "String" and isinstance(value, str):
        return value
    text = f"{_value_kind(value)} can not be converted to {_ARTICLES[target]} {target}"
    raise _type_error(value, text, path)


def broken_rules(shape_name: str, value: Any, path: str = "") -> Iterator[str]:
    """Yields the rules of the model that a converted value breaks, in the words that AWS services use."""
    shape = model()["shapes"][shape_name]
    if shape["type"] == "structure":
        for name, member_shape in shape["members"].items():
            member_path = _member_path(path, name)
            if name in value:
                yield from broken_rules(member_shape, value[name], member_path)
            elif name in shape.get("required", ()):
                yield f"Value null at '{member_path}' failed to satisfy constraint: Member must not be null"
    else:
        for rule in _broken_value_rules(shape, value):
            yield f"Value {shown(value)} at '{path}' failed to satisfy constraint: Member must {rule}"


def shown(value: Any) -> str:
    """Returns a value in quotes, as errors show it. A long value is cut."""
    text = str(value)
    return f"'{text if len(text) <= SHOWN_VALUE_LENGTH else text[:SHOWN_VALUE_LENGTH] + '…'}'"


def _broken_value_rules(shape: Mapping[str, Any], value: Any) -> Iterator[str]:
    if shape["type"] == "integer":
        if value < shape["min"]:
            yield f"have value greater than or equal to {shape['min']}"
        return
    if not _is_text(value):
        yield "be Unicode text"
    if len(value) < shape.get("min", 0):
        yield f"have length greater than or equal to {shape['min']}"
    if len(value) > shape.get("max", len(value)):
        yield f"have length less than or equal to {shape['max']}"
    if "pattern" in shape and not re.fullmatch(shape["pattern"], value, re.ASCII):
        yield f"satisfy regular expression pattern: {shape['pattern']}"
    if "enum" in shape and value not in shape["enum"]:
        yield f"satisfy enum value set: [{', '.join(shape['enum'])}]"


def _type_error(value: Any, scalar_text: str, path: str, remark: str = "") -> SerializationException:
    """Returns AWS's error for a value of a wrong type, with the place of the value."""
    text = scalar_text
    if isinstance(value, list):
        text = "Start of list found where not expected"
    elif isinstance(value, dict):
        text = "Start of structure or map found where not expected."
    place = f"at '{path}', {remark}" if remark else f"at '{path}'"
    return SerializationException(f"{text} ({place})")


def _value_kind(value: Any) -> str:
    if isinstance(value, bool):
        return f"{value}_VALUE".upper()
    return "NUMBER_VALUE" if _is_number(value) else "STRING_VALUE"


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _member_path(path: str, name: str) -> str:
    return f"{path}.{name[0].lower()}{name[1:]}".lstrip(".")


def _is_text(value: str) -> bool:
    # JSON can write half of a surrogate pair. UTF-8 cannot, so no object key contains one.
    return not any("\ud800" <= character <= "\udfff" for character in value)
