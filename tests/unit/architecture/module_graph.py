"""The modules of a package and what they import, read from the source without running it."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Import:
    """One imported name.

    Attributes:
        target: dotted name of a module of the package, or the full dotted name of any other module.
        name: what is imported from that module; empty if it is the module itself.
        is_deferred: the import is inside a function.
        is_type_only: the import is under `if TYPE_CHECKING`, so it never runs.
    """

    target: str
    name: str = ""
    is_deferred: bool = False
    is_type_only: bool = False


@dataclass(frozen=True, slots=True)
class Module:
    """One module.

    Attributes:
        imports: everything that the module imports, anywhere in it.
        reads_environment: it mentions os.environ or os.getenv.
        logic: names of its functions, and of its classes that are more than a value, see `_is_value`.
        defines_values_only: it defines at least one class, and no logic.
        is_package: the module is the `__init__` of a folder.
    """

    imports: frozenset[Import] = frozenset()
    reads_environment: bool = False
    logic: frozenset[str] = frozenset()
    defines_values_only: bool = False
    is_package: bool = False


@dataclass(frozen=True, slots=True)
class ModuleGraph:
    """All modules below one root package, by dotted name relative to it; the root itself is ""."""

    modules: Mapping[str, Module] = field(default_factory=dict)

    def internal(self, name: str, *, with_types: bool = True) -> set[str]:
        """Returns the modules of the package that a module imports."""
        return {
            imported.target
            for imported in self.modules[name].imports
            if imported.target in self.modules and (with_types or not imported.is_type_only)
        }

    def external(self, name: str) -> set[str]:
        """Returns the full names of all other modules that a module imports when it runs."""
        return {
            imported.target
            for imported in self.modules[name].imports
            if imported.target not in self.modules and not imported.is_type_only
        }

    def reachable(self, name: str) -> set[str]:
        """Returns the modules of the package that run when one is imported and its functions are called."""
        found: set[str] = set()
        pending = [name]
        while pending:
            module = pending.pop()
            if module in found or module not in self.modules:
                continue
            found.add(module)
            pending += self.internal(module, with_types=False)
            # Importing a module runs the packages that contain it.
            pending += parents(module)
        return found


def parents(name: str) -> list[str]:
    """Returns the packages that contain a module, the root package last."""
    return [".".join(name.split(".")[:depth]) for depth in range(name.count("."), -1, -1)]


def read_graph(root: Path) -> ModuleGraph:
    """Reads a package and all its subpackages.

    A name that a package offers lazily is followed to the module that defines it. The package imports it from
    there under `if TYPE_CHECKING`.
    """
    trees = {
        ".".join(path.relative_to(root).with_suffix("").parts).removesuffix("__init__").rstrip("."): (
            path,
            tree,
        )
        for path in sorted(root.rglob("*.py"))
        for tree in [ast.parse(path.read_text())]
    }
    raw = {name: _read_imports(tree) for name, (_path, tree) in trees.items()}
    resolve = _Resolver(root.name, frozenset(trees), raw)
    return ModuleGraph(
        {
            name: Module(
                imports=frozenset(resolve.all(raw[name])),
                reads_environment=_reads_environment(tree),
                logic=_logic(tree),
                defines_values_only=not _logic(tree)
                and any(isinstance(node, ast.ClassDef) for node in tree.body),
                is_package=path.name == "__init__.py",
            )
            for name, (path, tree) in trees.items()
        }
    )


@dataclass(frozen=True, slots=True)
class _RawImport:
    """`import module`, or `from module import name` with a name."""

    module: str
    name: str | None
    is_deferred: bool
    is_type_only: bool


def _read_imports(tree: ast.Module) -> list[_RawImport]:
    found: list[_RawImport] = []

    def visit(node: ast.AST, is_deferred: bool, is_type_only: bool) -> None:
        if isinstance(node, ast.Import):
            found.extend(_RawImport(alias.name, None, is_deferred, is_type_only) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            module = node.module or ""
            found.extend(_RawImport(module, alias.name, is_deferred, is_type_only) for alias in node.names)
        elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            for statement in node.body:
                visit(statement, is_deferred, True)
            for statement in node.orelse:
                visit(statement, is_deferred, is_type_only)
        elif isinstance(node, ast.FunctionDef) and node.name == "__getattr__" and node in tree.body:
            # What a package offers lazily is resolved where it is used.
            return
        else:
            if name := _imported_by_call(node):
                found.append(_RawImport(name, None, is_deferred, is_type_only))
            is_function = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            for child in ast.iter_child_nodes(node):
                visit(child, is_deferred or is_function, is_type_only)

    visit(tree, False, False)
    return found


def _imported_by_call(node: ast.AST) -> str | None:
    """Returns the module that `import_module("module")` imports."""
    if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module"):
        [first, *_] = node.args
        return first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else None
    return None


@dataclass(frozen=True, slots=True)
class _Resolver:
    """Turns import statements into names of modules."""

    root: str
    modules: frozenset[str]
    raw: Mapping[str, list[_RawImport]]

    def all(self, imports: Iterable[_RawImport]) -> set[Import]:
        return {
            Import(target, name, statement.is_deferred, statement.is_type_only)
            for statement in imports
            for target, name in self._targets(statement)
        }

    def _targets(self, statement: _RawImport) -> set[tuple[str, str]]:
        if statement.module.partition(".")[0] != self.root:
            return {(statement.module, statement.name or "")}
        module = statement.module.removeprefix(self.root).lstrip(".")
        if statement.name is None:
            return {(module, "")}
        submodule = f"{module}.{statement.name}".lstrip(".")
        if submodule in self.modules:
            return {(submodule, "")}
        lazy = [offer for offer in self.raw[module] if offer.is_type_only and offer.name == statement.name]
        return {(module, statement.name)}.union(*(self._targets(offer) for offer in lazy))


def _reads_environment(tree: ast.Module) -> bool:
    return any(
        (isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv", "putenv"})
        or (isinstance(node, ast.alias) and node.name in {"environ", "getenv", "putenv"})
        for node in ast.walk(tree)
    )


def _logic(tree: ast.Module) -> frozenset[str]:
    return frozenset(
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        or (isinstance(node, ast.ClassDef) and not _is_value(node))
    )


def _is_value(definition: ast.ClassDef) -> bool:
    """Whether a class is an enum, an error, a protocol, or a frozen dataclass without methods that act."""
    bases = [ast.unparse(base) for base in definition.bases]
    if any(base.endswith(("Enum", "Error", "Exception", "Protocol")) for base in bases):
        return True
    decorators = [ast.unparse(decorator) for decorator in definition.decorator_list]
    is_frozen = any("dataclass" in text and "frozen=True" in text for text in decorators)
    methods = [node for node in definition.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    return (is_frozen or "NamedTuple" in bases) and not any(map(_acts, methods))


def _acts(method: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether a method is more than a property, another constructor or a part of Python's data model."""
    plain = {"property", "cached_property", "classmethod", "staticmethod"}
    return not method.name.startswith("__") and not plain & set(map(ast.unparse, method.decorator_list))
