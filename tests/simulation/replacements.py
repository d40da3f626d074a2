"""Replaces what the code gets from outside: time, chance, clients, environment, logs, metrics, the engine.

The code itself is unchanged. It gets virtual time, fakes instead of boto3's clients, the environment of the
simulated stack, and an engine that needs no video.
"""

from __future__ import annotations

import hashlib
import importlib
import inspect
import os
import pkgutil
import random
import secrets
import sys
import time
import typing
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from functools import cache
from types import SimpleNamespace
from typing import Any, Protocol

import pytest

from tests.fakes.same_thread import SameThread
from tests.simulation import engine
from tests.simulation.world import World

PACKAGES = ("people_pathing.pipeline", "people_pathing.service", "people_pathing.results")

# Small pages, chunks and parts, so that a result of a few hundred bytes needs several of each.
CONSTANTS = {
    "people_pathing.pipeline.tracking_client": {"MAX_RESULTS": 2},
    "people_pathing.pipeline.result_collection": {"CHUNK_PAGES": 2},
    "people_pathing.pipeline.results_bucket": {"PART_BYTES": 200},
}


class Stage(Protocol):
    """What the code is given during one schedule."""

    world: World

    @property
    def environment(self) -> Mapping[str, str]:
        """The environment variables of all functions."""

    def client(self, service: str, **options: Any) -> Any:
        """Returns the fake of a boto3 client."""

    def work(self, content: engine.Content) -> None:
        """Takes the time that searching a segment takes."""

    def count_metric(self, name: str, value: float) -> None:
        """Receives a metric that the current process adds."""

    def write_metric(self, name: str, value: float) -> None:
        """Receives a metric that the current process writes at once."""

    def log(self, message: str, more: Mapping[str, Any]) -> None:
        """Receives a line that the current process logs."""


class _Installed:
    """The stage of the current schedule, for the replaced parts of the code."""

    def __init__(self) -> None:
        self.stage: Any = None
        self.secrets = 0

    def secret(self, byte_count: int = 32) -> str:
        """Returns hexadecimal digits that no code can predict, but that every replay repeats."""
        self.secrets += 1
        return hashlib.sha256(f"secret {self.secrets}".encode()).hexdigest()[: 2 * byte_count]


_installed = _Installed()


def begin(stage: Stage) -> None:
    """Lets the code run on a stage from now on."""
    _installed.stage, _installed.secrets = stage, 0
    random.seed(0)
    settings_changed()


def settings_changed() -> None:
    """Lets new invocations read the environment again, as after a stack update."""
    for clear in _caches():
        clear()


@contextmanager
def installed() -> Iterator[None]:
    """Replaces what the code gets from outside, for as long as the context lasts."""
    # What is imported later would not be replaced.
    for package in PACKAGES:
        for found in pkgutil.walk_packages(importlib.import_module(package).__path__, package + "."):
            importlib.import_module(found.name)
    with pytest.MonkeyPatch.context() as patch:
        _replace(patch)
        try:
            yield
        finally:
            settings_changed()
            _installed.stage = None


def _replace(patch: pytest.MonkeyPatch) -> None:
    import people_pathing.common.clock
    import people_pathing.common.json_values
    import people_pathing.engine
    import people_pathing.service.composition.worker
    import people_pathing.service.result_pages.from_tracks

    patch.setattr(people_pathing.common.clock, "time", _Time())
    # Reading type hints again for every value takes half of the time of a schedule.
    patch.setattr(people_pathing.common.json_values, "get_type_hints", cache(typing.get_type_hints))
    patch.setattr(secrets, "token_hex", _installed.secret)
    patch.setattr(uuid, "uuid4", lambda: uuid.UUID(_installed.secret(16)))
    stand_in = engine.Engine(lambda content: _installed.stage.work(content))
    for name, value in stand_in.names().items():
        # The engine loads its names when they are first used. `setattr` would load them here.
        patch.setitem(vars(people_pathing.engine), name, value)
    patch.setattr(people_pathing.service.result_pages.from_tracks, "observations", engine.observations)
    # The code before the job store has no such function.
    patch.setattr(people_pathing.service.composition.worker, "compose_models", engine.models, raising=False)
    for module_name, constants in CONSTANTS.items():
        for name, value in constants.items():
            patch.setattr(sys.modules[module_name], name, value)
    for module in _modules():
        _replace_in(module, patch)


def _replace_in(module: Any, patch: pytest.MonkeyPatch) -> None:
    names = vars(module)
    if "logger" in names:
        patch.setattr(module, "logger", _LOGGER)
    if "EphemeralMetrics" in names:
        patch.setattr(module, "EphemeralMetrics", _EphemeralMetrics)
    if "metrics" in names and not inspect.ismodule(names["metrics"]):
        patch.setattr(module, "metrics", _METRICS)
    if names.get("boto3") is not None and ".composition" in module.__name__:
        patch.setattr(module, "boto3", _BOTO3)
        patch.setattr(module, "os", _OS)
    if "ThreadPoolExecutor" in names:
        # A process of the world is a greenlet, which has one thread.
        patch.setattr(module, "ThreadPoolExecutor", lambda *_, **__: SameThread())
    for kind in [value for value in names.values() if inspect.isclass(value)]:
        initialize = vars(kind).get("__init__")
        if kind.__module__ == module.__name__ and inspect.isfunction(initialize):
            by_name, by_position = initialize.__kwdefaults__ or {}, initialize.__defaults__ or ()
            if time.sleep in by_name.values():
                patch.setattr(
                    initialize, "__kwdefaults__", {name: _virtual(value) for name, value in by_name.items()}
                )
            if time.sleep in by_position:
                patch.setattr(initialize, "__defaults__", tuple(map(_virtual, by_position)))


def _modules() -> list[Any]:
    names = sorted(name for name in sys.modules if name.startswith("people_pathing."))
    return [sys.modules[name] for name in names]


@cache
def _caches() -> tuple[Callable[[], None], ...]:
    found = [
        value.cache_clear
        for module in _modules()
        if ".composition" in module.__name__
        for value in vars(module).values()
        if hasattr(value, "cache_clear") and getattr(value, "__module__", "") == module.__name__
    ]
    return tuple(found)


def _virtual(default: Any) -> Any:
    return _sleep if default is time.sleep else default


def _sleep(seconds: float) -> None:
    _installed.stage.world.sleep(seconds)


class _Time:
    def time_ns(self) -> int:
        return int(_installed.stage.world.clock_s * 1e9)


class _Environment:
    @property
    def environ(self) -> Mapping[str, str]:
        return _installed.stage.environment if _installed.stage else os.environ


class _Session:
    def client(self, service: str, **options: Any) -> Any:
        return _installed.stage.client(service, **options)


class _Logger:
    def __getattr__(self, level: str) -> Callable[..., Any]:
        return lambda message="", **more: _installed.stage.log(message, more)

    def append_context_keys(self, **_: Any) -> Any:
        return nullcontext()

    def append_keys(self, **_: Any) -> None:
        """Does nothing."""


class _Metrics:
    namespace = service = "simulated"

    def add_metric(self, name: str, unit: object, value: float) -> None:
        _installed.stage.count_metric(name, value)


class _EphemeralMetrics:
    def __init__(self, **_: str) -> None:
        self._values: list[tuple[str, float]] = []

    def add_metric(self, name: str, unit: object, value: float) -> None:
        self._values.append((name, value))

    def flush_metrics(self) -> None:
        for name, value in self._values:
            _installed.stage.write_metric(name, value)


_LOGGER, _METRICS, _OS, _BOTO3 = _Logger(), _Metrics(), _Environment(), SimpleNamespace(Session=_Session)
