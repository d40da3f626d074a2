"""Checks of what `sam build` and `sam deploy` need on this machine."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from people_pathing.cli.doctor.subjects import Account
from people_pathing.common.finding import Finding, failed, ok, warning

_TIMEOUT_S = 20
_BUILD_BYTES = 8 * 1024**3
"""The worker's image and the layers that Docker keeps of its build."""
_SAM_ADVICE = (
    "install the SAM CLI: "
    "https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/install-sam-cli.html"
)
_IMAGE_ADVICE = (
    "start Docker or Finch, or install one of them (https://docs.docker.com/engine/install/); "
    'or build the image elsewhere: see "Without Docker" in docs/deploy.md'
)


def check_sam(_: Account) -> Finding:
    """Checks that the SAM CLI can be run."""
    if shutil.which("sam") is None:
        return failed("there is no command sam", _SAM_ADVICE)
    status, output = _run("sam", "--version")
    return ok(output) if status == 0 else failed(f"`sam --version` failed: {output}", _SAM_ADVICE)


def check_image_builder(_: Account) -> Finding:
    """Checks that Docker or Finch is running: one of them builds the worker's image."""
    problems = []
    if shutil.which("docker") is not None:
        status, output = _run("docker", "version", "--format", "{{.Server.Version}}")
        if status == 0:
            return ok(f"Docker {output}")
        problems.append(f"Docker does not answer: {output}")
    if shutil.which("finch") is not None:
        status, output = _run("finch", "version")
        if status == 0:
            return ok("Finch answers")
        problems.append(f"Finch does not answer: {output}")
    return warning(
        f"{'; '.join(problems) or 'there is no command docker and no command finch'}. "
        "One of them builds the worker's image",
        _IMAGE_ADVICE,
    )


def check_make(_: Account) -> Finding:
    """Checks that make and Python can be run, which build the zip functions."""
    missing = [name for name in ("make", "python3") if shutil.which(name) is None]
    if missing:
        return failed(f"there is no command {' and no command '.join(missing)}", "install what is missing")
    return ok("make and python3 can be run")


def check_disk(_: Account) -> Finding:
    """Checks that the disk has room for the build."""
    free = shutil.disk_usage(Path.cwd()).free
    message = f"{free / 1024**3:.0f} GiB are free on the disk of this folder"
    if free >= _BUILD_BYTES:
        return ok(message)
    return warning(message, f"make {_BUILD_BYTES // 1024**3} GiB free for the build of the worker's image")


def _run(*command: str) -> tuple[int, str]:
    """Runs a command. Returns its exit status and the first line that it printed."""
    try:
        done = subprocess.run(  # noqa: S603
            command, capture_output=True, text=True, check=False, timeout=_TIMEOUT_S
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return 1, str(error)
    lines = (done.stdout if done.returncode == 0 else done.stderr).split("\n")
    return done.returncode, next((line.strip() for line in lines if line.strip()), "it printed nothing")
