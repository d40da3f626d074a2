"""Runs a program in an image as another user, on a read-only file system and without a network.

Docker runs the images that it has built. crun runs the root file system of an image that buildah has built:
buildah itself cannot run a program on a read-only file system.
"""

from __future__ import annotations

import json
import secrets
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

USER_ID = 65534
"""A user who owns nothing in the image. Lambda chooses one, too."""
TMP_BYTES = 512 * 1024 * 1024
"""The smallest size of /tmp that Lambda has."""
TIMEOUT_S = 600


@dataclass(frozen=True)
class Program:
    """A program to run in an image.

    Attributes:
        arguments: the program, as the image knows it, and its arguments.
        environment: variables that are added to those of the image.
        mounts: folders of this machine, by the paths under which the program can read them.
    """

    arguments: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    mounts: Mapping[str, Path] = field(default_factory=dict)


def run_with_docker(image: str, program: Program) -> int:
    """Runs a program in an image that Docker has. Returns its exit status."""
    variables = [f"--env={name}={value}" for name, value in program.environment.items()]
    mounts = [
        f"--mount=type=bind,source={source},target={target},readonly"
        for target, source in program.mounts.items()
    ]
    entry_point, *arguments = program.arguments
    command = [
        *("docker", "run", "--rm", "--network=none", "--read-only", f"--user={USER_ID}:{USER_ID}"),
        *("--cap-drop=ALL", "--security-opt=no-new-privileges", f"--tmpfs=/tmp:size={TMP_BYTES}"),
        *(*variables, *mounts, f"--entrypoint={entry_point}", image, *arguments),
    ]
    return subprocess.run(command, check=False, timeout=TIMEOUT_S).returncode  # noqa: S603 - docker


def run_with_crun(root: Path, image_environment: Sequence[str], program: Program, scratch: Path) -> int:
    """Runs a program in a root file system.

    Args:
        root: the root file system.
        image_environment: the image's variables, as NAME=VALUE.
        program: the program.
        scratch: a folder for the container's description and state.

    Returns:
        The exit status of the program.
    """
    bundle = scratch / "bundle"
    bundle.mkdir(parents=True, exist_ok=True)
    (bundle / "config.json").write_text(json.dumps(_description(root, image_environment, program)))
    crun = (
        "crun",
        "--root",
        str(scratch / "crun"),
        "--cgroup-manager=disabled",
        "run",
        "--bundle",
        str(bundle),
    )
    name = f"image-check-{secrets.token_hex(4)}"
    # crun refuses machines with control groups of both versions, even if it is told to use none.
    without_cgroups = (
        "unshare",
        "--mount",
        "sh",
        "-c",
        'mount -t tmpfs none /sys/fs/cgroup && exec "$@"',
        "sh",
    )
    return subprocess.run(  # noqa: S603 - crun
        [*without_cgroups, *crun, name], check=False, timeout=TIMEOUT_S
    ).returncode


def _description(root: Path, image_environment: Sequence[str], program: Program) -> dict[str, Any]:
    """Describes a container as the runtime specification of the Open Container Initiative says."""
    hardened = ["nosuid", "nodev"]
    return {
        "ociVersion": "1.0.0",
        "process": {
            "terminal": False,
            "user": {"uid": USER_ID, "gid": USER_ID},
            "args": list(program.arguments),
            "env": [*image_environment, *(f"{name}={value}" for name, value in program.environment.items())],
            "cwd": "/var/task",
            "capabilities": {},
            "noNewPrivileges": True,
        },
        "root": {"path": str(root), "readonly": True},
        "mounts": [
            {"destination": "/proc", "type": "proc", "source": "proc"},
            {"destination": "/dev", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "mode=755"]},
            {
                "destination": "/tmp",  # noqa: S108 - the container's
                "type": "tmpfs",
                "source": "tmpfs",
                "options": [*hardened, "mode=1777", f"size={TMP_BYTES}"],
            },
            *(
                {
                    "destination": target,
                    "type": "bind",
                    "source": str(source),
                    "options": ["rbind", "ro", *hardened],
                }
                for target, source in program.mounts.items()
            ),
        ],
        # crun turns on the loopback interface of a new network namespace, and it has no other one.
        "linux": {"namespaces": [{"type": kind} for kind in ("pid", "network", "ipc", "uts", "mount")]},
    }
