import socket
import time
from pathlib import Path

import pytest

from devstack.errors import LocalStackError
from devstack.stack import LocalStack


def test_without_its_tools_the_stack_names_the_command_that_installs_them(tmp_path: Path) -> None:
    with pytest.raises(LocalStackError, match=r"missing.*make"), LocalStack(tools=tmp_path / "nowhere"):
        pass


def test_a_port_that_is_in_use_is_named_in_the_error(tmp_path: Path) -> None:
    interpreter = tmp_path / "bin" / "python"
    interpreter.parent.mkdir()
    interpreter.touch()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        with (
            pytest.raises(LocalStackError, match=f"port {port} cannot be used"),
            LocalStack(port=port, tools=tmp_path),
        ):
            pass


FAKE_SERVER = """#!/usr/bin/env python3
import os, sys
print("listening")
sys.stdout.flush()
sys.stdin.read()
"""


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    """Returns tools whose server does nothing but wait."""
    interpreter = tmp_path / "bin" / "python"
    interpreter.parent.mkdir()
    interpreter.write_text(FAKE_SERVER)
    interpreter.chmod(0o755)
    return tmp_path


@pytest.fixture
def stack(tools: Path, monkeypatch: pytest.MonkeyPatch) -> LocalStack:
    """Returns a stack that starts its server and deploys nothing."""
    monkeypatch.setattr(LocalStack, "_start", lambda self, cleanup: cleanup.enter_context(self._server))
    return LocalStack(tools=tools)


def kill_server(stack: LocalStack) -> None:
    """Kills the server after it has written its log."""
    while (stack.log_dir / "server.log").read_text() == "":
        time.sleep(0.01)
    process = stack._server._process
    assert process is not None
    process.kill()
    process.wait(timeout=10)


def test_a_server_that_was_killed_is_noticed_and_its_log_is_shown(stack: LocalStack) -> None:
    with stack:
        stack.require_running()
        kill_server(stack)

        with pytest.raises(LocalStackError, match=r"server has ended \(signal SIGKILL\)") as raised:
            stack.require_running()

    assert raised.value.details == ("listening",)


def test_work_that_fails_because_the_server_has_ended_reports_the_server(stack: LocalStack) -> None:
    def connect_to_a_killed_server() -> None:
        with stack:
            kill_server(stack)
            raise ConnectionRefusedError

    with pytest.raises(LocalStackError, match="the local server has ended") as raised:
        connect_to_a_killed_server()
    assert isinstance(raised.value.__context__, ConnectionRefusedError)


def test_work_that_fails_while_the_server_runs_keeps_its_error(stack: LocalStack) -> None:
    with pytest.raises(ValueError, match="mine"), stack:
        raise ValueError("mine")


def test_a_stack_that_is_not_running_has_no_session() -> None:
    with pytest.raises(LocalStackError, match="not running"):
        LocalStack().session()
