"""Writes the report of one video: an HTML page in one file."""

from __future__ import annotations

from functools import partial
from html import escape
from pathlib import Path
from urllib.parse import urlsplit

from people_pathing.common.complete_file import complete_own_file
from people_pathing.report import page_parts, plain_html
from people_pathing.report.content import ReportContent, read_content
from people_pathing.report.page_filling import embedded_json, filled
from people_pathing.results.files import job_summary
from people_pathing.results.stored_result import StoredResultError, open_stored_result

NAME = "report.html"
CONTENT_TYPE = "text/html; charset=utf-8"


def write_report(
    folder: Path,
    path: Path,
    *,
    video_source: str | None = None,
    annotated_source: str | None = None,
    zones_text: str | None = None,
) -> None:
    """Writes the report of the results in a folder. An older file stays until the new one is complete.

    The same results, zones and sources give the same bytes.

    Args:
        folder: has the result files of one video.
        path: where to write; its folder is created if necessary.
        video_source: the address of the video, relative to `path` or absolute; None if it is not known.
        annotated_source: the same of the annotated video.
        zones_text: the content of zones.json; None to count in the whole picture only.

    Raises:
        StoredResultError: the results are missing, incomplete or damaged.
        ZonesFileError: zones.json is not valid.
        OSError: a file cannot be read or written.
    """
    content = read_content(
        open_stored_result(folder),
        video_source=video_source,
        annotated_source=annotated_source,
        zones_text=zones_text,
    )
    text = page_text(content, [source for source in (video_source, annotated_source) if source])
    with complete_own_file(path) as scratch:
        scratch.write_text(text, "utf-8", newline="\n")


def page_text(content: ReportContent, media_sources: list[str]) -> str:
    """Returns the page.

    Args:
        content: what it shows.
        media_sources: the addresses of the videos that it may play.

    Raises:
        StoredResultError: job.json has a number that JSON cannot express.
    """
    try:
        data = embedded_json(content.embedded)
    except ValueError as error:
        path = content.stored.folder / job_summary.NAME
        raise StoredResultError(f"{path} is damaged (it has a number that is not finite)") from error
    parts = {
        "title": escape(content.name),
        "data": data,
        "figures": plain_html.figures(content),
        "sections": plain_html.sections(content),
        "people": plain_html.people(content),
        "provenance": plain_html.provenance(content),
    }
    return filled(page_parts.REPORT, parts, partial(_policy, media_sources))


def _policy(media_sources: list[str], nonce: str) -> str:
    """Returns the Content-Security-Policy: nothing but this page's own code, and its videos."""
    allowed = {part for source in media_sources for part in _allowed(source)}
    media = " ".join(["blob:", *sorted(allowed)])
    own = f"'nonce-{nonce}'"
    return (
        f"default-src 'none'; script-src {own}; style-src {own}; img-src data: blob:; media-src {media}; "
        "worker-src blob:; connect-src 'none'; base-uri 'none'; form-action 'none'"
    )


def _allowed(source: str) -> list[str]:
    """Returns what the policy must name for a video. A page that is a local file has no origin."""
    parts = urlsplit(source)
    if parts.scheme in {"http", "https"}:
        return [f"{parts.scheme}://{parts.netloc}"]
    return ["'self'", "file:"]
