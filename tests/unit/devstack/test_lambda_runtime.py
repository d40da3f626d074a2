"""Runs real function processes under the runtime client, without a server or a template."""

import json
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from devstack.lambda_runtime.function import Function, Invocation
from devstack.lambda_runtime.function_pool import FunctionPool

HANDLERS = """
import os, time, sys

calls = 0


class DiskFullError(Exception):
    pass


def echo(event, context):
    global calls
    calls += 1
    print("received", event)
    return {
        "event": event,
        "calls": calls,
        "pid": os.getpid(),
        "request_id": context.aws_request_id,
        "remaining_ms": context.get_remaining_time_in_millis(),
        "setting": os.environ.get("SETTING"),
        "home_is_private": os.environ["HOME"] != HOST_HOME,
        "path": sys.path,
    }


def fail(event, context):
    raise DiskFullError("no space for " + event["what"])


def sleep(event, context):
    with open(event["pid_file"], "w") as file:
        file.write(str(os.getpid()))
    time.sleep(60)


def leave(event, context):
    os._exit(3)
"""


@pytest.fixture
def task_root(tmp_path: Path) -> Path:
    root = tmp_path / "task"
    root.mkdir()
    (root / "handlers.py").write_text(f"HOST_HOME = {os.environ['HOME']!r}\n{HANDLERS}")
    (root / "broken.py").write_text("import a_module_that_does_not_exist\n")
    return root


@pytest.fixture
def pool() -> Iterator[FunctionPool]:
    pool = FunctionPool(2, os.environ)
    yield pool
    pool.close()


def make_function(task_root: Path, handler: str, **fields: Any) -> Function:
    return Function(
        name="tested",
        arn="arn:aws:lambda:us-east-1:000000000000:function:tested",
        handler=handler,
        task_root=task_root,
        command=(sys.executable, "-m", "awslambdaric"),
        **fields,
    )


def invoke(pool: FunctionPool, function: Function, event: object) -> tuple[Invocation, Any]:
    invocation = pool.invoke(function, json.dumps(event).encode())
    return invocation, json.loads(invocation.payload)


def test_a_second_event_runs_in_the_warm_process_of_the_first(pool: FunctionPool, task_root: Path) -> None:
    function = make_function(task_root, "handlers.echo", environment={"SETTING": "on"}, timeout_s=30)
    cold, first = invoke(pool, function, {"key": "ü"})
    warm, second = invoke(pool, function, {"key": "b"})
    assert first["event"] == {"key": "ü"}
    assert (first["calls"], second["calls"]) == (1, 2)
    assert first["pid"] == second["pid"]
    assert first["setting"] == "on"
    assert first["home_is_private"]
    assert 0 < first["remaining_ms"] <= 30_000
    assert (cold.error, warm.error) == (None, None)
    assert cold.request_id == first["request_id"] != second["request_id"]


def test_the_log_of_an_event_has_only_what_the_handler_printed_during_it(
    pool: FunctionPool, task_root: Path
) -> None:
    function = make_function(task_root, "handlers.echo")
    cold, _ = invoke(pool, function, "one")
    warm, _ = invoke(pool, function, "two")
    assert cold.log.splitlines() == ["received one"]
    assert warm.log.splitlines() == ["received two"]
    assert "Init Duration" in cold.report
    assert "Init Duration" not in warm.report
    assert warm.report.startswith(f"REPORT RequestId: {warm.request_id}\tDuration: ")


def test_an_exception_is_reported_with_its_type_and_stack_trace(pool: FunctionPool, task_root: Path) -> None:
    failed, error = invoke(pool, make_function(task_root, "handlers.fail"), {"what": "this"})
    assert failed.error == "Unhandled"
    assert error["errorType"] == "DiskFullError"
    assert error["errorMessage"] == "no space for this"
    assert any("handlers.py" in line for line in error["stackTrace"])


def test_a_module_that_cannot_be_imported_fails_the_event(pool: FunctionPool, task_root: Path) -> None:
    failed, error = invoke(pool, make_function(task_root, "broken.handler"), {})
    assert failed.error == "Unhandled"
    assert error["errorType"] == "Runtime.ImportModuleError"
    assert "a_module_that_does_not_exist" in error["errorMessage"]


def test_a_process_that_exits_fails_its_event_and_the_next_event_gets_a_new_process(
    pool: FunctionPool, task_root: Path
) -> None:
    function = make_function(task_root, "handlers.leave")
    for _ in range(2):
        _, error = invoke(pool, function, {})
        assert error["errorType"] == "Runtime.ExitError"
        assert "exit status 3" in error["errorMessage"]


def test_a_function_that_exceeds_its_timeout_is_killed(
    pool: FunctionPool, task_root: Path, tmp_path: Path
) -> None:
    pid_file = tmp_path / "pid"
    function = make_function(task_root, "handlers.sleep", timeout_s=1)
    failed, error = invoke(pool, function, {"pid_file": str(pid_file)})
    assert failed.error == "Unhandled"
    assert error["errorType"] == "Sandbox.Timedout"
    assert "Task timed out after 1.00 seconds" in error["errorMessage"]
    assert not is_alive(int(pid_file.read_text()))


def test_a_closed_pool_leaves_no_process_running_and_rejects_events(task_root: Path, tmp_path: Path) -> None:
    pool = FunctionPool(2, os.environ)
    _, idle = invoke(pool, make_function(task_root, "handlers.echo"), {})
    pid_file = tmp_path / "pid"
    function = make_function(task_root, "handlers.sleep", timeout_s=60)
    busy = threading.Thread(target=invoke, args=(pool, function, {"pid_file": str(pid_file)}), daemon=True)
    busy.start()
    wait_until(lambda: pid_file.exists() and pid_file.read_text() != "")
    pool.close()
    busy.join(timeout=20)
    assert not busy.is_alive()
    assert not is_alive(idle["pid"])
    assert not is_alive(int(pid_file.read_text()))
    with pytest.raises(RuntimeError, match="after the local stack had stopped"):
        pool.invoke(function, b"{}")


def test_events_wait_while_all_processes_of_a_function_are_busy(pool: FunctionPool, task_root: Path) -> None:
    function = make_function(task_root, "handlers.echo")
    with ThreadPoolExecutor(8) as callers:
        replies = list(callers.map(lambda number: invoke(pool, function, number)[1], range(8)))
    assert [reply["event"] for reply in replies] == list(range(8))
    assert len({reply["pid"] for reply in replies}) <= 2


def test_an_updated_function_gets_a_new_process(pool: FunctionPool, task_root: Path) -> None:
    _, before = invoke(pool, make_function(task_root, "handlers.echo", environment={"SETTING": "old"}), {})
    _, after = invoke(pool, make_function(task_root, "handlers.echo", environment={"SETTING": "new"}), {})
    assert (before["setting"], after["setting"]) == ("old", "new")
    assert not is_alive(before["pid"])


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def wait_until(condition: Callable[[], bool], timeout_s: float = 20) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, f"the condition was not met within {timeout_s} s"
        time.sleep(0.02)
