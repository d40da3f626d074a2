import stat
import subprocess
import sys
from pathlib import Path

import pytest

from devstack.errors import LocalStackError
from devstack.running_stacks import announced, settings_of

SETTINGS = {"AWS_ENDPOINT_URL": "http://127.0.0.1:4566", "AWS_SECRET_ACCESS_KEY": "secret"}


def test_the_settings_of_a_running_stack_are_found_by_its_port(tmp_path: Path) -> None:
    with announced(4566, SETTINGS, tmp_path):
        assert settings_of(4566, tmp_path) == SETTINGS
        with pytest.raises(LocalStackError, match="no stack runs on port 4567"):
            settings_of(4567, tmp_path)
    with pytest.raises(
        LocalStackError, match="no stack runs on port 4566; start one with `people-pathing up`"
    ):
        settings_of(4566, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_other_users_cannot_read_the_settings(tmp_path: Path) -> None:
    (tmp_path / "4566.json").touch(mode=0o666)
    with announced(4566, SETTINGS, tmp_path):
        assert stat.S_IMODE((tmp_path / "4566.json").stat().st_mode) == 0o600


def test_the_settings_that_a_killed_process_leaves_are_not_used(tmp_path: Path) -> None:
    program = (
        "import os, signal, sys; from pathlib import Path; from devstack.running_stacks import announced\n"
        "with announced(4566, {}, Path(sys.argv[1])): os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run(
        [sys.executable, "-c", program, tmp_path], cwd=Path(__file__).parents[3], check=False, timeout=60
    )

    assert (tmp_path / "4566.json").exists()
    with pytest.raises(LocalStackError, match="no stack runs"):
        settings_of(4566, tmp_path)
    with announced(4566, SETTINGS, tmp_path):
        assert settings_of(4566, tmp_path) == SETTINGS
