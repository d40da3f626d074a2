"""The annotated video beside the results: a copy of the video with boxes, counts and blur drawn into it."""

from __future__ import annotations

NAME = "annotated.webm"
"""Reserved: no result file may have this name. Erasing a video erases it, too."""
CONTENT_TYPE = "video/webm"
