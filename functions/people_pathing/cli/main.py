"""The command line: `people-pathing run | up | jobs | erase | track | models`."""

from __future__ import annotations

import argparse
import math
import shlex
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Never, NoReturn

if TYPE_CHECKING:
    from types import FrameType

    from tqdm import tqdm

    from devstack.stack import LocalStack
    from people_pathing.cli.deployed_stack import Pipeline
    from people_pathing.pipeline.job_record import JobRecord
    from people_pathing.pipeline.video import Video

POLL_S = 0.25
# Makes the AWS CLI and boto3 sign for a Function URL.
AWS_DATA = Path(__file__).resolve().parent.parent / "aws-data"
# An upload's event arrives within a second here; a minute without a job means that none will come.
UNSEEN_S = 60.0


class CommandError(Exception):
    """A command cannot do what it was asked to; the message says why."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; exit status 0, 1 where something failed, 2 where the command line was wrong."""
    options = _parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        status: int = options.command(options)
    except KeyboardInterrupt:
        say("stopped")
        return 130
    except _expected_errors() as error:
        print(f"people-pathing: {error}", file=sys.stderr)
        return 1
    return status


def say(line: str) -> None:
    """One line of progress, on standard error: standard output is for results."""
    print(line, file=sys.stderr, flush=True)


def _interrupt(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


def _expected_errors() -> tuple[type[Exception], ...]:
    """What a message is enough for: everything else shows where it happened."""
    from devstack.stack import LocalStackError
    from people_pathing.engine import DetectorError, ModelError, VideoError

    return (CommandError, DetectorError, LocalStackError, ModelError, VideoError)


# ---- the whole pipeline on this machine


def run(options: argparse.Namespace) -> int:
    """Upload videos to a stack of their own, follow the jobs, fetch and show the results."""
    from devstack.parameters import stack_parameters
    from devstack.stack import LocalStack
    from people_pathing.cli.deployed_stack import Pipeline
    from people_pathing.pipeline.s3_events import skip_reason

    keys = _distinct_names(options.videos)
    for key, path in keys.items():
        if reason := skip_reason(key, path.stat().st_size):
            raise CommandError(f"{path}: the pipeline would pass this over: {reason}")
    parameters = stack_parameters(options.detector, options.model, options.input_px, options.face_model, say)
    with LocalStack(parameters=parameters, on_step=say) as stack:
        pipeline = Pipeline.of(stack.outputs, stack.client("s3"), stack.client("dynamodb"))
        videos = {key: pipeline.upload(path, key) for key, path in keys.items()}
        records = _follow(pipeline, videos)
        statuses = [_show(pipeline, key, records.get(key), options.out) for key in keys]
    return max(statuses)


def _distinct_names(paths: Sequence[Path]) -> dict[str, Path]:
    """A key for each video: its file name, numbered where two have the same."""
    keys: dict[str, Path] = {}
    for path in paths:
        key, number = path.name, 1
        while key in keys:
            number += 1
            key = f"{path.stem}-{number}{path.suffix}"
        keys[key] = path
    return keys


def _follow(pipeline: Pipeline, videos: dict[str, Video]) -> dict[str, JobRecord]:
    """Wait for the jobs' ends under one bar, which moves with the work done."""
    records: dict[str, JobRecord] = {}
    unseen_until = time.monotonic() + UNSEEN_S
    with progress_bar("tracking") as bar:
        while True:
            done = 0.0
            for key, video in videos.items():
                record = pipeline.record(video)
                if record is not None:
                    records[key] = record
                done += pipeline.done(record) / len(videos)
            _advance(bar, done)
            expected = videos.keys() if time.monotonic() < unseen_until else records.keys()
            if all(key in records and not records[key].is_open for key in expected):
                return records
            time.sleep(POLL_S)


def progress_bar(title: str) -> tqdm[Never]:
    """A bar of 100 parts on standard error: in place on a terminal, a line now and then in a log."""
    from tqdm import tqdm

    return tqdm(
        total=100,
        desc=title,
        bar_format="{desc}: {percentage:3.0f}% |{bar}| {elapsed} elapsed",
        file=sys.stderr,
        mininterval=0.1 if sys.stderr.isatty() else 5,
    )


def _advance(bar: tqdm[Never], done: float) -> None:
    bar.update(max(0, 100 * done - bar.n))


def _show(pipeline: Pipeline, key: str, record: JobRecord | None, out: Path) -> int:
    from people_pathing.cli.people_table import format_table, read_people

    if record is None:
        say(f"{key}: FAILED: no job was recorded for it; StartTracking.log in the stack's logs says why")
        return 1
    if record.state != "SUCCEEDED":
        say(f"{key}: {record.state}: {record.reason}")
        return 1
    folder = out / key
    pipeline.fetch_results(record, folder)
    print(f"\n{key}: results in {folder}\n")
    print(format_table(read_people(folder)))
    return 0


def up(options: argparse.Namespace) -> int:
    """Leave a stack running and say how to use it, until Ctrl-C."""
    from devstack.parameters import stack_parameters
    from devstack.stack import LocalStack

    parameters = stack_parameters(options.detector, options.model, options.input_px, options.face_model, say)
    with LocalStack(parameters=parameters, port=options.port, on_step=say) as stack:
        print(_instructions(stack), flush=True)
        while True:
            signal.pause()


def _instructions(stack: LocalStack) -> str:
    outputs = stack.outputs
    environment = {
        **stack.environment(),
        "AWS_ENDPOINT_URL_REKOGNITION": outputs["RekognitionEndpointUrl"],
        "AWS_DATA_PATH": str(AWS_DATA),
    }
    settings = "\n".join(
        f"  export {name}={shlex.quote(value)}"
        for name, value in environment.items()
        if name.startswith("AWS_")
    )
    return f"""
The stack is up, on this machine only. In another terminal:

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

Ctrl-C stops it, and everything in it is gone.
"""


# ---- any stack, here or in AWS


def jobs(options: argparse.Namespace) -> int:
    """List the jobs of a deployed stack, the oldest upload first."""
    from people_pathing.cli.text_table import format_duration, format_rows
    from people_pathing.pipeline.job_record import JobState

    table = _deployed(options.stack_name).job_table
    states = [JobState(options.state)] if options.state else list(JobState)
    records = sorted(
        (record for state in states for record in table.in_state(state)),
        key=lambda record: record.uploaded_ms,
    )
    now_ms = time.time_ns() // 1_000_000
    rows = [
        (
            record.state,
            format_duration(now_ms - record.uploaded_ms),
            record.key,
            record.job_id or "",
            record.reason or "",
        )
        for record in records
    ]
    print(format_rows(("state", "age", "key", "job", "reason"), rows, left=5))
    return 0


def erase(options: argparse.Namespace) -> int:
    """Erase a video and all that is stored about it: results, job records, the service's artifacts."""
    from people_pathing.pipeline.erasure import Eraser, JobInProgressError

    pipeline = _deployed(options.stack_name)
    eraser = Eraser(pipeline.s3, pipeline.job_table, pipeline.results_bucket, pipeline.artifact_bucket)
    try:
        erased = eraser.erase_video(pipeline.video_bucket, options.key, options.version)
    except JobInProgressError as error:
        raise CommandError(str(error)) from error
    upload_count = 0
    if not options.keep_video:
        upload_count = eraser.erase_upload(pipeline.video_bucket, options.key, options.version)
    print(
        f"erased {erased.job_count} job records, {erased.object_count} objects of results and artifacts, "
        f"{upload_count} versions of the video"
    )
    if not erased.job_count and not upload_count:
        raise CommandError(f"nothing was stored about s3://{pipeline.video_bucket}/{options.key}")
    return 0


def _deployed(stack_name: str) -> Pipeline:
    """The stack of that name, in the account and region (or at the endpoint) of the AWS environment."""
    import boto3
    from botocore.exceptions import BotoCoreError, ClientError

    from people_pathing.cli.deployed_stack import Pipeline

    session = boto3.Session()
    try:
        [stack] = session.client("cloudformation").describe_stacks(StackName=stack_name)["Stacks"]
    except ClientError as error:
        raise CommandError(f"stack {stack_name}: {error.response['Error']['Message']}") from error
    except BotoCoreError as error:
        raise CommandError(f"AWS cannot be asked for stack {stack_name}: {error}") from error
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}
    return Pipeline.of(outputs, session.client("s3"), session.client("dynamodb"))


# ---- the engine alone


def track(options: argparse.Namespace) -> int:
    """Track the people of one video without any AWS."""
    from devstack.parameters import choose_face_model, choose_model
    from people_pathing.cli.people_table import format_table, read_people
    from people_pathing.cli.result_folder import write_mot, write_results
    from people_pathing.engine import load_detector, load_face_detector, track_video

    model = choose_model(options.detector, options.model, options.input_px, say)
    face_model = choose_face_model(options.face_model)
    detector = load_detector("yolox" if model else "hog", model, input_px=options.input_px)
    with progress_bar(f"tracking with {detector.name}") as bar:
        result = track_video(
            options.video,
            detector=detector,
            face_detector=load_face_detector(face_model) if face_model else None,
            sample_fps=options.sample_fps,
            on_progress=lambda done: _advance(bar, done),
        )
    if options.mot:
        write_mot(result, options.mot)
        say(f"MOTChallenge rows in {options.mot}")
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.out / options.video.name if options.out else Path(scratch)
        write_results(result, options.video, folder)
        if options.out:
            say(f"results in {folder}")
        print(format_table(read_people(folder)))
    return 0


def models(options: argparse.Namespace) -> int:
    """List the detectors' models, or fetch one of people."""
    from devstack.parameters import cache_dir
    from people_pathing.engine.models import FACE_MODEL, REGISTRY, face_model, fetch, model_path

    if options.name:
        with progress_bar(f"fetching {options.name}") as bar:
            path = fetch(options.name, cache_dir(), lambda done: _advance(bar, done))
        print(path)
        return 0
    print(f"{'name':10} {'finds':6} {'bytes':>11}  {'licence':10}  where")
    for model in REGISTRY.values():
        path = model_path(model.name, cache_dir())
        where = path if path.is_file() else model.url
        print(f"{model.name:10} {'people':6} {model.size_bytes:>11,}  {model.licence:10}  {where}")
    face = FACE_MODEL
    print(f"{face.name:10} {'faces':6} {face.size_bytes:>11,}  {face.licence:10}  {face_model()}")
    return 0


# ---- the command line


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="people-pathing", description="The path of every person in a video."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    command = _command(commands, run, "run", "track videos through the whole stack on this machine")
    command.add_argument("videos", type=_video, nargs="+", metavar="VIDEO")
    command.add_argument("--out", type=_folder, default=Path("out"), metavar="DIR", help="default: out")
    _add_detector(command)

    command = _command(commands, up, "up", "leave the stack running on this machine until Ctrl-C")
    command.add_argument("--port", type=int, default=4566, help="on 127.0.0.1; default: 4566")
    _add_detector(command)

    command = _command(commands, track, "track", "track one video with the engine alone, without any AWS")
    command.add_argument("video", type=_video, metavar="VIDEO")
    command.add_argument("--out", type=_folder, metavar="DIR", help="write the three result files there")
    command.add_argument("--mot", type=Path, metavar="FILE", help="write MOTChallenge rows for every frame")
    command.add_argument(
        "--sample-fps",
        type=_sample_fps,
        metavar="N|all",
        help="frames a second to look for people in; default: about 15",
    )
    _add_detector(command)

    command = _command(commands, jobs, "jobs", "list the jobs of a deployed stack")
    command.add_argument(
        "--stack-name", default="people-pathing", metavar="NAME", help="default: people-pathing"
    )
    command.add_argument("--state", choices=["WAITING", "IN_PROGRESS", "SUCCEEDED", "FAILED"])

    command = _command(
        commands, erase, "erase", "erase everything that a deployed stack stores about a video"
    )
    command.add_argument("key", metavar="KEY", help="the video's key in the video bucket")
    command.add_argument("--version", metavar="ID", help="only this version; default: all")
    command.add_argument("--keep-video", action="store_true", help="leave the video itself where it is")
    command.add_argument(
        "--stack-name", default="people-pathing", metavar="NAME", help="default: people-pathing"
    )

    command = _command(commands, models, "models", "list the detectors' models, or fetch one")
    command.add_argument("name", nargs="?", metavar="NAME", help="the model of people to fetch")
    return parser


def _command(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
    function: Callable[[argparse.Namespace], int],
    name: str,
    help_text: str,
) -> argparse.ArgumentParser:
    command = commands.add_parser(name, help=help_text, description=function.__doc__)
    command.set_defaults(command=function)
    return command


def _add_detector(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--detector",
        choices=["yolox", "hog"],
        help="default: yolox, and hog where no model can be had",
    )
    command.add_argument(
        "--model",
        metavar="FILE",
        help="a YOLOX ONNX file or a name that `models` lists; default: TRACKING_MODEL, else nano",
    )
    command.add_argument(
        "--input-px",
        type=_input_px,
        metavar="N",
        help="longer side of what YOLOX sees; default: half the frame's, from 640 to 960",
    )
    command.add_argument(
        "--face-model",
        metavar="MODEL",
        help="look for faces, too, with a CenterFace ONNX file or the model called centerface",
    )


def _input_px(text: str) -> int:
    if not text.isdecimal() or not 32 <= int(text) <= 4096:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 32 to 4096")
    return int(text)


def _video(text: str) -> Path:
    path = Path(text)
    if not path.is_file():
        raise argparse.ArgumentTypeError(f"there is no file {text}")
    return path


def _folder(text: str) -> Path:
    path = Path(text)
    if path.exists() and not path.is_dir():
        raise argparse.ArgumentTypeError(f"{text} is a file; a folder would be right")
    return path


def _sample_fps(text: str) -> float:
    if text == "all":
        return math.inf
    try:
        rate = float(text)
    except ValueError:
        rate = 0.0
    if not 0 < rate < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} is neither a number of frames a second above 0 nor 'all'")
    return rate


if __name__ == "__main__":
    sys.exit(main())
