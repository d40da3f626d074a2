"""`people-pathing up`: leaves the stack running on this machine and shows how to use it."""

from __future__ import annotations

import argparse
import shlex
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Never

from people_pathing.cli.arguments import DEFAULT_PORT, add_detector_options, port
from people_pathing.cli.checkout import require_checkout
from people_pathing.cli.errors import as_command_errors
from people_pathing.cli.messages import flush_output, say, show

if TYPE_CHECKING:
    from devstack.stack import LocalStack
    from people_pathing.cli.overview.live_stack import LiveStack

SUMMARY = "run the stack on this machine until Ctrl-C"
EXAMPLE = "people-pathing up --port 4566"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of the command."""
    parser.add_argument(
        "--port",
        type=port,
        default=DEFAULT_PORT,
        metavar="N",
        help="port on 127.0.0.1; 0 is any free port (default: %(default)s)",
    )
    add_detector_options(parser)


def run(options: argparse.Namespace) -> Never:
    """Starts the stack, prints how to use it and waits for a signal, which main() raises as an exception."""
    require_checkout("up")
    from devstack.errors import LocalStackError
    from devstack.page_server import PageServer
    from devstack.parameters import stack_parameters
    from devstack.running_stacks import announced
    from devstack.stack import LocalStack
    from people_pathing.engine import DetectorError

    with as_command_errors(LocalStackError, DetectorError):
        parameters = stack_parameters(
            options.detector,
            options.model,
            options.input_px,
            options.face_model,
            say,
            options.reidentification_model,
        )
        with (
            LocalStack(parameters=parameters, port=options.port, on_step=say) as stack,
            TemporaryDirectory(prefix="people-pathing-") as data_path,
            PageServer(_videos(stack)) as pages,
            announced(stack.port, _settings(stack, Path(data_path))),
        ):
            show(*_instructions(stack, pages.address).splitlines())
            flush_output()
            while True:
                stack.require_running()
                # Not signal.pause(): a signal that arrives just before that call would go unnoticed.
                time.sleep(1)


def _videos(stack: LocalStack) -> LiveStack:
    """Returns what the page shows."""
    from people_pathing.cli.deployed_stack import DeployedStack
    from people_pathing.cli.overview.live_stack import LiveStack

    deployed = DeployedStack.of(stack.outputs, stack.client("s3"), stack.client("dynamodb"))
    return LiveStack(deployed)


def _settings(stack: LocalStack, data_path: Path) -> dict[str, str]:
    """Returns the environment variables that lead the AWS CLI and the SDKs to the stack.

    Args:
        stack: the running stack.
        data_path: a folder for the data files that make boto3 and the AWS CLI sign for the stack, and find
            its queues.
    """
    from devstack.clients import write_data_files, write_queue_rules

    write_queue_rules(data_path, stack.endpoint_url)
    write_data_files(data_path, stack.outputs["RekognitionEndpointUrl"])
    return {
        **{name: value for name, value in stack.environment().items() if name.startswith("AWS_")},
        "AWS_ENDPOINT_URL_REKOGNITION": stack.outputs["RekognitionEndpointUrl"],
        "AWS_DATA_PATH": str(data_path),
    }


def _instructions(stack: LocalStack, page_address: str) -> str:
    outputs = stack.outputs
    program = shlex.quote(str(Path(sys.executable).with_name("people-pathing")))
    port_option = "" if stack.port == DEFAULT_PORT else f" --port {stack.port}"
    return f"""
The stack is running on this machine only. See all videos in a browser, and drop new ones there:

  {page_address}

In another terminal (sh, bash or zsh):

  eval "$({program} env{port_option})"

upload a video:
  aws s3 cp VIDEO.mp4 s3://{outputs["VideoBucketName"]}/

list the jobs:
  people-pathing jobs
  aws dynamodb scan --table-name {outputs["JobTableName"]} --query "Items[].[key.S, state.S]" --output table

call the service itself:
  aws rekognition start-person-tracking \\
    --video '{{"S3Object":{{"Bucket":"{outputs["VideoBucketName"]}","Name":"VIDEO.mp4"}}}}'
  aws rekognition get-person-tracking --job-id JOB_ID

read the results:
  aws s3 ls --recursive s3://{outputs["ResultsBucketName"]}/
  aws s3 sync s3://{outputs["ResultsBucketName"]}/ out/

Ctrl-C stops the stack and deletes everything in it.
"""
