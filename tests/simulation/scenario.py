"""What happens in a schedule besides faults: uploads, other callers, attackers, and what operators do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from tests.simulation.engine import Content
from tests.simulation.faults import Fault, FaultPlan, Trouble
from tests.simulation.tape import Tape

JOB_LIMITS = (2, 1, 3)
SPANS_S = (5.0, 60.0, 200.0)
FAULT_BUDGETS = (0, 2, 6, 15, 40)
FAULT_RATES = (0.03, 0.1, 0.2)
TROUBLE_LENGTHS_S = (60.0, 240.0, 600.0)
OUTAGE_S = 60.0
PEOPLE = (1, 3, 0, 4)
MAX_SEGMENTS = 2

OUTAGES = (
    ("dynamodb", None),
    ("s3", None),
    ("stepfunctions", "StartExecution"),
    ("stepfunctions", None),
    ("sns", "Publish"),
    ("sts", None),
    ("lambda", None),
    ("rekognition", None),
)
DENIALS = (
    ("TrackingApi", "sts", ""),
    ("TrackingApi", "s3", "videos/"),
    ("TrackingApi", "s3", "artifacts/"),
    ("TrackingApi", "dynamodb", ""),
    ("TrackingApi", "stepfunctions", ""),
    ("PlanJob", "s3", "videos/"),
    ("PlanJob", "s3", "artifacts/"),
    ("DetectSegment", "s3", "videos/"),
    ("LinkTracks", "s3", "artifacts/"),
    ("LinkTracks", "dynamodb", ""),
    ("PublishCompletion", "dynamodb", ""),
    ("PublishCompletion", "s3", ""),
    ("PublishCompletion", "sts", ""),
    ("PublishCompletion", "sns", ""),
    ("SweepJobs", "stepfunctions", ""),
    ("SweepJobs", "dynamodb", ""),
    ("StartTracking", "rekognition", ""),
    ("ReconcileJobs", "rekognition", ""),
    ("CollectResults", "rekognition", ""),
    ("StartTracking", "dynamodb", ""),
    ("StartTracking", "s3", ""),
    ("CollectResults", "s3", "results/"),
    ("CollectResults", "dynamodb", ""),
)


class Happening(Enum):
    """One thing that people or AWS do in a schedule. Each may occur or not."""

    NEIGHBOUR = auto()
    TAG_ATTACK = auto()
    TOKEN_ATTACK = auto()
    FORGED_NOTICE = auto()
    OTHER_NOTICE = auto()
    STOP = auto()
    TIMEOUT = auto()
    REDRIVE = auto()
    ERASE = auto()
    DELETE = auto()
    NEW_ROLE = auto()
    NEW_TOPIC = auto()
    LOWER_LIMIT = auto()
    RENAME_BUCKET = auto()
    UNRELIABLE_EVENTS = auto()


CHANCES = {
    Happening.NEIGHBOUR: 0.3,
    Happening.UNRELIABLE_EVENTS: 0.4,
    Happening.STOP: 0.2,
    Happening.REDRIVE: 0.2,
}
USUAL_CHANCE = 0.1

STACK_UPDATES = frozenset(
    {Happening.NEW_ROLE, Happening.NEW_TOPIC, Happening.LOWER_LIMIT, Happening.RENAME_BUCKET}
)


@dataclass(frozen=True, slots=True)
class PlannedUpload:
    """A video that will be uploaded."""

    key: str
    after_s: float
    content: Content


@dataclass(frozen=True, slots=True)
class Scenario:
    """Everything that is decided before a schedule begins.

    Attributes:
        job_limit: MaxConcurrentJobs.
        uploads: the videos.
        happenings: what happens, and after how many seconds.
        faults: which faults may hit calls.
        troubles: what is out of order for a while.
        chaos_s: when the faults and the new calls end.
    """

    job_limit: int
    uploads: tuple[PlannedUpload, ...]
    happenings: tuple[tuple[Happening, float], ...]
    faults: FaultPlan
    troubles: tuple[tuple[float, Trouble], ...]
    chaos_s: float


def draw_scenario(tape: Tape, start_s: float) -> Scenario:
    """Draws a scenario. With zeros only, it is one upload at a quiet time."""
    job_limit = JOB_LIMITS[tape.choose(len(JOB_LIMITS), 0.6)]
    span_s = SPANS_S[tape.choose(len(SPANS_S))]
    uploads = tuple(
        PlannedUpload(f"{number}.mp4", _moment(tape, span_s), _content(tape))
        for number in range(1 + tape.choose(4, 0.6))
    )
    span_s = max(span_s, 60.0)
    happenings = tuple(
        (happening, _moment(tape, span_s))
        for happening in Happening
        if tape.choose(2, CHANCES.get(happening, USUAL_CHANCE))
    )
    budget = FAULT_BUDGETS[tape.choose(len(FAULT_BUDGETS), 0.75)]
    rate = FAULT_RATES[tape.choose(len(FAULT_RATES))]
    kinds = tuple(kind for kind in Fault if not tape.choose(2, 0.4)) if budget else ()
    troubles = []
    if tape.choose(2, 0.2):
        service, operation = OUTAGES[tape.choose(len(OUTAGES))]
        begin_s = _moment(tape, span_s)
        troubles.append((begin_s, Trouble(service, operation, None, "", start_s + begin_s + OUTAGE_S)))
    if tape.choose(2, 0.25):
        role, service, prefix = DENIALS[tape.choose(len(DENIALS))]
        begin_s = _moment(tape, span_s)
        length_s = TROUBLE_LENGTHS_S[tape.choose(len(TROUBLE_LENGTHS_S))]
        troubles.append((begin_s, Trouble(service, None, role, prefix, start_s + begin_s + length_s)))
    return Scenario(
        job_limit,
        uploads,
        happenings,
        FaultPlan(budget, rate, kinds),
        tuple(troubles),
        span_s + 60.0,
    )


def _moment(tape: Tape, span_s: float) -> float:
    return span_s * tape.choose(50) / 50


def contents() -> list[Content]:
    """Returns every content of a video that can be tracked."""
    return [Content(people, 1 + more) for people in PEOPLE for more in range(MAX_SEGMENTS)]


def _content(tape: Tape) -> Content:
    people = PEOPLE[tape.choose(len(PEOPLE))]
    segments = 1 + tape.choose(MAX_SEGMENTS, 0.3)
    kind = tape.choose(3, 0.15)
    return Content(people, segments, is_broken=kind == 1, is_too_large=kind == 2)
