"""`people-pathing env`: prints a shell's settings for the stack that `up` runs."""

from __future__ import annotations

import argparse
import os
import re
import shlex
from collections.abc import Mapping

from people_pathing.cli.arguments import DEFAULT_PORT, port
from people_pathing.cli.checkout import require_checkout
from people_pathing.cli.errors import as_command_errors
from people_pathing.cli.messages import show

SUMMARY = "print a shell's settings for the stack of `up`"
EXAMPLE = 'eval "$(people-pathing env)"'

_VARIABLE = re.compile(r"AWS_\w+", re.ASCII)
_KEPT = frozenset({"AWS_PAGER"})
"""How output is shown has no influence on which stack is reached."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of the command."""
    parser.add_argument(
        "--port",
        type=port,
        default=DEFAULT_PORT,
        metavar="N",
        help="port of the stack (default: %(default)s)",
    )


def run(options: argparse.Namespace) -> int:
    """Prints commands for sh, bash and zsh. They also undo what the shell's own settings would change."""
    require_checkout("env")
    from devstack.clients import without_proxy
    from devstack.errors import LocalStackError
    from devstack.running_stacks import settings_of

    with as_command_errors(LocalStackError):
        settings = settings_of(options.port)
    show(*shell_commands({**settings, **without_proxy(os.environ)}, os.environ))
    return 0


def shell_commands(settings: Mapping[str, str], environment: Mapping[str, str]) -> list[str]:
    """Returns commands that leave a shell with these AWS settings and no others.

    Args:
        settings: environment variables to export.
        environment: the shell's environment. Each of its other AWS variables may name other credentials,
            another endpoint or another way to call a service, so all are removed.
    """
    others = sorted(
        name for name in environment if _VARIABLE.fullmatch(name) and name not in {*settings, *_KEPT}
    )
    unset = [f"unset {' '.join(others)}"] if others else []
    return [*unset, *(f"export {name}={shlex.quote(value)}" for name, value in settings.items())]
