"""The names of the files that are stored beside the results of a video: its counts and its report.

They are reserved: no result file may have one of them. Erasing a video erases them, too.
"""

from __future__ import annotations

from people_pathing.analysis.count_files import COUNT_NAMES
from people_pathing.report import page_file

STORED_NAMES = (page_file.NAME, *COUNT_NAMES)
"""In the order in which the files are stored."""

CONTENT_TYPES = {
    ".json": "application/json",
    ".csv": "text/csv; charset=utf-8",
    ".html": page_file.CONTENT_TYPE,
    ".parquet": "application/vnd.apache.parquet",
}
"""Media types in S3, by the ending of the name."""
