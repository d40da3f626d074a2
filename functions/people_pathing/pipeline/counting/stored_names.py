"""The names of the files that counting stores beside the results of a video.

They are reserved: no result file may have one of them. Erasing a video erases them, too.
"""

from __future__ import annotations

from people_pathing.analysis import count_files
from people_pathing.pipeline.counting import analysis_report

STORED_NAMES = (*count_files.ALL_NAMES, analysis_report.NAME)

CONTENT_TYPES = {".json": "application/json", ".csv": "text/csv; charset=utf-8"}
"""Media types in S3, by the ending of the name."""
