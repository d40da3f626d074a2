"""Parses the command line, runs one command and turns errors of the environment into one line."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Never, Protocol, cast

import people_pathing
from people_pathing.cli.environment_errors import environment_problem
from people_pathing.cli.errors import CommandError
from people_pathing.cli.messages import flush_output, say, show
from people_pathing.cli.parser import CommandListFormatter, Parser
from people_pathing.cli.streams import prepare_streams, settle_streams
from people_pathing.common.registry import Registry

if TYPE_CHECKING:
    from types import FrameType

COMMANDS = Registry("people_pathing.cli.commands", "command")
INTERRUPTED = 130
"""Exit status of a stopped command: what a shell reports for a program that SIGINT ended."""


class Command(Protocol):
    """What a module in `commands/` offers. The module's name is the command's name.

    Importing the module must be cheap: every call of the program imports all of them to build its help.

    Attributes:
        SUMMARY: what the command does, in one line.
        EXAMPLE: command lines that work, the most usual first.
    """

    SUMMARY: str
    EXAMPLE: str

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Adds the command's arguments to its parser."""

    def run(self, options: argparse.Namespace) -> int:
        """Runs the command and returns the exit status. Raises CommandError if it cannot do its work."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command.

    Args:
        arguments: the words after the program's name; by default those of this process.

    Returns:
        0, or 1 if something failed, 2 if no command is given, 130 if a signal stopped the command.

    Raises:
        SystemExit: the help was printed (status 0), or an argument is wrong (status 2).
    """
    prepare_streams()
    try:
        with _signals_interrupt():
            return _run_command(arguments)
    finally:
        settle_streams()


def _run_command(arguments: Sequence[str] | None) -> int:
    try:
        parser = build_parser()
        options = parser.parse_args(arguments)
        if options.show_version:
            show(f"people-pathing {people_pathing.__version__}")
            status = 0
        elif options.run is None:
            parser.print_help(sys.stderr)
            status = 2
        else:
            status = options.run(options)
        flush_output()
    except BrokenPipeError:
        # The program that reads the output has ended, as `head` does.
        return 1
    except KeyboardInterrupt:
        say("stopped")
        return INTERRUPTED
    except CommandError as error:
        say(f"error: {error}", *error.details)
        return 1
    except Exception as error:
        problem = environment_problem(error)
        if problem is None:
            raise
        say(f"error: {problem}")
        return 1
    return status


def build_parser() -> argparse.ArgumentParser:
    """Builds the parser of the whole command line from the modules in `commands/`."""
    parser = Parser(
        prog="people-pathing",
        formatter_class=CommandListFormatter,
        description="Find the path of every person in a video.",
        epilog="`people-pathing COMMAND --help` explains a command and shows an example.",
    )
    parser.add_argument(
        "--version", action="store_true", dest="show_version", help="show the version and exit"
    )
    parser.set_defaults(run=None)
    subparsers = parser.add_subparsers(title="commands", metavar="COMMAND")
    for name in COMMANDS.names():
        command = cast(Command, COMMANDS.load(name))
        subparser = subparsers.add_parser(
            name,
            help=command.SUMMARY,
            description=f"{command.SUMMARY[0].upper()}{command.SUMMARY[1:]}.",
            epilog=_examples(command.EXAMPLE.splitlines()),
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        command.add_arguments(subparser)
        subparser.set_defaults(run=command.run)
    return parser


def _examples(lines: Sequence[str]) -> str:
    return "\n  ".join(["example:" if len(lines) == 1 else "examples:", *lines])


@contextmanager
def _signals_interrupt() -> Iterator[None]:
    """Raises KeyboardInterrupt on SIGINT and SIGTERM, so that a stopped command cleans up.

    Python leaves SIGINT ignored if the parent process ignored it, as a shell does for background jobs and
    `nohup` does. The command would then never stop, so the handler is installed in any case.
    """
    previous = {number: signal.signal(number, _interrupt) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def _interrupt(_signal: int, _frame: FrameType | None) -> Never:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
