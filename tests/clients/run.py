"""`make clients`: the scenario with each client against the local stack, as a table."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator

from devstack.stack import LocalStack
from tests.clients.drivers import CLIENTS, AwsCli, JavaScript, install_javascript
from tests.clients.scenario import Finding, errors_of, play
from tests.clients.world import World

NOTICE_FIELDS = {"JobId", "Status", "API", "JobTag", "Timestamp", "Video"}

MISSING = "(client)"
"""Stands for all that a client would show which is not there."""

Column = dict[str, str | None]
"""What was shown → what was otherwise."""


def compare_clients(world: World, on_step: Callable[[str], None]) -> dict[str, Column]:
    """Every client's column; a client that cannot be had says so in place of all findings."""
    columns: dict[str, Column] = {}
    for client_class in CLIENTS:
        missing = install_javascript() if client_class is JavaScript else None
        if missing:
            columns[client_class.title] = {MISSING: missing}
            continue
        on_step(f"playing the scenario with {client_class.title}")
        with client_class(world.endpoint_url, world.environment) as client:
            findings = list(play(client, world))
            if isinstance(client, AwsCli):
                findings += skeletons(client)
        findings += errors_of(client_class, world.environment)
        columns[client_class.title] = {finding.shows: finding.problem for finding in findings}
    _add_notices(world, columns)
    return columns


def skeletons(client: AwsCli) -> Iterator[Finding]:
    """What only the AWS CLI can do."""
    for operation in ("StartPersonTracking", "GetPersonTracking"):
        for kind in ("input", "output"):
            needed = ["--video", "{}"] if operation == "StartPersonTracking" else ["--job-id", "j"]
            done = client.run(operation, *needed, "--generate-cli-skeleton", kind)
            is_right = done.returncode == 0 and "JobId" in done.stdout + ("JobId" if kind == "input" else "")
            yield Finding(f"{operation}: {kind} skeleton", None if is_right else done.stderr)


def _add_notices(world: World, columns: dict[str, Column]) -> None:
    clients = [client for client in CLIENTS if MISSING not in columns[client.title]]
    notices = world.notices(len(clients))
    for client in clients:
        own = [notice for notice in notices if notice["JobTag"].startswith(f"{client.token}:")]
        is_right = len(own) == 1 and set(own[0]) == NOTICE_FIELDS and own[0]["Status"] == "SUCCEEDED"
        columns[client.title]["one notice in the exact form"] = None if is_right else f"{own}"


def table(columns: dict[str, Column]) -> str:
    """Behaviours by clients: ok, FAILED, - where a client has no such thing, or what a client lacks."""
    rows = list(dict.fromkeys(shown for column in columns.values() for shown in column if shown != MISSING))
    width = max(map(len, rows))
    lines = [" " * width + "".join(f"  {title:>22}" for title in columns)]
    lines += [
        f"{row:{width}}" + "".join(f"  {_cell(column, row):>22}" for column in columns.values())
        for row in rows
    ]
    return "\n".join(lines)


def _cell(column: Column, row: str) -> str:
    missing = column.get(MISSING)
    if missing:
        return missing[:22]
    if row not in column:
        return "-"
    return "FAILED" if column[row] else "ok"


def main() -> int:
    def say(line: str) -> None:
        print(line, flush=True)

    with LocalStack(parameters={"Detector": "hog", "FaceModel": "centerface"}, on_step=say) as stack:
        columns = compare_clients(World(stack), say)
    print(table(columns))
    problems = [
        f"{title}: {shown}: {problem}"
        for title, column in columns.items()
        for shown, problem in column.items()
        if problem
    ]
    print("\n".join(problems))
    return 1 if any(MISSING not in problem for problem in problems) else 0


if __name__ == "__main__":
    sys.exit(main())
