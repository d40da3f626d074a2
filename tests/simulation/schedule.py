"""Runs one schedule: a scenario, its faults, a quiet time, and the checks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

from tests.simulation.actors import Actors
from tests.simulation.code_under_test import Erasure
from tests.simulation.deployment import Deployment, Settings
from tests.simulation.engine import Content
from tests.simulation.faults import FaultPlan, Incident
from tests.simulation.history import History, Violation
from tests.simulation.invariants import Results, check_end, is_settled, results_of
from tests.simulation.network import Network
from tests.simulation.scenario import PlannedUpload, Scenario, contents, draw_scenario
from tests.simulation.tape import Tape
from tests.simulation.world import START_S, World

QUIET_S = 3600.0
"""How long everything has to come to its end without help."""

CHECK_EVERY_S = 20.0
MIN_QUIET_S = 30.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a schedule showed.

    Attributes:
        tape: the choices that it made.
        violations: the rules that it broke.
        scenario: what happened besides faults.
        incidents: the faults that hit calls.
        call_count: how many calls were made.
        execution_count: how many executions were started.
        trace: the calls and log lines, if they were asked for.
    """

    tape: tuple[int, ...]
    violations: tuple[Violation, ...]
    scenario: Scenario
    incidents: tuple[Incident, ...]
    call_count: int
    execution_count: int
    trace: tuple[str, ...]

    @property
    def rules(self) -> frozenset[str]:
        """The names of the rules that it broke."""
        return frozenset(violation.rule for violation in self.violations)


def run_schedule(seed: int = 0, recorded: Sequence[int] | None = None, *, traced: bool = False) -> Outcome:
    """Runs the schedule of a seed, or of a recorded tape. Needs `replacements.installed`."""
    tape = Tape(seed, recorded)
    run = _Run(tape, draw_scenario(tape, START_S), traced=traced)
    try:
        run.carry_out()
        check_end(run.deployment, run.actors, run.history, undisturbed_results)
        network = run.deployment.network
        return Outcome(
            tuple(tape.values),
            tuple(run.history.violations),
            run.scenario,
            tuple(network.incidents),
            network.calls.total,
            len(run.deployment.runs.executions.by_name),
            tuple(network.trace or ()),
        )
    finally:
        run.world.close()


def remember_undisturbed_results() -> None:
    """Tracks every content that a scenario may have. Later mutations do not change these results."""
    for content in contents():
        undisturbed_results(content)


@cache
def undisturbed_results(content: Content) -> Results:
    """Returns the result files of a video that was tracked without any fault."""
    scenario = Scenario(1, (PlannedUpload("0.mp4", 0, content),), (), FaultPlan(0, 0, ()), (), 0)
    run = _Run(Tape(recorded=()), scenario)
    try:
        run.carry_out()
        [upload], [record] = run.actors.uploads, run.deployment.job_records()
        assert record["state"] == "SUCCEEDED", record
        return results_of(upload, record, run.deployment)
    finally:
        run.world.close()


class _Run:
    def __init__(self, tape: Tape, scenario: Scenario, *, traced: bool = False) -> None:
        self.scenario = scenario
        self.world = World(tape)
        # The plan's budget is used up, and the scenario is shown afterwards.
        network = Network(
            self.world,
            replace(scenario.faults),
            has_trouble=bool(scenario.troubles),
            trace=[] if traced else None,
        )
        self.deployment = Deployment(self.world, network, Settings(scenario.job_limit))
        self.actors = Actors(self.deployment, scenario)
        self.history = History(self.deployment)
        self.is_settled = False

    def carry_out(self) -> None:
        """Runs the scenario, then the quiet time."""
        self.history.observe()
        self.actors.begin()
        self.world.run(START_S + self.scenario.chaos_s)
        self.actors.end_chaos()
        earliest_s = max(self.world.now_s + MIN_QUIET_S, self.deployment.network.late_until_s)
        self.world.at(earliest_s - self.world.now_s, self._look)
        self.world.run(self.world.now_s + QUIET_S, lambda: self.is_settled)

    def _look(self) -> None:
        """Ends the quiet time once nothing is left to do. Until then, the operator does what is asked for.

        An event may fail for good after the chaos, if its last attempt began before. Its alarm is raised.
        """
        self.deployment.functions.redrive()
        if any(upload.erasure is Erasure.BEGUN for upload in self.actors.uploads):
            self.actors.finish_erasing()
        elif is_settled(self.deployment, self.actors):
            self.is_settled = True
            return
        self.world.at(CHECK_EVERY_S, self._look)
