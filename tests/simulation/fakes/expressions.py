"""DynamoDB's expressions: conditions, filters and updates, compiled to Python functions.

Grammar: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.OperatorsAndFunctions.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

Item = Mapping[str, Any]
Names = Mapping[str, str]
Values = Mapping[str, Any]
Condition = Callable[[Item, Names, Values], bool]
Update = Callable[[dict[str, Any], Names, Values], None]
Operand = Callable[[Item, Names, Values], Any]

TOKEN = re.compile(r"\s*(<>|<=|>=|[<>=(),]|[#:]?[A-Za-z_][A-Za-z0-9_.]*)")
COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": lambda a, b: bool(a == b),
    "<>": lambda a, b: bool(a != b),
    "<": lambda a, b: bool(a < b),
    "<=": lambda a, b: bool(a <= b),
    ">": lambda a, b: bool(a > b),
    ">=": lambda a, b: bool(a >= b),
}


class ExpressionError(ValueError):
    """DynamoDB would refuse the expression, or this fake does not know it."""


def plain(value: Any) -> Any:
    """Converts an attribute value to a Python value that compares as DynamoDB compares."""
    ((kind, content),) = value.items()
    if kind == "N":
        return float(content) if "." in content else int(content)
    if kind in ("SS", "BS", "NS"):
        return frozenset(content)
    return content


@cache
def problem(texts: tuple[str, ...], names: frozenset[str], values: frozenset[str]) -> str | None:
    """Returns why DynamoDB refuses expressions with these names and values: each must be used and given."""
    used = set(re.findall(r"[#:]\w+", " ".join(texts)))
    for kind, sign, given in (("Names", "#", names), ("Values", ":", values)):
        needed = {token for token in used if token.startswith(sign)}
        if unused := sorted(given - needed):
            return f"Value provided in ExpressionAttribute{kind} unused in expressions: keys: {unused}"
        if missing := sorted(needed - given):
            return f"An expression attribute used in an expression is not defined: {missing}"
    return None


@cache
def condition(text: str) -> Condition:
    """Compiles a condition, a filter or a key condition."""
    parser = _Parser(text)
    compiled = parser.disjunction()
    parser.expect_end()
    return compiled


@cache
def update(text: str) -> Update:
    """Compiles an update expression."""
    parser = _Parser(text)
    actions: list[Update] = []
    while parser.next is not None:
        clause = parser.take().upper()
        actions.append(_CLAUSES[clause](parser))
        while parser.accept(","):
            actions.append(_CLAUSES[clause](parser))

    def run(item: dict[str, Any], names: Names, values: Values) -> None:
        for action in actions:
            action(item, names, values)

    return run


class _Parser:
    def __init__(self, text: str) -> None:
        self._tokens = TOKEN.findall(text)
        if "".join(self._tokens) != re.sub(r"\s+", "", text):
            raise ExpressionError(f"cannot read {text!r}")
        self._text = text

    @property
    def next(self) -> str | None:
        return self._tokens[0] if self._tokens else None

    def take(self) -> str:
        if not self._tokens:
            raise ExpressionError(f"{self._text!r} ends too early")
        return str(self._tokens.pop(0))

    def accept(self, token: str) -> bool:
        if self.next is not None and self.next.upper() == token:
            self.take()
            return True
        return False

    def expect(self, token: str) -> None:
        if not self.accept(token):
            raise ExpressionError(f"{self._text!r} has {self.next!r}; it must be {token!r}")

    def expect_end(self) -> None:
        if self._tokens:
            raise ExpressionError(f"{self._text!r} has more after its end: {self._tokens}")

    def disjunction(self) -> Condition:
        left = self.conjunction()
        while self.accept("OR"):
            left = _either(left, self.conjunction())
        return left

    def conjunction(self) -> Condition:
        left = self.negation()
        while self.accept("AND"):
            left = _both(left, self.negation())
        return left

    def negation(self) -> Condition:
        if self.accept("NOT"):
            inner = self.negation()
            return lambda item, names, values: not inner(item, names, values)
        if self.accept("("):
            inner = self.disjunction()
            self.expect(")")
            return inner
        return self.comparison()

    def comparison(self) -> Condition:
        if self.next in ("attribute_exists", "attribute_not_exists"):
            return self._test()
        left = self.operand()
        return _compared(self.take(), left, self.operand())

    def operand(self) -> Operand:
        """Reads a value, an attribute, or its size."""
        token = self.take()
        if token == "size":
            self.expect("(")
            path = self.take()
            self.expect(")")
            return lambda item, names, _values: _size(item.get(_name(path, names)))
        raw = _raw(token)
        return lambda item, names, values: None if (v := raw(item, names, values)) is None else plain(v)

    def _test(self) -> Condition:
        function = self.take()
        self.expect("(")
        path = self.take()
        self.expect(")")
        wanted = function == "attribute_exists"
        return lambda item, names, _values: (_name(path, names) in item) is wanted


def _name(token: str, names: Names) -> str:
    return names[token] if token.startswith("#") else token


def _raw(token: str) -> Operand:
    if token.startswith(":"):
        return lambda _item, _names, values: values[token]
    return lambda item, names, _values: item.get(_name(token, names))


def _size(value: Any) -> int | None:
    return None if value is None else len(next(iter(value.values())))


def _compared(operator: str, left: Operand, right: Operand) -> Condition:
    compare = COMPARISONS[operator]

    def holds(item: Item, names: Names, values: Values) -> bool:
        a, b = left(item, names, values), right(item, names, values)
        # Values of different types, or of an attribute that does not exist, differ and have no order.
        is_comparable = a is not None and b is not None and type(a) is type(b)
        return compare(a, b) if is_comparable else operator == "<>"

    return holds


def _both(left: Condition, right: Condition) -> Condition:
    return lambda item, names, values: left(item, names, values) and right(item, names, values)


def _either(left: Condition, right: Condition) -> Condition:
    return lambda item, names, values: left(item, names, values) or right(item, names, values)


def _set(parser: _Parser) -> Update:
    path = parser.take()
    parser.expect("=")
    value = _raw(parser.take())

    def run(item: dict[str, Any], names: Names, values: Values) -> None:
        item[_name(path, names)] = value(item, names, values)

    return run


def _remove(parser: _Parser) -> Update:
    path = parser.take()
    return lambda item, names, _values: item.pop(_name(path, names), None)


def _add(parser: _Parser) -> Update:
    path, value = parser.take(), _raw(parser.take())

    def run(item: dict[str, Any], names: Names, values: Values) -> None:
        name, added = _name(path, names), value(item, names, values)
        ((kind, content),) = added.items()
        if kind == "N":
            old = item.get(name, {"N": "0"})
            item[name] = {"N": str(plain(old) + plain(added))}
        else:
            item[name] = {kind: sorted({*item.get(name, {kind: ()})[kind], *content})}

    return run


def _delete(parser: _Parser) -> Update:
    path, value = parser.take(), _raw(parser.take())

    def run(item: dict[str, Any], names: Names, values: Values) -> None:
        name = _name(path, names)
        ((kind, content),) = value(item, names, values).items()
        if name in item:
            left = sorted(set(item[name][kind]) - set(content))
            # DynamoDB has no empty sets.
            if left:
                item[name] = {kind: left}
            else:
                del item[name]

    return run


_CLAUSES = {"SET": _set, "REMOVE": _remove, "ADD": _add, "DELETE": _delete}
