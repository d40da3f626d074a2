"""Memory does not grow with the size of a result."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.scenario import ReportOutcome

REPOSITORY = Path(__file__).parents[2]
# The files of the smaller result already fill a part of an upload to S3.
FEW, MANY = 200_000, 1_000_000
PEOPLE = 50
# The allocator of the C library makes the peak differ by 5 MB from run to run.
MARGIN_MB = 8
TIMEOUT_S = 300


def peak_memory_mb(observation_count: int) -> float:
    """Collects a result in a process of its own and returns the peak of its memory."""
    command = [sys.executable, "-m", "tests.faults.memory", str(observation_count), str(PEOPLE)]
    done = subprocess.run(
        command, cwd=REPOSITORY, check=True, capture_output=True, text=True, timeout=TIMEOUT_S
    )
    return float(done.stdout.split()[1])


@pytest.mark.faults(f"{MANY} observations instead of {FEW}", expected=f"at most {MARGIN_MB} MB more memory")
def test_a_large_result_needs_no_more_memory_than_a_small_one(report_outcome: ReportOutcome) -> None:
    few_mb, many_mb = peak_memory_mb(FEW), peak_memory_mb(MANY)

    measured = f"{few_mb:.0f} MB, then {many_mb:.0f} MB"
    assert many_mb - few_mb <= MARGIN_MB, measured
    report_outcome(measured)
