"""Extension points: a package in which each module is one implementation."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from keyword import iskeyword
from pkgutil import iter_modules
from types import ModuleType


class UnknownNameError(LookupError):
    """No implementation has this name. The message lists the names that exist."""


class Registry:
    """The implementations of one extension point, one module each, imported when they are chosen.

    A new module in the package is a new implementation; no list has to be changed. Modules whose names start
    with an underscore are not implementations. An underscore at the end of a module's name is not part of the
    implementation's name, which may be a keyword of Python. Any other underscore is a hyphen in it.
    """

    def __init__(self, package: str, kind: str) -> None:
        """Names the extension point.

        Args:
            package: dotted name of the package, for example "people_pathing.engine.detectors".
            kind: what an implementation is, in the words of an error message, for example "detector".
        """
        self._package = package
        self._kind = kind

    def names(self) -> tuple[str, ...]:
        """Returns the names of all implementations in alphabetical order, without importing any.

        Raises:
            ModuleNotFoundError: the package is not installed, for example because a zip file lacks it.
        """
        spec = find_spec(self._package)
        if spec is None or spec.submodule_search_locations is None:
            # Without locations, iter_modules would list every installed module.
            raise ModuleNotFoundError(f"there is no package {self._package!r}", name=self._package)
        modules = (module.name for module in iter_modules(spec.submodule_search_locations))
        chosen = (name.removesuffix("_") for name in modules if not name.startswith("_"))
        return tuple(sorted(name.replace("_", "-") for name in chosen))

    def load(self, name: str) -> ModuleType:
        """Imports one implementation. Raises UnknownNameError if there is none of that name."""
        if name not in self.names():
            raise UnknownNameError(
                f"there is no {self._kind} {name!r}; choose from {', '.join(self.names())}"
            )
        module = f"{name}_" if iskeyword(name) else name.replace("-", "_")
        return import_module(f"{self._package}.{module}")
