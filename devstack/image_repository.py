"""Makes `sam deploy` push the worker's image to one repository, for all functions that run it.

SAM's own choice (resolve_image_repos) is a repository for each function. It also deletes the repository of a
function that is no longer in the template, while jobs may still use its versions.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import tomlkit

from devstack.folders import REPOSITORY
from devstack.sam import IMAGE_FUNCTIONS

_URI = re.compile(r"[0-9]{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com/[a-z0-9._/-]+")


def set_image_repository(samconfig: Path, uri: str) -> None:
    """Writes the repository of each image function into samconfig.toml.

    Args:
        samconfig: the file. Everything else in it stays as it is.
        uri: the address of the repository.

    Raises:
        ValueError: this is not the address of a repository in ECR.
    """
    if not _URI.fullmatch(uri):
        raise ValueError(f"{uri!r} is not ACCOUNT.dkr.ecr.REGION.amazonaws.com/NAME")
    document = tomlkit.parse(samconfig.read_text())
    parameters = document["default"]["deploy"]["parameters"]
    # SAM accepts only one of these.
    for other in ("resolve_image_repos", "image_repository"):
        parameters.pop(other, None)
    parameters["image_repositories"] = [f"{name}={uri}" for name in IMAGE_FUNCTIONS]
    samconfig.write_text(tomlkit.dumps(document))


if __name__ == "__main__":
    set_image_repository(REPOSITORY / "samconfig.toml", sys.argv[1])
