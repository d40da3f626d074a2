"""`people-pathing run`: uploads videos to a stack of its own, follows the jobs and fetches the results."""

from __future__ import annotations

import argparse
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from people_pathing.cli.arguments import add_detector_options, output_folder, video_file
from people_pathing.cli.checkout import require_checkout
from people_pathing.cli.errors import CommandError, as_command_errors
from people_pathing.cli.messages import say, show
from people_pathing.cli.progress import progress

if TYPE_CHECKING:
    from people_pathing.cli.deployed_stack import DeployedStack
    from people_pathing.pipeline.job_record import JobRecord
    from people_pathing.pipeline.video import Video

SUMMARY = "track videos through the whole stack on this machine"
EXAMPLE = "people-pathing run street.mp4 yard.mov --out out"

POLL_INTERVAL_S = 0.25
EVENT_TIMEOUT_S = 60.0
"""An upload's event arrives within a second on one machine. After this time without a job, none will come."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of the command."""
    parser.description = (
        f"{parser.description} The service gives people who come back after a long time a new number; "
        "`people-pathing track --recognise-returns` lets them keep theirs."
    )
    parser.add_argument("videos", type=video_file, nargs="+", metavar="VIDEO", help="a video file")
    parser.add_argument(
        "--out",
        type=output_folder,
        default=Path("out"),
        metavar="DIR",
        help="write the results of each video into a folder in DIR (default: %(default)s)",
    )
    add_detector_options(parser)


def run(options: argparse.Namespace) -> int:
    """Tracks the videos and prints their people. Returns 1 if a video has no results."""
    require_checkout("run")
    from devstack.errors import LocalStackError
    from devstack.parameters import stack_parameters
    from devstack.stack import LocalStack
    from people_pathing.cli.deployed_stack import DeployedStack
    from people_pathing.cli.outputs import require_no_inputs, require_outputs
    from people_pathing.cli.result_folder import result_folder, result_paths
    from people_pathing.engine import DetectorError
    from people_pathing.pipeline.events.skip_reasons import skip_reason

    files = assign_keys(options.videos)
    for key, path in files.items():
        if path.stat().st_size == 0:
            raise CommandError(f"{path}: the file is empty")
        if reason := skip_reason(key):
            raise CommandError(f"{path}: the pipeline would skip this file: {reason}")
    folders = {key: result_folder(options.out, key) for key in files}
    outputs = [path for folder in folders.values() for path in result_paths(folder)]
    require_outputs(outputs)
    require_no_inputs(outputs, {f"the video {key}": path for key, path in files.items()})
    with as_command_errors(LocalStackError, DetectorError):
        parameters = stack_parameters(
            options.detector,
            options.model,
            options.input_px,
            options.face_model,
            say,
            options.reidentification_model,
        )
        with LocalStack(parameters=parameters, on_step=say) as local:
            stack = DeployedStack.of(local.outputs, local.client("s3"), local.client("dynamodb"))
            videos = {key: stack.upload(path, key) for key, path in files.items()}
            records = _await_jobs(stack, videos)
            return max(_fetch(stack, key, records.get(key), folder) for key, folder in folders.items())


def assign_keys(paths: Sequence[Path]) -> dict[str, Path]:
    """Gives each file a key: its name, with a number if another file has the same name."""
    keys: dict[str, Path] = {}
    for path in paths:
        key, number = path.name, 1
        while key in keys:
            number += 1
            key = f"{path.stem}-{number}{path.suffix}"
        keys[key] = path
    return keys


def _await_jobs(stack: DeployedStack, videos: Mapping[str, Video]) -> dict[str, JobRecord]:
    """Waits until all jobs have ended. A video without a job is given up after EVENT_TIMEOUT_S."""
    records: dict[str, JobRecord] = {}
    event_deadline_s = time.monotonic() + EVENT_TIMEOUT_S
    with progress("tracking") as report:
        while True:
            for key, video in videos.items():
                if (record := stack.record(video)) is not None:
                    records[key] = record
            report(sum(stack.progress(record) for record in records.values()) / len(videos))
            expected = videos.keys() if time.monotonic() < event_deadline_s else records.keys()
            if all(key in records and not records[key].is_open for key in expected):
                return records
            time.sleep(POLL_INTERVAL_S)


def _fetch(stack: DeployedStack, key: str, record: JobRecord | None, folder: Path) -> int:
    """Fetches and prints the results of one video. Returns the exit status."""
    from people_pathing.cli.listings.people import print_people, read_people

    if record is None:
        say(f"{key}: FAILED: the pipeline recorded no job; see StartTracking.log in the stack's logs")
        return 1
    if record.state != "SUCCEEDED":
        say(f"{key}: {record.state}: {record.reason or ''}")
        return 1
    stack.fetch_results(record, folder)
    show("", f"{key}: results in {folder}", "")
    print_people(read_people(folder))
    return 0
