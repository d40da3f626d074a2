"""The processor time in which a function is initialized, beside a handler that only creates the same clients.

This is the pyperf script. `python -m benchmarks.functions cold-start` builds the zips and runs it.
"""

from __future__ import annotations

import os
import subprocess
import sys
from argparse import Namespace
from functools import partial
from pathlib import Path

from benchmarks.functions.environment import ENVIRONMENT
from benchmarks.functions.rounds import runner

SCRIPT = "benchmarks.functions.cold_start"
FUNCTIONS = {
    "StartTracking": "from people_pathing.pipeline.handlers.start_tracking import *; "
    "pipeline().start_queue(int)",
    "CollectResults": "from people_pathing.pipeline.handlers.collect_results import *; "
    "pipeline().start_queue(int); pipeline().result_collector(int)",
    "ReconcileJobs": "from people_pathing.pipeline.handlers.reconcile_jobs import *; "
    "pipeline().start_queue(int); pipeline().result_collector(int)",
    "TrackingApi": "from people_pathing.service.handlers.api import *; compose_operations()",
    "PublishCompletion": "from people_pathing.service.handlers.finish import *; compose_finish()",
    "SweepJobs": "from people_pathing.service.handlers.sweep import *; compose_sweep()",
}
"""What Lambda and the first invocation do before the function handles its event."""

BARE = """
import boto3
from botocore.config import Config
session = boto3.Session()
clients = [session.client(name, config=Config(retries={{"mode": "standard"}})) for name in {clients!r}]
"""
TIMED = """
import time
begun = time.process_time()
{program}
print(time.process_time() - begun)
"""
LIST_OF_CLIENTS = """
import boto3
created = []
create = boto3.Session.client
boto3.Session.client = lambda self, name, **more: created.append(name) or create(self, name, **more)
{program}
print(*created)
"""


def output_of(program: str, python: str, zips: Path, name: str) -> str:
    """Runs a program in a new process with the modules of a function's zip and of the layer."""
    path = os.pathsep.join(map(str, (zips / name, zips / "Dependencies" / "python")))
    return subprocess.run(  # noqa: S603 - the interpreter that the caller chose
        [python, "-P", "-c", program],
        # Like Lambda's, the file system of the modules is not writable.
        env={**ENVIRONMENT, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"},
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    ).stdout


def clients_of(name: str, python: str, zips: Path) -> list[str]:
    """Returns the names of the clients that a function creates."""
    return output_of(LIST_OF_CLIENTS.format(program=FUNCTIONS[name]), python, zips, name).split()


def seconds(loops: int, program: str, python: str, zips: Path, name: str) -> float:
    """Returns the processor time of a program in as many new processes."""
    once = partial(output_of, TIMED.format(program=program), python, zips, name)
    return sum(float(once()) for _ in range(loops))


def main() -> None:
    """Runs the benchmarks."""

    def forward(command: list[str], options: Namespace) -> None:
        command += [
            "--interpreter",
            options.interpreter,
            "--zips",
            options.zips,
            "--clients",
            *options.clients,
        ]

    pyperf = runner(SCRIPT, add_cmdline_args=forward)
    pyperf.argparser.add_argument("--interpreter", default=sys.executable, help="the Python of the functions")
    pyperf.argparser.add_argument("--zips", required=True, help="folder with the content of each zip")
    pyperf.argparser.add_argument("--clients", nargs="+", metavar="FUNCTION=CLIENT,CLIENT", required=True)
    options = pyperf.parse_args()
    for name, listed in (one.split("=") for one in options.clients):
        for kind, program in (
            ("function", FUNCTIONS[name]),
            ("bare", BARE.format(clients=listed.split(","))),
        ):
            pyperf.bench_time_func(
                f"{name}, {kind}", seconds, program, options.interpreter, Path(options.zips), name
            )


if __name__ == "__main__":
    main()
