"""Whether calls of the two operations reach a stack: its route, and the data files that have it."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from people_pathing.cli.errors import CommandError

if TYPE_CHECKING:
    from people_pathing.client_routing.data_files import Source
    from people_pathing.client_routing.data_folder import DataFolder
    from people_pathing.client_routing.route import Route

OPERATIONS = "StartPersonTracking and GetPersonTracking"
DEFAULT_FOLDER = "~/.aws/models"
_OVERRIDES = (
    "AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_REKOGNITION, AWS_DATA_PATH and their settings in your AWS profile"
)


def default_folder() -> Path:
    """Returns the folder whose data files boto3 and the AWS CLI read.

    Raises:
        CommandError: the user has no home.
    """
    try:
        return Path(DEFAULT_FOLDER).expanduser()
    except RuntimeError as error:
        raise CommandError(
            f"the folder {DEFAULT_FOLDER} is unknown, because this user has no home; "
            "set HOME, or name a folder with --out"
        ) from error


def route_of(outputs: Mapping[str, str], region: str, stack_name: str) -> Route:
    """Returns the route to a deployed stack.

    Args:
        outputs: the outputs of the stack.
        region: its region.
        stack_name: its name.
    """
    from people_pathing.client_routing.route import Route

    return Route(
        region=region,
        url=outputs["RekognitionEndpointUrl"],
        # A stack without a service of its own names an endpoint that accepts Rekognition's signatures.
        signing_name="lambda" if "ArtifactBucketName" in outputs else "rekognition",
        # arn:aws:sns:REGION:ACCOUNT:NAME
        account=outputs["CompletionTopicArn"].split(":")[4],
        stack_name=stack_name,
    )


def require_current(folder: DataFolder, route: Route, source: Source, out: Path | None) -> None:
    """Makes sure that calls reach the stack through current data files.

    Args:
        folder: has the data files.
        route: the route to the stack.
        source: what current files are made from.
        out: the folder, if the user names one; None if boto3 finds it by itself.

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
    if problem := problem_of_a_call(route, out):
        raise CommandError(problem)


def problem_of_a_call(route: Route, out: Path | None) -> str | None:
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
