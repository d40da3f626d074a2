import socket
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


def test_a_stack_that_is_not_running_has_no_session() -> None:
    with pytest.raises(LocalStackError, match="not running"):
        LocalStack().session()
