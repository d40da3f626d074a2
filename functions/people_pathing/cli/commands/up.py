"""`people-pathing up`: leaves the stack running on this machine and shows how to use it."""

from __future__ import annotations

import argparse
import shlex
import time
from pathlib import Path
from typing import TYPE_CHECKING, Never

from people_pathing.cli.arguments import add_detector_options, port
from people_pathing.cli.checkout import require_checkout
from people_pathing.cli.errors import as_command_errors
from people_pathing.cli.messages import flush_output, say, show

if TYPE_CHECKING:
    from devstack.stack import LocalStack

SUMMARY = "run the stack on this machine until Ctrl-C"
EXAMPLE = "people-pathing up --port 4566"

DEFAULT_PORT = 4566


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
    root = require_checkout("up")
    from devstack.errors import LocalStackError
    from devstack.parameters import stack_parameters
    from devstack.stack import LocalStack
    from people_pathing.engine import DetectorError

    with as_command_errors(LocalStackError, DetectorError):
        parameters = stack_parameters(
            options.detector, options.model, options.input_px, options.face_model, say
        )
        with LocalStack(parameters=parameters, port=options.port, on_step=say) as stack:
            show(_instructions(stack, root))
            flush_output()
            while True:
                # Not signal.pause(): a signal that arrives just before that call would go unnoticed.
                time.sleep(1)


def _instructions(stack: LocalStack, root: Path) -> str:
    outputs = stack.outputs
    environment = {
        **stack.environment(),
        "AWS_ENDPOINT_URL_REKOGNITION": outputs["RekognitionEndpointUrl"],
        # Makes the AWS CLI and boto3 sign requests for a Function URL.
        "AWS_DATA_PATH": str(root / "aws-data"),
    }
    settings = "\n".join(
        f"  export {name}={shlex.quote(value)}"
        for name, value in environment.items()
        if name.startswith("AWS_")
    )
    return f"""
The stack is running on this machine only. In another terminal:

{settings}

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
