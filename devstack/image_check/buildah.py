"""Builds images with buildah, without a daemon and without a network."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


class CannotRunError(Exception):
    """Buildah cannot run on this machine. The message is one line."""


@dataclass(frozen=True)
class Buildah:
    """Builds images and mounts their root file systems.

    Attributes:
        storage: the folder for images and containers.
    """

    storage: Path

    def check(self) -> None:
        """Raises CannotRunError if buildah, or what runs its images, does not work here."""
        for command in ("buildah", "crun"):
            if shutil.which(command) is None:
                raise CannotRunError(f"{command} is missing; `apt-get install buildah crun` installs it")
        if os.geteuid() != 0:
            raise CannotRunError("buildah mounts file systems, which only root may do")
        tried = subprocess.run(  # noqa: S603 - buildah
            [*self._command, "from", "scratch"], capture_output=True, text=True, check=False
        )
        if tried.returncode:
            reason = tried.stderr.strip().splitlines()
            raise CannotRunError(f"buildah cannot make a container: {reason[-1] if reason else 'no reason'}")
        self._run("rm", tried.stdout.strip())

    def build(
        self,
        name: str,
        dockerfile: Path,
        context: Path,
        *,
        arguments: Mapping[str, str] | None = None,
        mounts: Mapping[str, Path] | None = None,
    ) -> None:
        """Builds an image. Layers whose inputs have not changed are taken from the storage.

        Args:
            name: the image's name.
            dockerfile: the Dockerfile.
            context: the folder that the Dockerfile copies from.
            arguments: build arguments.
            mounts: files and folders of this machine, by the paths under which the build can read them.

        Raises:
            subprocess.CalledProcessError: the build failed. buildah has written the reason.
        """
        given = [f"--build-arg={key}={value}" for key, value in (arguments or {}).items()]
        mounted = [f"--volume={source}:{target}:ro" for target, source in (mounts or {}).items()]
        self._run(
            *("build", "--quiet", "--layers", "--isolation=chroot", "--pull-never", *given, *mounted),
            *("--file", str(dockerfile), "--tag", name, str(context)),
        )

    def remove_old_images(self) -> None:
        """Removes images and layers that no named image consists of."""
        self._run("rmi", "--prune")

    @contextmanager
    def mounted(self, image: str) -> Iterator[Path]:
        """Gives the root file system of a new container of an image, which the caller may change."""
        container = self._run("from", "--pull-never", image)
        try:
            yield Path(self._run("mount", container))
        finally:
            self._run("rm", container)

    def environment_of(self, image: str) -> Sequence[str]:
        """Returns the variables of an image, as NAME=VALUE."""
        described = json.loads(self._run("inspect", "--type=image", image))
        variables: list[str] = described["OCIv1"]["config"]["Env"]
        return variables

    @property
    def _command(self) -> tuple[str, ...]:
        return (
            *("buildah", "--storage-driver=overlay"),
            *("--root", str(self.storage / "images"), "--runroot", str(self.storage / "run")),
        )

    def _run(self, *arguments: str) -> str:
        done = subprocess.run(  # noqa: S603 - buildah
            [*self._command, *arguments], stdout=subprocess.PIPE, text=True, check=True
        )
        return done.stdout.strip()
