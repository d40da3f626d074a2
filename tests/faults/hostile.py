"""Strategies for hypothesis: damaged events and unusual object keys."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from hypothesis import assume
from hypothesis import strategies as st

from people_pathing.pipeline.events.skip_reasons import skip_reason

MAX_KEY_BYTES = 1024

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def damaged(whole: Any) -> st.SearchStrategy[object]:
    """Returns any JSON, or a JSON value with one of its members removed or replaced by any JSON."""
    paths = list(_paths(whole))

    @st.composite
    def damage(draw: st.DrawFn) -> object:
        path = draw(st.sampled_from(paths))
        copy = json.loads(json.dumps(whole))
        parent = copy
        for step in path[:-1]:
            parent = parent[step]
        if draw(st.booleans()):
            del parent[path[-1]]
        else:
            parent[path[-1]] = draw(JSON)
        return copy

    return st.one_of(JSON, damage())


def _paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yields the path of each member, at all depths."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, part in inner:
        yield (*path, step)
        yield from _paths(part, (*path, step))


@st.composite
def object_keys(draw: st.DrawFn) -> str:
    """Returns a key of 1 to 1024 bytes in UTF-8 that no filter of the pipeline skips."""
    size = draw(st.integers(1, MAX_KEY_BYTES))
    unit = draw(st.text(st.characters(codec="utf-8"), min_size=1, max_size=size))
    key = (unit * (size // len(unit.encode()) + 1)).encode()[:size].decode(errors="ignore") or "k"
    key = key.removesuffix("/") + "." if key.endswith(("/", ".")) else key
    assume(key.strip() and skip_reason(key) is None)
    return key
