"""The command of the image check: what it asks of Docker and crun, and what it says where it cannot run."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from devstack.image_check import command
from devstack.image_check.buildah import Buildah
from devstack.image_check.sandbox import USER_ID, Program, run_with_crun, run_with_docker

RECORDER = f"""#!{sys.executable}
import json, os, sys
with open(os.environ["RECORDED"], "a") as recorded:
    print(json.dumps(sys.argv), file=recorded)
sys.exit(7)
"""


@pytest.fixture
def recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The arguments of each call of a container runtime, one JSON array per line. Each call fails with 7."""
    tools, calls = tmp_path / "tools", tmp_path / "calls"
    tools.mkdir()
    for name in ("docker", "unshare"):
        (tools / name).write_text(RECORDER)
        (tools / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tools}:/usr/bin:/bin")
    monkeypatch.setenv("RECORDED", str(calls))
    return calls


def test_docker_gives_the_program_no_rights_and_no_network(recorded: Path, tmp_path: Path) -> None:
    program = Program(("python", "-m", "check"), {"NAME": "value"}, {"/check": tmp_path})

    assert run_with_docker("worker:built", program) == 7

    [call] = map(json.loads, recorded.read_text().splitlines())
    image = call.index("worker:built")
    assert call[1:3] == ["run", "--rm"]
    assert {
        "--network=none",
        "--read-only",
        f"--user={USER_ID}:{USER_ID}",
        "--cap-drop=ALL",
        "--security-opt=no-new-privileges",
        "--env=NAME=value",
        f"--mount=type=bind,source={tmp_path},target=/check,readonly",
        "--entrypoint=python",
    } <= set(call[:image])
    assert [argument.partition(":")[0] for argument in call if "tmpfs" in argument] == ["--tmpfs=/tmp"]
    assert call[image + 1 :] == ["-m", "check"]


def test_crun_gives_the_program_no_rights_and_no_network(recorded: Path, tmp_path: Path) -> None:
    program = Program(("python",), {"NAME": "value"}, {"/check": tmp_path})

    assert run_with_crun(tmp_path / "root", ["PATH=/bin"], program, tmp_path / "scratch") == 7

    described = json.loads((tmp_path / "scratch" / "bundle" / "config.json").read_text())
    process = described["process"]
    assert described["root"] == {"path": str(tmp_path / "root"), "readonly": True}
    assert process["user"] == {"uid": USER_ID, "gid": USER_ID}
    assert (process["capabilities"], process["noNewPrivileges"]) == ({}, True)
    assert process["env"] == ["PATH=/bin", "NAME=value"]
    assert {"type": "network"} in described["linux"]["namespaces"]
    writable = {mount["destination"] for mount in described["mounts"] if "ro" not in mount.get("options", [])}
    assert writable == {"/proc", "/dev", "/tmp"}


@pytest.mark.parametrize(("in_ci", "status"), [("", 0), ("true", 1)])
def test_a_machine_without_buildah_gets_one_line(
    in_ci: str,
    status: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("CI", in_ci)

    assert command.main([]) == status

    printed = capsys.readouterr()
    assert printed.err == (
        "image-check: not run, because buildah is missing; `apt-get install buildah crun` installs it\n"
    )
    assert printed.out == ""


def test_a_machine_that_lets_buildah_do_nothing_gets_its_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("buildah", "crun"):
        (tools / name).write_text(
            "#!/bin/sh\necho 'some warning' >&2\necho 'Error: no mounts here' >&2\nexit 125\n"
        )
        (tools / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tools}:/usr/bin:/bin")
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setattr("os.geteuid", lambda: 0)

    assert command.check_or_say_why_not(Buildah(tmp_path / "storage"), {}) == 0

    assert capsys.readouterr().err == (
        "image-check: not run, because buildah cannot make a container: Error: no mounts here\n"
    )
