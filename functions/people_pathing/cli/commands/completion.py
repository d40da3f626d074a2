"""`people-pathing completion`: prints a script that lets a shell complete the command line."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from people_pathing.cli.arguments import (
    input_file,
    model,
    output_file,
    output_folder,
    path_or_key,
    result_folder_path,
    video_file,
)
from people_pathing.cli.messages import show_formatted

SUMMARY = "print a script for completion in a shell"
EXAMPLE = 'eval "$(people-pathing completion bash)"'

FILES = (video_file, input_file, output_file, model, path_or_key)
"""Types of arguments that name files. Folders are completed, too, on the way to a file."""

FOLDERS = (output_folder, result_folder_path)
"""Types of arguments that name folders."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of the command."""
    parser.add_argument("shell", choices=["bash", "zsh", "tcsh"], help="the shell that reads the script")


def run(options: argparse.Namespace) -> int:
    """Prints the script, which is made from the program's own parser."""
    import shtab

    from people_pathing.cli.main import build_parser

    parser = build_parser()
    for action in _actions(parser):
        if action.type in FILES:
            action.complete = shtab.FILE  # type: ignore[attr-defined]
        elif action.type in FOLDERS:
            action.complete = shtab.DIRECTORY  # type: ignore[attr-defined]
    show_formatted(shtab.complete(parser, options.shell))
    return 0


def _actions(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    """Yields the arguments of a parser and of its commands."""
    for action in parser._actions:
        yield action
        if isinstance(action, argparse._SubParsersAction):
            for command in action.choices.values():
                yield from _actions(command)
