"""`people-pathing run`: uploads videos to a stack of its own, follows the jobs and fetches the results."""

from __future__ import annotations

import argparse
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from people_pathing.cli.arguments import add_detector_options, output_folder, video_file
from people_pathing.cli.checkout import require_checkout
from people_pathing.cli.errors import CommandError, as_command_errors
from people_pathing.cli.listings.people import (
    PersonSummary,
    json_members,
    people_count,
    print_people,
    read_people,
)
from people_pathing.cli.messages import flush_output, say, show
from people_pathing.cli.progress import format_duration, progress_of_each
from people_pathing.cli.tables import print_json
from people_pathing.common.clock import now_ms

if TYPE_CHECKING:
    from people_pathing.cli.deployed_stack import DeployedStack
    from people_pathing.pipeline.job_record import JobRecord
    from people_pathing.pipeline.video import Video

SUMMARY = "track videos through the whole stack on this machine"
EXAMPLE = """\
people-pathing run street.mp4 yard.mov --out out
people-pathing run street.mp4 --face-model centerface --json"""

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
        help="write the results of each video into the folder DIR/KEY/VERSION, as `aws s3 sync` does with "
        "the results bucket (default: %(default)s)",
    )
    parser.add_argument("--json", action="store_true", help="print JSON: an array with a line for each video")
    add_detector_options(parser)


def run(options: argparse.Namespace) -> int:
    """Tracks the videos and prints their people. Returns 1 if a video has no results."""
    require_checkout("run")
    from devstack.errors import LocalStackError
    from devstack.parameters import stack_parameters
    from devstack.stack import LocalStack
    from people_pathing.cli.deployed_stack import DeployedStack
    from people_pathing.cli.outputs import require_no_inputs, require_outputs
    from people_pathing.cli.reports.result_report import report_path
    from people_pathing.cli.result_folder import result_folder, result_paths
    from people_pathing.engine import DetectorError

    files = assign_keys(options.videos)
    for key, path in files.items():
        if reason := _refusal(key, path):
            raise CommandError(f"{path}: {reason}")
    # The version is known only after the upload.
    folders = {key: result_folder(options.out, key) / "VERSION" for key in files}
    outputs = [path for folder in folders.values() for path in (*result_paths(folder), report_path(folder))]
    require_outputs(outputs)
    require_no_inputs(outputs, {f"the video {key}": path for key, path in files.items()})
    began_ms = now_ms()
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
            ended = [_fetch(stack, key, records.get(key), options.out, files[key]) for key in videos]
    if options.json:
        print_json(one.json_members() for one in ended)
    else:
        for one in ended:
            _print(one)
    flush_output()
    tracked = [one for one in ended if one.folder]
    people = people_count(sum(len(one.people) for one in tracked))
    needed = format_duration(now_ms() - began_ms)
    say(f"{len(tracked)} of {len(ended)} videos tracked in {needed}: {people} in {options.out}")
    return 0 if len(tracked) == len(ended) else 1


@dataclass(frozen=True, slots=True)
class _Ended:
    """A video whose job has ended.

    Attributes:
        key: its key in the video bucket.
        problem: why it has no results; None if it has some.
        folder: where the results are; None if there are none.
        people: who was found.
    """

    key: str
    problem: str | None = None
    folder: Path | None = None
    people: Sequence[PersonSummary] = ()

    def json_members(self) -> dict[str, object]:
        """Returns an object for JSON."""
        return {
            "key": self.key,
            "problem": self.problem,
            "results": str(self.folder) if self.folder else None,
            "people": json_members(self.people),
        }


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
    with progress_of_each(tuple(videos)) as report:
        while True:
            for key, video in videos.items():
                if (record := stack.record(video)) is not None:
                    records[key] = record
                    report(key, stack.progress(record))
            expected = videos.keys() if time.monotonic() < event_deadline_s else records.keys()
            if all(key in records and not records[key].is_open for key in expected):
                return records
            time.sleep(POLL_INTERVAL_S)


def _refusal(key: str, path: Path) -> str | None:
    """Returns why a file cannot be tracked with the stack, or None if it can."""
    from people_pathing.pipeline.events.skip_reasons import skip_reason

    if path.stat().st_size == 0:
        return "the file is empty"
    try:
        key.encode()
    except UnicodeEncodeError:
        return "the name is not UTF-8, and the keys of S3 are; rename the file, or use `people-pathing track`"
    if reason := skip_reason(key):
        return f"the pipeline would skip this file: {reason}"
    return None


def _fetch(stack: DeployedStack, key: str, record: JobRecord | None, out: Path, video: Path) -> _Ended:
    """Fetches the results of one video and writes their report, or says why there are none."""
    from people_pathing.cli.reports.result_report import write_result_report

    if record is None:
        problem = "FAILED: the pipeline recorded no job; see StartTracking.log in the stack's logs"
    elif record.state != "SUCCEEDED":
        problem = f"{record.state}: {record.reason or ''}"
    else:
        folder = out / record.results_prefix
        stack.fetch_results(record, folder)
        say(f"{key}: report in {write_result_report(folder, video=video)}")
        return _Ended(key, folder=folder, people=read_people(folder))
    say(f"{key}: {problem}")
    return _Ended(key, problem)


def _print(ended: _Ended) -> None:
    if ended.folder:
        show("", f"{ended.key}: results in {ended.folder}", "")
        print_people(ended.people)
