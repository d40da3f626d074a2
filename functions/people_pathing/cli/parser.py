"""The argument parser of the program and of each command."""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING, Any, Never

from people_pathing.cli.messages import flush_output, printable, show_formatted

if TYPE_CHECKING:
    from _typeshed import SupportsWrite


class Parser(argparse.ArgumentParser):
    """Accepts whole option names only, and escapes what the user typed in its error messages.

    An abbreviation in a script would change its meaning, or fail, when a new option starts like it.
    """

    def __init__(self, **settings: Any) -> None:
        """Creates a parser. Argparse creates the parsers of the commands in the same way."""
        super().__init__(**{"allow_abbrev": False, **settings})
        self._words: list[str] = []

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Parses words, and remembers them for the message of an error."""
        self._words = list(sys.argv[1:] if args is None else args)
        return super().parse_known_args(args, namespace)

    def error(self, message: str) -> Never:
        """Prints the usage and the message, and exits with status 2."""
        # Argparse takes a file whose name starts with a hyphen for an option.
        file = next((word for word in self._words if word.startswith("-") and os.path.lexists(word)), None)
        hint = f"; if {file} is a file, write ./{file}" if file else ""
        super().error(printable(message + hint))

    def print_help(self, file: SupportsWrite[str] | None = None) -> None:
        """Prints the help. On standard output, raises what `show` raises, which argparse would ignore."""
        if file is None:
            show_formatted(self.format_help().removesuffix("\n"))
        else:
            super().print_help(file)

    def exit(self, status: int = 0, message: str | None = None) -> Never:
        """Exits. Raises CommandError if the help cannot be written."""
        flush_output()
        super().exit(status, message)


class CommandListFormatter(argparse.HelpFormatter):
    """Shows each command and its summary on one line.

    Argparse leaves no room for the indentation of commands, so a long name would get a line of its own.
    """

    def add_argument(self, action: argparse.Action) -> None:
        """Adds an argument, and makes the first column wide enough for the longest command."""
        super().add_argument(action)
        if isinstance(action, argparse._SubParsersAction):
            width = self._current_indent + self._indent_increment + max(map(len, action.choices))
            self._action_max_length = max(self._action_max_length, width)
