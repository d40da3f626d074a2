"""`people-pathing connect`: makes boto3 and the AWS CLI send the two operations to a stack."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from people_pathing.cli.arguments import non_empty, output_folder
from people_pathing.cli.aws import add_stack_name, aws_session, require_sdk, stack_outputs
from people_pathing.cli.errors import CommandError, as_command_errors
from people_pathing.cli.messages import say, show
from people_pathing.cli.outputs import require_outputs

if TYPE_CHECKING:
    import boto3

    from people_pathing.client_routing.data_files import Source
    from people_pathing.client_routing.data_folder import DataFolder
    from people_pathing.client_routing.route import Route

SUMMARY = "let boto3 and the AWS CLI call a stack's service"
EXAMPLE = "people-pathing connect --stack-name people-pathing"

OPERATIONS = "StartPersonTracking and GetPersonTracking"
_DEFAULT_FOLDER = "~/.aws/models"
_OVERRIDES = (
    "AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_REKOGNITION, AWS_DATA_PATH and their settings in your AWS profile"
)


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
        help=f"the folder of the data files (default: {_DEFAULT_FOLDER}, where boto3 and the AWS CLI look; "
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

    folder = DataFolder(options.out or _default_folder())
    with as_command_errors(ForeignFileError, UnsuitableSdkError):
        if options.remove:
            _remove(folder, options.region)
            return 0
        session = aws_session("connect", options.region)
        route = _route_of(session, options.stack_name)
        source = installed_source()
        if options.check:
            _check(folder, route, source, options.out)
        elif options.print_files:
            _print(_files(folder, route, source))
        else:
            _connect(folder, route, source, options.out)
    return 0


def _default_folder() -> Path:
    try:
        return Path(_DEFAULT_FOLDER).expanduser()
    except RuntimeError as error:
        raise CommandError(
            f"the folder {_DEFAULT_FOLDER} is unknown, because this user has no home; "
            "set HOME, or name a folder with --out"
        ) from error


def _route_of(session: boto3.Session, stack_name: str) -> Route:
    """Returns the route to a deployed stack."""
    from people_pathing.client_routing.route import Route

    region = session.client("cloudformation").meta.region_name
    outputs = stack_outputs(session, stack_name)
    return Route(
        region=region,
        url=outputs["RekognitionEndpointUrl"],
        # A stack without a service of its own names an endpoint that accepts Rekognition's signatures.
        signing_name="lambda" if "ArtifactBucketName" in outputs else "rekognition",
        # arn:aws:sns:REGION:ACCOUNT:NAME
        account=outputs["CompletionTopicArn"].split(":")[4],
        stack_name=stack_name,
    )


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
    require_outputs(folder.files)
    with folder.locked():
        folder.write(_files(folder, route, source))
    show(
        f"calls of {OPERATIONS} in {route.region} go to {route.url}",
        *(f"wrote {path}" for path in folder.files),
    )
    if out is not None:
        path = shlex.quote(str(out.absolute()))
        show(f"for every program that should use them: export AWS_DATA_PATH={path}")
    if problem := _problem_of_a_call(route, out):
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


def _check(folder: DataFolder, route: Route, source: Source, out: Path | None) -> None:
    """Shows that calls reach the stack.

    Raises:
        CommandError: they do not, or the files are not those that this version would write.
    """
    from people_pathing.client_routing.data_files import data_files, read_content

    target = f" --out {shlex.quote(str(out))}" if out else ""
    again = (
        f"run `people-pathing connect --stack-name {route.stack_name} --region {route.region}{target}` again"
    )
    contents = folder.contents()
    existing = next((found for found in folder.routes() if found.region == route.region), None)
    if existing is None:
        raise CommandError(f"{folder.path} does not connect {route.region}; {again}")
    if not existing.is_same_stack(route):
        raise CommandError(
            f"{folder.path} connects {route.region} to the stack {existing.stack_name} of the account "
            f"{existing.account}, not to {route.stack_name} of {route.account}"
        )
    if existing != route:
        raise CommandError(f"the endpoint of the stack is now {route.url}, not {existing.url}; {again}")
    for name, text in data_files(source, folder.routes()).items():
        found, current = contents.get(name), read_content(text)
        if found is None:
            raise CommandError(f"{folder.path / name} is missing; {again}")
        if current is None or found.merge != current.merge:
            raise CommandError(
                f"{folder.path / name} is stale: it was made by people-pathing {found.version} from botocore "
                f"{found.botocore_version}, and installed are {source.version} and "
                f"{source.botocore_version}; {again}"
            )
    if problem := _problem_of_a_call(route, out):
        raise CommandError(problem)
    show(f"calls of {OPERATIONS} in {route.region} go to {route.url}")


def _problem_of_a_call(route: Route, out: Path | None) -> str | None:
    """Returns why the installed boto3 does not send a call to the stack, or None if it does."""
    from botocore.exceptions import BotoCoreError

    from people_pathing.client_routing.installed_sdk import request_of_a_call

    try:
        sent = request_of_a_call(route.region, out)
    except BotoCoreError as error:
        return f"boto3 cannot call the stack: {error}; check {_OVERRIDES}"
    if sent.url.rstrip("/") != route.url.rstrip("/") or sent.scope != f"{route.region}/{route.signing_name}":
        return (
            f"boto3 does not use the files: its calls go to {sent.url}, signed for {sent.scope}; "
            f"check {_OVERRIDES}"
        )
    return None


def _regions(routes: Iterable[Route]) -> list[str]:
    return [route.region for route in routes]
