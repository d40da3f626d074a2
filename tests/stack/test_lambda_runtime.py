"""The function processes alone: no server, no template."""

import json
import os
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from devstack.lambda_runtime import Function, FunctionPool, Invocation

HANDLERS = """
import os, time, sys

calls = 0


class OutOfRoomError(Exception):
    pass


def echo(event, context):
    global calls
    calls += 1
    print("seen", event)
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
    raise OutOfRoomError("no room for " + event["what"])


def sleep(event, context):
    open(event["mark"], "w").write(str(os.getpid()))
    time.sleep(60)


def leave(event, context):
    os._exit(3)
"""


@pytest.fixture
def task_root(tmp_path: Path) -> Path:
    root = tmp_path / "task"
    root.mkdir()
    (root / "handlers.py").write_text(f"HOST_HOME = {os.environ['HOME']!r}\n{HANDLERS}")
    (root / "broken.py").write_text("import a_module_that_is_not_there\n")
    return root


@pytest.fixture
def pool() -> Iterator[FunctionPool]:
    pool = FunctionPool(2, os.environ)
    yield pool
    pool.close()


def function(task_root: Path, handler: str, **fields: Any) -> Function:
    return Function(
        name="tried",
        arn="arn:aws:lambda:us-east-1:000000000000:function:tried",
        handler=handler,
        task_root=task_root,
        command=(sys.executable, "-m", "awslambdaric"),
        **fields,
    )


def invoke(pool: FunctionPool, tried: Function, event: object) -> tuple[Invocation, Any]:
    invocation = pool.invoke(tried, json.dumps(event).encode())
    return invocation, json.loads(invocation.payload)


def test_a_second_event_finds_the_process_of_the_first_still_warm(
    pool: FunctionPool, task_root: Path
) -> None:
    tried = function(task_root, "handlers.echo", environment={"SETTING": "on"}, timeout_s=30)
    cold, first = invoke(pool, tried, {"key": "ü"})
    warm, second = invoke(pool, tried, {"key": "b"})
    assert first["event"] == {"key": "ü"}
    assert (first["calls"], second["calls"]) == (1, 2)
    assert first["pid"] == second["pid"]
    assert first["setting"] == "on"
    assert first["home_is_private"]
    assert 0 < first["remaining_ms"] <= 30_000
    assert (cold.error, warm.error) == (None, None)
    assert cold.request_id == first["request_id"] != second["request_id"]


def test_the_log_of_an_event_is_what_was_printed_during_it(pool: FunctionPool, task_root: Path) -> None:
    tried = function(task_root, "handlers.echo")
    cold, _ = invoke(pool, tried, "one")
    warm, _ = invoke(pool, tried, "two")
    assert cold.log.splitlines() == ["seen one"]
    assert warm.log.splitlines() == ["seen two"]
    assert "Init Duration" in cold.report
    assert "Init Duration" not in warm.report
    assert warm.report.startswith(f"REPORT RequestId: {warm.request_id}\tDuration: ")


def test_an_exception_is_reported_with_its_own_type_and_trace(pool: FunctionPool, task_root: Path) -> None:
    failed, error = invoke(pool, function(task_root, "handlers.fail"), {"what": "this"})
    assert failed.error == "Unhandled"
    assert error["errorType"] == "OutOfRoomError"
    assert error["errorMessage"] == "no room for this"
    assert any("handlers.py" in line for line in error["stackTrace"])


def test_a_module_that_cannot_be_imported_fails_the_event(pool: FunctionPool, task_root: Path) -> None:
    failed, error = invoke(pool, function(task_root, "broken.handler"), {})
    assert failed.error == "Unhandled"
    assert error["errorType"] == "Runtime.ImportModuleError"
    assert "a_module_that_is_not_there" in error["errorMessage"]


def test_a_process_that_leaves_fails_its_event_and_the_next_gets_a_new_one(
    pool: FunctionPool, task_root: Path
) -> None:
    left = function(task_root, "handlers.leave")
    for _ in range(2):
        _, error = invoke(pool, left, {})
        assert error["errorType"] == "Runtime.ExitError"
        assert "exit status 3" in error["errorMessage"]


def test_a_function_over_its_time_is_killed(pool: FunctionPool, task_root: Path, tmp_path: Path) -> None:
    mark = tmp_path / "pid"
    failed, error = invoke(pool, function(task_root, "handlers.sleep", timeout_s=1), {"mark": str(mark)})
    assert failed.error == "Unhandled"
    assert error["errorType"] == "Sandbox.Timedout"
    assert "Task timed out after 1.00 seconds" in error["errorMessage"]
    assert not is_alive(int(mark.read_text()))


def test_a_closed_pool_leaves_no_process_behind_and_takes_no_event(task_root: Path, tmp_path: Path) -> None:
    pool = FunctionPool(2, os.environ)
    _, idle = invoke(pool, function(task_root, "handlers.echo"), {})
    mark = tmp_path / "pid"
    busy_function = function(task_root, "handlers.sleep", timeout_s=60)
    busy = threading.Thread(target=invoke, args=(pool, busy_function, {"mark": str(mark)}))
    busy.start()
    wait_for(lambda: mark.exists() and mark.read_text())
    pool.close()
    busy.join()
    assert not is_alive(idle["pid"])
    assert not is_alive(int(mark.read_text()))
    with pytest.raises(RuntimeError, match="after the local stack had stopped"):
        pool.invoke(busy_function, b"{}")


def test_more_events_than_processes_wait_their_turn(pool: FunctionPool, task_root: Path) -> None:
    tried = function(task_root, "handlers.echo")
    with ThreadPoolExecutor(8) as callers:
        replies = list(callers.map(lambda number: invoke(pool, tried, number)[1], range(8)))
    assert [reply["event"] for reply in replies] == list(range(8))
    assert len({reply["pid"] for reply in replies}) <= 2


def test_a_changed_function_is_not_served_by_its_old_process(pool: FunctionPool, task_root: Path) -> None:
    _, before = invoke(pool, function(task_root, "handlers.echo", environment={"SETTING": "old"}), {})
    _, after = invoke(pool, function(task_root, "handlers.echo", environment={"SETTING": "new"}), {})
    assert (before["setting"], after["setting"]) == ("old", "new")
    assert not is_alive(before["pid"])


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def wait_for(condition: Any) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)
