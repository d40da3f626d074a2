"""Frozen dataclasses as JSON, nested ones included: the form in which values are stored and passed on."""

from __future__ import annotations

import json
import types
from collections.abc import Mapping
from dataclasses import asdict, fields, is_dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Value = TypeVar("Value", bound="DataclassInstance")


def to_json(value: DataclassInstance) -> str:
    """Returns a dataclass as one line of JSON, its members named like its fields."""
    return json.dumps(asdict(value))


def from_json(kind: type[Value], text: str | bytes) -> Value:
    """Reads what `to_json` wrote. Raises TypeError if members are missing or unknown."""
    return from_mapping(kind, json.loads(text))


def from_mapping(kind: type[Value], members: Mapping[str, Any]) -> Value:
    """Builds a dataclass from plain values: nested dataclasses, tuples of them, and optional ones."""
    hints = _type_hints(kind)
    known = {field.name for field in fields(kind)}
    values = {
        name: _typed(hints[name], member) if name in known else member for name, member in members.items()
    }
    return kind(**values)


@cache
def _type_hints(kind: type[DataclassInstance]) -> dict[str, Any]:
    """Returns the types of a dataclass's fields. typing compiles each of them at every call."""
    return get_type_hints(kind)


def _typed(hint: Any, member: Any) -> Any:
    if isinstance(hint, type) and is_dataclass(hint):
        return from_mapping(hint, member)
    if get_origin(hint) is tuple and get_args(hint)[-1] is Ellipsis and isinstance(member, list | tuple):
        return tuple(_typed(get_args(hint)[0], item) for item in member)
    if get_origin(hint) in (types.UnionType, Union) and member is not None:
        kinds = [one for one in get_args(hint) if one is not types.NoneType]
        alternatives = [one for one in kinds if get_origin(one) is not Literal]
        # A union of more types than one, None and literals, holds plain values.
        return _typed(alternatives[0], member) if len(alternatives) == 1 else member
    return member
