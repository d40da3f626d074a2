"""`people-pathing connect`: makes boto3 and the AWS CLI send the two operations to a stack."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from people_pathing.cli.arguments import non_empty, output_folder
from people_pathing.cli.aws import add_stack_name, aws_session, require_sdk, stack_outputs
from people_pathing.cli.call_routing import (
    DEFAULT_FOLDER,
    OPERATIONS,
    default_folder,
    problem_of_a_call,
    require_current,
    route_of,
)
from people_pathing.cli.errors import CommandError, as_command_errors
from people_pathing.cli.messages import say, show
from people_pathing.cli.outputs import require_outputs

if TYPE_CHECKING:
    from people_pathing.client_routing.data_files import Source
    from people_pathing.client_routing.data_folder import DataFolder
    from people_pathing.client_routing.route import Route

SUMMARY = "let boto3 and the AWS CLI call a stack's service"
EXAMPLE = "people-pathing connect --stack-name people-pathing"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of the command."""
    add_stack_name(parser)
    parser.add_argument(
        "--region",
        type=non_empty,
        metavar="NAME",
        help="the region of the stack, and of the calls that it answers (default: that of your AWS profile)",
    )
    parser.add_argument(
        "--out",
        type=output_folder,
        metavar="DIR",
        help=f"the folder of the data files (default: {DEFAULT_FOLDER}, where boto3 and the AWS CLI look; "
        "they look in another one if AWS_DATA_PATH names it)",
    )
    modes = parser.add_mutually_exclusive_group()
    modes.add_argument(
        "--print", action="store_true", dest="print_files", help="print the files and write nothing"
    )
    modes.add_argument(
        "--check", action="store_true", help="check that the files are current and used, and write nothing"
    )
    modes.add_argument(
        "--remove",
        action="store_true",
        help="remove the files; with --region, only what they say about that region",
    )


def run(options: argparse.Namespace) -> int:
    """Writes, prints, checks or removes the data files.

    Raises:
        CommandError: the stack cannot be used, a file is in the way, or the check failed.
    """
    require_sdk("connect")
    from people_pathing.client_routing.data_folder import DataFolder, ForeignFileError
    from people_pathing.client_routing.installed_sdk import UnsuitableSdkError, installed_source

    folder = DataFolder(options.out or default_folder())
    with as_command_errors(ForeignFileError, UnsuitableSdkError):
        if options.remove:
            _remove(folder, options.region)
            return 0
        session = aws_session("connect", options.region)
        region = session.client("cloudformation").meta.region_name
        route = route_of(stack_outputs(session, options.stack_name), region, options.stack_name)
        source = installed_source()
        if options.check:
            require_current(folder, route, source, options.out)
            show(f"calls of {OPERATIONS} in {route.region} go to {route.url}")
        elif options.print_files:
            _print(_files(folder, route, source))
        else:
            _connect(folder, route, source, options.out)
    return 0


def _files(folder: DataFolder, route: Route, source: Source) -> dict[str, str]:
    """Returns the files with one more route.

    Raises:
        CommandError: another stack is connected in that region.
        ForeignFileError: a file is in the way.
    """
    from people_pathing.client_routing.data_files import data_files

    folder.require_writable_by_us()
    others = []
    for existing in folder.routes():
        if existing.region != route.region:
            others.append(existing)
        elif not existing.is_same_stack(route):
            raise CommandError(
                f"{folder.path} already connects {route.region} to the stack {existing.stack_name} of the "
                f"account {existing.account}; remove that with --remove --region {route.region}, "
                "or name another folder with --out"
            )
    return data_files(source, [*others, route])


def _connect(folder: DataFolder, route: Route, source: Source, out: Path | None) -> None:
    # Only the folder itself, because another process may be deleting the folders inside it with `--remove`.
    require_outputs([folder.path / file.name for file in folder.files])
    with folder.locked():
        require_outputs(folder.files)
        folder.write(_files(folder, route, source))
    show(
        f"calls of {OPERATIONS} in {route.region} go to {route.url}",
        *(f"wrote {path}" for path in folder.files),
    )
    if out is not None:
        path = shlex.quote(str(out.absolute()))
        show(f"for every program that should use them: export AWS_DATA_PATH={path}")
    if problem := problem_of_a_call(route, out):
        say(f"warning: {problem}")


def _print(files: Mapping[str, str]) -> None:
    for name, text in files.items():
        show(f"# {name}", *text.splitlines())


def _remove(folder: DataFolder, region: str | None) -> None:
    from people_pathing.client_routing.data_files import data_files
    from people_pathing.client_routing.installed_sdk import installed_source

    missing = CommandError(
        f"{folder.path} has no files of people-pathing" + (f" for {region}" if region else "")
    )
    if not folder.contents():
        raise missing
    with folder.locked():
        routes = folder.routes()
        if region and region not in _regions(routes):
            raise missing
        kept = [route for route in routes if region and route.region != region]
        if kept:
            folder.write(data_files(installed_source(), kept))
            show(f"{region} is not connected any more; {', '.join(_regions(kept))} still is")
        else:
            folder.remove()
            show(f"removed {' and '.join(map(str, folder.files))}")


def _regions(routes: Iterable[Route]) -> list[str]:
    return [route.region for route in routes]
