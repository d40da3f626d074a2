"""Builds and deploys the template with the AWS SAM CLI."""

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from devstack.clients import environment_without_aws
from devstack.errors import LocalStackError
from devstack.folders import BUILD, FUNCTIONS, REPOSITORY, last_lines, remove_old_folders

IMAGE_FUNCTIONS = ("PlanJob", "DetectSegment", "AssociateWindow", "LinkTracks", "AnalyzeResults")
ARTIFACT_BUCKET = "sam-artifacts"
IMAGE_NAME = "people-pathing-worker"
_TIMEOUT_S = 300
_LENGTH_OF_MODEL_PATH = re.compile(r"(?m)^(  \w+Model:\n(?:    .*\n)*?)    MaxLength: .*\n")
_BUILD_FORMAT = b"3"
"""Raise it when `Sam.build` makes something else of the same sources."""
# These files go into the zips. The engine is in no zip: the functions that use it run from its sources.
_BUILD_INPUTS = (
    "template.yaml",
    "samconfig.toml",
    "statemachine",
    "functions/Makefile",
    "functions/pip.conf",
    "functions/pip_settings.mk",
    "functions/requirements.txt",
    "functions/people_pathing/__init__.py",
    "functions/people_pathing/analysis",
    "functions/people_pathing/common",
    "functions/people_pathing/pipeline",
    "functions/people_pathing/report",
    "functions/people_pathing/results",
    "functions/people_pathing/service",
    "functions/people_pathing/smoke_test",
    "functions/people_pathing/tables",
)


@dataclass(frozen=True)
class Release:
    """The sources of one release.

    Attributes:
        root: the folder with template.yaml and everything that it names.
        image_root: the folder in which the functions of the image run.
    """

    root: Path = REPOSITORY
    image_root: Path = FUNCTIONS


class Sam:
    """Runs the SAM CLI against a local server."""

    def __init__(self, tools: Path, log_dir: Path) -> None:
        """Prepares the command.

        Args:
            tools: the virtual environment that has the SAM CLI.
            log_dir: the folder for the output of each command.
        """
        self._interpreter = tools / "bin" / "python"
        self._log_dir = log_dir

    def build(self, root: Path, environment: Mapping[str, str]) -> Path:
        """Builds the functions, unless a build of the same sources exists.

        Args:
            root: the folder with template.yaml and everything that it names.
            environment: the AWS settings of the command.

        Returns:
            The path of the built template. The name of its folder is the tag of the image that it names.

        Raises:
            LocalStackError: the build failed.
        """
        builds = BUILD / "sam"
        builds.mkdir(parents=True, exist_ok=True)
        target = builds / build_digest(root)
        with (builds / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not target.exists():
                remove_old_folders(builds)
                unfinished = builds / "unfinished"
                shutil.rmtree(unfinished, ignore_errors=True)
                # Image functions need no image here: the server runs them from their sources.
                excluded = [word for name in IMAGE_FUNCTIONS for word in ("--exclude", name)]
                self._run("build", root, environment, "--parallel", "--build-dir", str(unfinished), *excluded)
                template = unfinished / "template.yaml"
                template.write_text(_adapted(template.read_text(), target.name))
                unfinished.rename(target)
        return target / "template.yaml"

    def deploy(
        self,
        template: Path,
        stack_name: str,
        parameters: Mapping[str, str],
        environment: Mapping[str, str],
    ) -> None:
        """Deploys a built template.

        Args:
            template: the built template.
            stack_name: the name of the stack.
            parameters: the template's parameters.
            environment: the AWS settings of the command.

        Raises:
            LocalStackError: the deployment failed.
        """
        quoted = {name: re.sub(r'(["\\])', r"\\\1", value) for name, value in parameters.items()}
        overrides = [f'{name}="{value}"' for name, value in quoted.items()]
        self._run(
            "deploy",
            REPOSITORY,
            environment,
            *("--template-file", str(template), "--stack-name", stack_name),
            *(["--parameter-overrides", *overrides] if overrides else []),
        )

    def _run(self, command: str, folder: Path, environment: Mapping[str, str], *arguments: str) -> None:
        config = ("--config-file", str(REPOSITORY / "samconfig.toml"), "--config-env", "local")
        path = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)))
        log = self._log_dir / f"sam-{command}.log"
        with log.open("wb") as output:
            try:
                status = subprocess.run(  # noqa: S603 - sam from our own virtual environment
                    # The console script does not start if its path has a space in it. The module always does.
                    [str(self._interpreter), "-P", "-m", "samcli", command, *config, *arguments],
                    cwd=folder,
                    env={
                        # Proxies and package indexes apply. functions/Makefile drops other settings.
                        **environment_without_aws(),
                        **environment,
                        "PATH": path,
                        "SAM_CLI_TELEMETRY": "0",
                        "SAM_CLI_POLL_DELAY": "0.2",
                        # As in the Makefile: uv then trusts the machine's own certificates.
                        "UV_SYSTEM_CERTS": "1",
                    },
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    timeout=_TIMEOUT_S,
                    check=False,
                ).returncode
            except subprocess.TimeoutExpired as error:
                raise LocalStackError(
                    f"sam {command} did not finish within {_TIMEOUT_S} s:", last_lines(log)
                ) from error
        if status:
            raise LocalStackError(f"sam {command} failed:", last_lines(log))


def _adapted(template: str, tag: str) -> str:
    """Returns a built template for images that run from their sources.

    The command gives each image that it builds a tag of its own. And the template limits the paths of models
    in an image, which are shorter than paths on this machine.
    """
    tagged = template.replace(f"{IMAGE_NAME}:latest", f"{IMAGE_NAME}:{tag}")
    return _LENGTH_OF_MODEL_PATH.sub(r"\1", tagged)


def build_digest(root: Path) -> str:
    """Computes a digest over the names and contents of all files that go into a build.

    Args:
        root: the repository.

    Returns:
        16 hexadecimal digits.
    """
    # The built template names some sources by their path, so another folder needs a build of its own.
    digest = hashlib.sha256(_BUILD_FORMAT + os.fsencode(root.resolve()))
    for path in (root / name for name in _BUILD_INPUTS):
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            relative = file.relative_to(root)
            if file.is_file() and not any(part.startswith((".", "__pycache__")) for part in relative.parts):
                digest.update(f"{relative}\0".encode())
                digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()[:16]
