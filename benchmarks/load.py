"""Uploads thousands of videos to the simulated stack, and compares the time until the last one is done.

    python -m benchmarks.load [--uploads 10000] [--write docs/scaling.md]

The handlers, the state machine and the worker's steps are the real ones. Time, AWS and the engine are those
of the simulator (docs/simulation.md): a call takes 3 to 120 ms of virtual time, and no call fails. In the
ideal case, every slot always runs a job. Then the total is the time of one job times the number of jobs,
divided by the number of slots.
"""

from __future__ import annotations

import argparse
import math
import random
import statistics
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

from benchmarks.engine.tables import markdown, write_table
from benchmarks.scaling.aws import ZIP_START_S
from tests.simulation import replacements
from tests.simulation.actors import Actors
from tests.simulation.call_counts import CallCounts
from tests.simulation.deployment import Deployment, Settings
from tests.simulation.engine import Content
from tests.simulation.faults import FaultPlan
from tests.simulation.network import LATENCIES_S, Network
from tests.simulation.scenario import PlannedUpload, Scenario
from tests.simulation.tape import Tape
from tests.simulation.world import START_S, Process, World

T = TypeVar("T")

LONGEST_S = 30 * 24 * 3600.0
WORKS_S = (60.0, 15.0)
"""The detect step of a video of some minutes, and of one minute."""
SPREADS = (0.5, 0.0)
"""Jobs of different lengths, as videos are, and jobs that all end at the same time."""
BURST_RATE = 1_000
STEADY_S = 5
"""How long the end of a burst is, in which nothing starts any more."""
READ_UNIT_BYTES, WRITE_UNIT_BYTES = 4096, 1024
"""What one request unit of DynamoDB reads or writes. An eventually consistent read costs half of one."""

COLUMNS = (
    "uploads",
    "slots",
    "one job",
    "ideal",
    "measured",
    "difference",
    "most slots",
    "calls per job (alone)",
    "most calls for the events of one upload",
    "succeeded",
)


class Undisturbed(Tape):
    """Chooses usual delays of calls at random, and for everything else what is dull. Keeps no record."""

    def __init__(self) -> None:
        super().__init__()
        self._latencies = random.Random(0)  # noqa: S311 - repeatable on purpose

    def draw(self, count: int, sample: Any) -> int:  # noqa: ARG002
        """Returns the delay of a call for a call, and 0 for every other choice."""
        is_call = count > len(LATENCIES_S) + 1
        return self._latencies.randrange(len(LATENCIES_S)) if is_call else 0


@dataclass(frozen=True, slots=True)
class Load:
    """What is uploaded.

    Attributes:
        uploads: how many videos.
        within_s: in which time, evenly.
        slots: MaxConcurrentJobs.
        work_s: how long searching the only segment of a video takes, on average.
        spread: the largest deviation from this time, as a share of it.
        content: what each video contains.
        start_s: how long a new environment of a function takes to start. By default, all have started.
    """

    uploads: int
    within_s: float
    slots: int
    work_s: float
    spread: float = 0.0
    content: Content = field(default_factory=Content)
    start_s: float = 0.0


class Stack(Deployment):
    """The simulated stack with a given time of work for each segment.

    Args:
        world: the clock and the processes.
        network: carries the calls.
        load: how long searching a segment takes, and the job limit.
    """

    def __init__(self, world: World, network: Network, load: Load) -> None:
        self.worked_s: list[float] = []
        self._load = load
        self._factors = random.Random(0)  # noqa: S311 - repeatable on purpose
        super().__init__(world, network, Settings(load.slots))

    def work(self, content: Content) -> None:  # noqa: ARG002
        """Takes the time that searching a segment takes."""
        work_s = self._load.work_s * self._factors.uniform(1 - self._load.spread, 1 + self._load.spread)
        self.worked_s.append(work_s)
        self.world.sleep(work_s)


class Demand(StrEnum):
    """What AWS limits. An index has one partition for all waiting jobs."""

    EXECUTIONS = "Lambda: concurrent executions"
    ENVIRONMENTS = "Lambda: new environments of StartTracking"
    TABLE_WRITES = "DynamoDB: writes to the job table"
    ITEM_WRITES = "DynamoDB: writes to one job record"
    INDEX_READS = "DynamoDB: reads of one index partition"
    INDEX_WRITES = "DynamoDB: writes to one index partition"
    STARTS = "Step Functions: StartExecution"


QUOTAS = {
    Demand.EXECUTIONS: "1,000",
    Demand.ENVIRONMENTS: "1,000 in ten seconds",
    Demand.TABLE_WRITES: "4,000 of a new table",
    Demand.ITEM_WRITES: "1,000",
    Demand.INDEX_READS: "3,000",
    Demand.INDEX_WRITES: "1,000",
    Demand.STARTS: "300",
}
"""AWS's default limits in us-east-1, for a second if there is no other time."""
LARGEST = frozenset({Demand.EXECUTIONS, Demand.ITEM_WRITES})
"""These are no sums over a second."""
PIPELINE = frozenset({"StartTracking", "CollectResults", "ReconcileJobs"})
"""The functions that write job records."""


@dataclass(slots=True)
class Observed:
    """What happened.

    Attributes:
        total_s: from the first upload until the last result.
        job_s: how long each job held its slot.
        worked_s: how long each detect step took.
        ended: how many jobs succeeded and failed.
        calls: the calls of all functions.
        operations: the calls by function, service and operation.
        invocations: how often each function was invoked.
        metrics: the names of the metrics that were written.
        most_slots: the most slots that were taken at once.
        record_bytes: the size of the largest job record.
        demand: what each second has asked of AWS.
    """

    total_s: float = 0.0
    job_s: list[float] = field(default_factory=list)
    worked_s: list[float] = field(default_factory=list)
    ended: Counter[str] = field(default_factory=Counter)
    calls: CallCounts = field(default_factory=CallCounts)
    operations: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    invocations: Counter[str] = field(default_factory=Counter)
    metrics: frozenset[str] = frozenset()
    most_slots: int = 0
    record_bytes: int = 0
    demand: dict[Demand, defaultdict[int, float]] = field(
        default_factory=lambda: {demand: defaultdict(float) for demand in Demand}
    )


class CountingNetwork(Network):
    """Counts calls by function, service and operation, and what each second asks of AWS.

    Args:
        world: the clock and the processes.
        plan: the faults.
        observed: receives the counts.
    """

    def __init__(self, world: World, plan: FaultPlan, observed: Observed) -> None:
        super().__init__(world, plan)
        self._observed = observed
        self._item_writes = Counter[tuple[int, str]]()

    def call(self, service: str, operation: str, subject: str, effect: Callable[[], T], **more: Any) -> T:
        """Makes a call."""
        observed, role = self._observed, self.world.current().role
        observed.operations[role, service, operation] += 1
        demand, second = observed.demand, _second(self.world)
        if operation == "PutItem" and role in PIPELINE:
            # A condition that fails costs as much as a write.
            units = max(1, math.ceil(observed.record_bytes / WRITE_UNIT_BYTES))
            demand[Demand.TABLE_WRITES][second] += units
            self._item_writes[second, subject] += units
            most = demand[Demand.ITEM_WRITES]
            most[second] = max(most[second], self._item_writes[second, subject])
        demand[Demand.STARTS][second] += operation == "StartExecution"
        reply = super().call(service, operation, subject, effect, **more)
        if operation == "Query" and isinstance(reply, dict):
            read_bytes = reply["ScannedCount"] * observed.record_bytes
            demand[Demand.INDEX_READS][second] += max(1, math.ceil(read_bytes / READ_UNIT_BYTES)) / 2
        return reply


def run(load: Load, *, until_s: float = LONGEST_S) -> Observed:
    """Simulates a load. Needs `replacements.installed`.

    Args:
        load: what is uploaded.
        until_s: how long at most, in virtual time. Otherwise until every job has ended.
    """
    observed = Observed()
    pause_s = load.within_s / max(load.uploads, 1)
    uploads = tuple(
        PlannedUpload(f"{number:06}.mp4", number * pause_s, load.content) for number in range(load.uploads)
    )
    scenario = Scenario(load.slots, uploads, (), FaultPlan(0, 0, ()), (), 0)
    world = World(Undisturbed())
    network = CountingNetwork(world, scenario.faults, observed)
    stack = Stack(world, network, load)
    actors = Actors(stack, scenario)
    idle, running = Counter[str](), set[Process]()
    taken_s: dict[bytes, float] = {}

    def watch_records(_key: str, old: Any, new: Any) -> None:
        observed.record_bytes = max(observed.record_bytes, item_bytes(new))
        # An entry of an index that gets another place is deleted and written again.
        moves = old is not None and any(old.get(name) != new.get(name) for name in ("state", "due_ms"))
        units = (1 + moves) * math.ceil(item_bytes(new) / WRITE_UNIT_BYTES)
        observed.demand[Demand.INDEX_WRITES][_second(world)] += units
        if (state := new["state"]["S"]) in ("SUCCEEDED", "FAILED"):
            observed.ended[state] += 1
            observed.total_s = world.now_s - START_S

    def watch_slots(key: str, old: Any, new: Any) -> None:
        if key != "#register":
            return
        before, after = (frozenset((item or {}).get("running", {"BS": []})["BS"]) for item in (old, new))
        for job in after - before:
            taken_s[job] = world.now_s
        for job in before - after:
            observed.job_s.append(world.now_s - taken_s.pop(job))
        observed.most_slots = max(observed.most_slots, len(after))

    def run_function(function: str, event: Any) -> Any:
        observed.invocations[function] += 1
        second = _second(world)
        running.add(world.current())
        executions = observed.demand[Demand.EXECUTIONS]
        executions[second] = max(executions[second], len(running))
        if idle[function]:
            idle[function] -= 1
        else:
            observed.demand[Demand.ENVIRONMENTS][second] += function == "StartTracking"
            world.sleep(load.start_s)
        return run_handler(function, event)

    def watch_ends(process: Process) -> None:
        if process in running:
            running.remove(process)
            idle[process.role] += 1

    run_handler = stack.functions.run
    setattr(stack.functions, "run", run_function)  # noqa: B010 - mypy allows no assignment to a method
    world.on_end.append(watch_ends)
    stack.tables["jobs"].watchers.append(watch_records)
    stack.tables["job-store"].watchers.append(watch_slots)
    actors.begin()
    try:
        world.run(START_S + until_s, lambda: 0 < load.uploads == observed.ended.total())
    finally:
        world.close()
    observed.calls, observed.worked_s = network.calls, stack.worked_s
    observed.metrics = frozenset(stack.functions.metrics)
    return observed


def _second(world: World) -> int:
    """Returns how many seconds have passed."""
    return int(world.now_s - START_S)


def item_bytes(item: Mapping[str, Mapping[str, Any]]) -> int:
    """Returns the size of an item as DynamoDB counts it, approximately: names and values in UTF-8."""
    return sum(len(name) + len(str(part).encode()) for name, value in item.items() for part in value.values())


def table(loads: Sequence[Load]) -> str:
    """Simulates loads and returns a table."""
    rows = []
    for load in loads:
        alone = run(replace(load, uploads=1, spread=0.0))
        observed = run(load)
        [job_s] = alone.job_s
        job_s += statistics.mean(observed.worked_s) - load.work_s
        ideal_s = load.uploads * job_s / load.slots
        rows.append(
            [
                f"{load.uploads:,} in {load.within_s:g} s",
                f"{load.slots}",
                f"{job_s:.1f} s ± {load.spread:.0%}",
                f"{ideal_s:,.0f} s",
                f"{observed.total_s:,.0f} s",
                f"{observed.total_s / ideal_s - 1:+.1%}",
                f"{observed.most_slots}",
                f"{observed.calls.total / load.uploads:.0f} ({alone.calls.total})",
                f"{max(observed.calls.by_upload.values())}",
                f"{observed.ended['SUCCEEDED']:,}",
            ]
        )
    return markdown(COLUMNS, rows)


def burst(uploads: int, slots: int) -> str:
    """Simulates uploads at 1,000 each second, and returns a table of what that asks of AWS's quotas."""
    within_s = uploads / BURST_RATE
    observed = run(Load(uploads, within_s, slots, WORKS_S[0], start_s=ZIP_START_S), until_s=within_s)
    seconds = range(math.ceil(within_s))[-STEADY_S:]
    rows = []
    for name, by_second in observed.demand.items():
        later = [by_second[second] for second in seconds]
        last = max(later) if name in LARGEST else statistics.mean(later)
        rows.append([name, f"{max(by_second.values()):,.0f}", f"{last:,.0f}", QUOTAS[name]])
    return markdown(
        ["at 1,000 uploads a second", "in the busiest second", "later, each second", "quota"], rows
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Simulates and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--uploads", type=int, default=10_000)
    parser.add_argument("--within", type=float, default=300.0, help="seconds in which they are uploaded")
    parser.add_argument("--slots", type=int, default=20, help="MaxConcurrentJobs")
    parser.add_argument("--burst", type=int, default=10_000, help="uploads in a burst of 1,000 each second")
    parser.add_argument("--write", type=Path, help="document whose tables are replaced")
    options = parser.parse_args(arguments)
    with replacements.installed():
        loads = [
            Load(options.uploads, options.within, options.slots, work_s, spread)
            for work_s in WORKS_S
            for spread in SPREADS
        ]
        tables = {"load": table(loads), "burst": burst(options.burst, options.slots)}
    for name, text in tables.items():
        print(text)
        if options.write:
            write_table(options.write, name, text)


if __name__ == "__main__":
    main()
