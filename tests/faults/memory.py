"""Measures the memory that the collection of one large result needs.

    python -m tests.faults.memory 10000000 50

collects a result with so many observations of so many people. It prints the number of observations, the peak
of the resident memory in MB, and the duration in seconds. Each run needs its own process, because a process
rarely returns memory to the operating system.
"""

from __future__ import annotations

import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from people_pathing.pipeline.observability import logger
from tests.fakes.endless_result import DiskBucket, EndlessPages, collect


def main() -> None:
    """Collects a result with as many observations and people as the command line says."""
    # The pipeline logs to standard output, which is for the result here.
    logger.setLevel("CRITICAL")
    observation_count, person_count = map(int, sys.argv[1:])
    begin_s = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(1) as background:
        collect(EndlessPages(observation_count, person_count), DiskBucket(Path(folder)), background)
    print(f"{observation_count} {_peak_mb():.1f} {time.monotonic() - begin_s:.1f}")


def _peak_mb() -> float:
    """Returns the peak of this process. getrusage would include the size of the forked parent process."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


if __name__ == "__main__":
    main()
