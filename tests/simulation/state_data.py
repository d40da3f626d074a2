"""How states select their input and place their output: JSONPath, and the part of JSONata that is used here.

Specification: https://states-language.net/spec.html. An expression that is not known here is an error.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

State = Mapping[str, Any]

_EXPRESSION = re.compile(r"\{%\s*(.*?)\s*%\}")
_CONDITIONAL = re.compile(r"\$exists\((.+?)\)\s*\?\s*(.+?)\s*:\s*(.+)")
_COMPARISON = re.compile(r"(.+?)\s*(=|!=)\s*(.+)")


class Data:
    """What the expressions of a state can refer to.

    Args:
        value: the state's input.
        context: the context object of Step Functions.
    """

    def __init__(self, value: Any, context: Mapping[str, Any]) -> None:
        self._value = value
        self._context = context

    def arguments(self, state: State) -> Any:
        """Returns what a task or a Pass state works on."""
        if "Parameters" in state:
            return self._payload(state["Parameters"])
        return self._evaluated(state["Arguments"], {}) if "Arguments" in state else self._value

    def items(self, state: State) -> list[Any]:
        """Returns the items of a map."""
        if "ItemsPath" in state:
            return list(self._path(state["ItemsPath"]))
        return list(self._evaluated(state["Items"], {}) if "Items" in state else self._value)

    def item(self, state: State, item: Any, index: int) -> tuple[Any, Mapping[str, Any]]:
        """Returns the input of one iteration of a map, and its context."""
        context = {**self._context, "Map": {"Item": {"Value": item, "Index": index}}}
        selector = state.get("ItemSelector")
        if selector is None:
            return item, context
        within = Data(self._value, context)
        is_path = any(name.endswith(".$") for name in selector)
        return (within._payload(selector) if is_path else within._evaluated(selector, {})), context

    def concurrency(self, state: State, item_count: int) -> int:
        """Returns how many iterations of a map run at once."""
        return int(self._evaluated(state.get("MaxConcurrency", 0), {})) or item_count

    def output(self, state: State, result: Any) -> Any:
        """Returns a state's output, given its result."""
        if "Output" in state:
            return self._evaluated(state["Output"], {"result": result})
        return self._placed(state, result)

    def caught(self, catcher: State, error: Mapping[str, Any]) -> Any:
        """Returns the output of a state whose error was caught."""
        if "Output" in catcher:
            return self._evaluated(catcher["Output"], {"errorOutput": error})
        return self._placed(catcher, error)

    def chosen(self, choice: State) -> bool:
        """Tells whether a rule of a Choice state applies."""
        if "Condition" in choice:
            return bool(self._evaluated(choice["Condition"], {}))
        return bool(self._path(choice["Variable"]) == choice["StringEquals"])

    def cause(self, state: State) -> str:
        """Returns the cause that a Fail state gives."""
        if "CausePath" in state:
            return str(self._path(state["CausePath"]))
        return str(self._evaluated(state.get("Cause", ""), {}))

    def _placed(self, state: State, result: Any) -> Any:
        path = state.get("ResultPath", "$")
        if path is None:
            return self._value
        return result if path == "$" else {**self._value, path.removeprefix("$."): result}

    def _payload(self, template: Any) -> Any:
        if not isinstance(template, dict):
            return template
        return {
            name.removesuffix(".$"): self._path(member) if name.endswith(".$") else self._payload(member)
            for name, member in template.items()
        }

    def _path(self, path: str) -> Any:
        root, rest = (self._context, path[2:]) if path.startswith("$$") else (self._value, path[1:])
        return _followed(root, rest)

    def _evaluated(self, template: Any, more: Mapping[str, Any]) -> Any:
        if isinstance(template, dict):
            return {name: self._evaluated(member, more) for name, member in template.items()}
        if isinstance(template, str) and (found := _EXPRESSION.fullmatch(template)):
            return self._expression(found[1], {"input": self._value, "context": self._context, **more})
        return template

    def _expression(self, text: str, states: Mapping[str, Any]) -> Any:
        if found := _CONDITIONAL.fullmatch(text):
            exists = self._expression(found[1], states) is not None
            return self._expression(found[2 if exists else 3], states)
        if found := _COMPARISON.fullmatch(text):
            is_equal = self._expression(found[1], states) == self._expression(found[3], states)
            return is_equal is (found[2] == "=")
        if text.startswith("$states."):
            return _followed(states, text.removeprefix("$states."))
        if text.startswith("'") and text.endswith("'"):
            return text[1:-1]
        return int(text)


def _followed(root: Any, path: str) -> Any:
    for name in path.strip(".").split("."):
        if name:
            root = root.get(name)
    return root
