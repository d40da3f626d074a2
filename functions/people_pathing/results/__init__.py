"""The result files: their formats, schemas and the order in which they are stored.

Each module in `files/` is one result file. Everything else reads the list of files from here: storing,
erasing, the command line and the tests. A module in `files/` offers:

    NAME            the file's name under the results prefix, for example "people.json"
    CONTENT_TYPE    its media type in S3
    SUMMARY         one line for the documentation
    SCHEMA          the name of its JSON Schema in `schemas/`
    State, Writer   how it is written, see `chunks.FileWriter` (all files but the job summary)
"""

from __future__ import annotations

from functools import cache
from types import ModuleType

from people_pathing.common.registry import Registry

RESULT_FILES = Registry("people_pathing.results.files", "result file")

JOB_SUMMARY = "job-summary"
"""The only file that is not written in chunks. It is stored last, so it marks complete results."""


@cache
def chunked_files() -> tuple[ModuleType, ...]:
    """Returns the modules of all files that are written in chunks, in the order in which they are stored."""
    return tuple(RESULT_FILES.load(name) for name in RESULT_FILES.names() if name != JOB_SUMMARY)


@cache
def result_files() -> tuple[ModuleType, ...]:
    """Returns the modules of all result files, in the order in which they are stored."""
    return (*chunked_files(), RESULT_FILES.load(JOB_SUMMARY))


def file_names() -> tuple[str, ...]:
    """Returns the names of all result files, in the order in which they are stored."""
    return tuple(str(file.NAME) for file in result_files())
