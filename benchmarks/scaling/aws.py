"""What the calculations assume of AWS, and how a stack is deployed.

What could not be measured here is a constant of this module, with its source or as an assumption.
"""

from __future__ import annotations

from dataclasses import dataclass

from tests.template.translated import source

VCPU_MB = 1769
"""Memory of a function that has one virtual processor. Source: "Configure Lambda function memory" in the
AWS Lambda Developer Guide."""
MAP_CONCURRENCY = 40
"""Most iterations of an inline map at once ("Using Map state in Inline mode" in the AWS Step Functions
Developer Guide)."""
FIRST_BYTE_S = 0.1
"""Until a reply of S3 begins, at best: 100 to 200 ms ("Performance design patterns" in the Amazon S3 User
Guide)."""
MEGABYTE_S = 0.012
"""For each further megabyte of the reply (the same source)."""
IMAGE_START_S = 5.0
"""Until the program of the worker's image runs in a new environment. An assumption: it was not measured."""
ZIP_START_S = 1.0
"""The same for a zip function, with its imports. An assumption."""
NOTICE_S = 0.5
"""Until an event of S3 or a notice of SNS reaches its function. An assumption."""
TRANSITION_S = 0.1
"""From the end of a step, or of one segment, until the next one has its input. An assumption."""
REQUEST_S = 0.01
"""For each request to the API: its invocation and the network, besides the work of both functions. An
assumption."""
CALL_S = 0.03
"""How long a call of a small function takes, with what the function does around it. An assumption."""
UPLOAD_CALLS = 3
"""Calls of an upload in parts that wait for each other: it begins, its last part is stored, and it ends."""
MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Setup:
    """How the stack is deployed, and how fast AWS is.

    Attributes:
        slowness: how many times longer Lambda's processor takes than the one of the measurements. S3 takes as
            many times FIRST_BYTE_S.
        concurrency: MaxConcurrentSegments.
        memory_mb: memory of DetectSegment.
        segment_s: SegmentSeconds.
    """

    slowness: float
    concurrency: int
    memory_mb: int
    segment_s: float

    @property
    def vcpus(self) -> float:
        """Virtual processors of DetectSegment."""
        return self.memory_mb / VCPU_MB

    @property
    def first_byte_s(self) -> float:
        """Until a reply of S3 begins."""
        return FIRST_BYTE_S * self.slowness


def memory_mb(function: str) -> int:
    """Returns the memory of a function, as the template says."""
    template = source()
    properties = template["Resources"][function]["Properties"]
    return int(properties.get("MemorySize", template["Globals"]["Function"]["MemorySize"]))


def default_setup(slowness: float) -> Setup:
    """Returns the stack with the defaults of the template."""
    parameters = source()["Parameters"]
    return Setup(
        slowness,
        int(parameters["MaxConcurrentSegments"]["Default"]),
        memory_mb("DetectSegment"),
        float(parameters["SegmentSeconds"]["Default"]),
    )


def one_thread_s(processor_s: float, slowness: float, memory: int) -> float:
    """Returns how long a step takes that uses one thread."""
    return processor_s * slowness / min(1.0, memory / VCPU_MB)
