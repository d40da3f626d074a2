"""Finds the checkout that `run` and `up` need: the code that deploys the template is not in the wheel."""

from __future__ import annotations

import shlex
import sys
from importlib.util import find_spec
from pathlib import Path

import people_pathing
from people_pathing.cli.errors import CommandError

REPOSITORY_URL = "https://github.com/people-pathing/people-pathing"


def require_checkout(command: str) -> Path:
    """Makes the package `devstack` importable and returns the folder of the checkout.

    Args:
        command: the command's name, for the error message.

    Raises:
        CommandError: there is no checkout, only an installed package, or this is not the environment that
            the checkout's Makefile creates.
    """
    # An installed script has only functions/ on its path, and devstack/ is beside functions/.
    root = str(Path(people_pathing.__file__).resolve().parents[2])
    if root not in sys.path and Path(root, "devstack", "__init__.py").is_file():
        sys.path.append(root)
    devstack = find_spec("devstack")
    prepare = f"make .venv-aws/ready && .venv/bin/people-pathing {command}"
    if devstack is None or devstack.origin is None:
        raise CommandError(
            f"people-pathing {command} needs a checkout: git clone {REPOSITORY_URL} && "
            f"cd people-pathing && {prepare}"
        )
    checkout = Path(devstack.origin).resolve().parents[1]
    if find_spec("boto3") is None:
        raise CommandError(
            f"people-pathing {command} needs the environment of the checkout: "
            f"cd {shlex.quote(str(checkout))} && {prepare}"
        )
    return checkout
