"""The option `--blur faces|people|all-but INDEX`."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any, get_args

from people_pathing.annotation.choices import AllBut, Part

ALL_BUT = "all-but"
LEFT_OVER = "words_after_blur"
"""Where the words after the option are kept: `--blur faces street.mp4` names the video, too."""


class BlurAction(argparse.Action):
    """Reads one word, or `all-but` and the number of a person."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,  # noqa: ARG002
        namespace: argparse.Namespace,
        values: str | Sequence[Any] | None,
        option_string: str | None = None,  # noqa: ARG002
    ) -> None:
        """Stores what is blurred. Raises ArgumentError if that is not known."""
        kind, *rest = list(values or ())
        if kind in get_args(Part):
            blur: object = kind
        elif kind != ALL_BUT:
            raise argparse.ArgumentError(self, f"{kind!r} is not faces, people or {ALL_BUT} INDEX")
        elif not rest or not rest[0].isdecimal():
            raise argparse.ArgumentError(
                self, f"give the number of a person: {ALL_BUT} INDEX, for example {ALL_BUT} 3"
            )
        else:
            blur = AllBut(int(rest.pop(0)))
        setattr(namespace, self.dest, blur)
        setattr(namespace, LEFT_OVER, rest)


def add_blur_option(parser: argparse.ArgumentParser) -> None:
    """Adds the option."""
    parser.add_argument(
        "--blur",
        action=BlurAction,
        nargs="+",
        metavar=("faces|people|all-but", "INDEX"),
        help="make faces, people, or all people except one unrecognisable in every frame. Faces and "
        "people that were not detected stay visible, so watch the video before you pass it on",
    )
    parser.set_defaults(**{LEFT_OVER: []})
