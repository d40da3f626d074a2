"""Records the calls of each function while the simulator runs schedules with faults."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from typing import Any

import boto3
import numpy as np
import pytest

from people_pathing.engine.video import Segment
from tests.simulation import code_under_test, deployment, replacements, scenario
from tests.simulation.deployment import Deployment
from tests.simulation.schedule import run_schedule
from tests.template.calls.call import Call, multipart_calls
from tests.template.resolved import Stack

SEEDS = range(150)
FAULT_BUDGETS = (15, 40)
FAULT_RATES = (0.05,)
"""With so many schedules and faults, all code that handles faults runs, and its calls appear."""

Calls = dict[str, dict[str, Call]]
"""The calls of each role, by their shape."""


class RecordingClient:
    """Passes calls on to a fake of the simulator, and keeps them.

    Args:
        fake: the fake of a boto3 client.
        keep: receives the name of each method and its arguments.
    """

    def __init__(self, fake: Any, keep: Callable[[str, dict[str, Any]], None]) -> None:
        self._fake = fake
        self._keep = keep

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._fake, name)
        if name in {"meta", "exceptions"}:
            return found
        if name == "get_paginator":
            return lambda operation: RecordingPaginator(found(operation), operation, self._keep)

        def call(*arguments: Any, **parameters: Any) -> Any:
            if name == "upload_fileobj":
                self._keep(name, {"Bucket": arguments[1], "Key": arguments[2]})
            else:
                self._keep(name, parameters)
            return found(*arguments, **parameters)

        return call


class RecordingPaginator:
    """Keeps a call whose reply a fake divides into pages."""

    def __init__(self, fake: Any, operation: str, keep: Callable[[str, dict[str, Any]], None]) -> None:
        self._fake = fake
        self._operation = operation
        self._keep = keep

    def paginate(self, **parameters: Any) -> Iterator[Any]:
        self._keep(self._operation, {k: v for k, v in parameters.items() if k != "PaginationConfig"})
        yield from self._fake.paginate(**parameters)


@cache
def operation_names(service: str) -> dict[str, str]:
    """Returns the operations of a service by the names of their methods."""
    client: Any = boto3.Session("key", "secret", region_name="us-east-1").client(service)  # type: ignore[call-overload]
    return dict(client.meta.method_to_api_mapping)


def simulated_calls(stack: Stack) -> Calls:
    """Returns what every function calls, with the names of a deployed stack."""
    calls: Calls = {}
    names = _names(stack)
    make_client = Deployment.client

    def client(self: Deployment, service: str, **options: Any) -> Any:
        def keep(method: str, parameters: dict[str, Any]) -> None:
            process = self.world.process
            if process is None or process.role not in code_under_test.FUNCTIONS:
                return
            # A notice is published with the role that the caller has named.
            role = "CompletionRole" if service == "sns" else f"{process.role}Role"
            for call in _calls(service, method, _renamed(parameters, names)):
                calls.setdefault(role, {}).setdefault(call.shape, call)

        return RecordingClient(make_client(self, service, **options), keep)

    with replacements.installed(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(Deployment, "client", client)
        environment = stack.of_type("AWS::Lambda::Function")["TrackingApi"]["Environment"]["Variables"]
        patch.setattr(deployment, "STATE_MACHINE_ARN", environment["STATE_MACHINE_ARN"])
        patch.setattr(scenario, "FAULT_BUDGETS", FAULT_BUDGETS)
        patch.setattr(scenario, "FAULT_RATES", FAULT_RATES)
        # The sweep lists executions if it has more jobs than a schedule.
        patch.setattr("people_pathing.service.sweep.MAX_DESCRIBED_JOBS", 0)
        _divide_into_windows(patch)
        for seed in SEEDS:
            run_schedule(seed)
    return calls


def _calls(service: str, method: str, parameters: dict[str, Any]) -> list[Call]:
    if method == "upload_fileobj":
        put = Call(service, "PutObject", {**parameters, "Body": b""})
        return [put, *multipart_calls(put)]
    return [Call(service, operation_names(service)[method], parameters)]


def _divide_into_windows(patch: pytest.MonkeyPatch) -> None:
    """Lets the simulated engine divide every video into two windows, so that AssociateWindow runs."""
    import people_pathing.engine

    windows = [Segment(0, 0, 3_000_000), Segment(1, 3_000_000, None)]
    for name, value in {
        "plan_windows": lambda *_, **__: windows,
        "needed_interval_us": lambda _window: (0, 6_000_000),
        "associate_window": lambda *_, **__: np.zeros(0, np.int64),
    }.items():
        patch.setitem(vars(people_pathing.engine), name, value)


def _names(stack: Stack) -> dict[str, str]:
    """Returns the names of the stack's resources by those in the simulator."""
    settings = deployment.Settings(1)
    names = {
        "videos": stack.physical_name("VideoBucket"),
        "results": stack.physical_name("ResultsBucket"),
        "artifacts": stack.physical_name("ArtifactBucket"),
        "jobs": stack.physical_name("JobTable"),
        "job-store": stack.physical_name("JobStoreTable"),
    }
    # An update of the simulated stack gives these two other names.
    for changed in (settings, replace(settings, role="other-role", topic="other-topic")):
        names[changed.role_arn] = stack.arn("CompletionRole")
        names[changed.topic_arn] = stack.arn("CompletionTopic")
    return names


def _renamed(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _renamed(part, names) for key, part in value.items()}
    if isinstance(value, list):
        return [_renamed(part, names) for part in value]
    return names.get(value, value) if isinstance(value, str) else value
