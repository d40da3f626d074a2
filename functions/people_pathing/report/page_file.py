"""Writes the report of one video: an HTML page in one file."""

from __future__ import annotations

import hashlib
import json
from base64 import b64encode
from html import escape
from pathlib import Path
from string import Template
from urllib.parse import urlsplit

from people_pathing.common.complete_file import complete_own_file
from people_pathing.report import page_parts, plain_html
from people_pathing.report.content import ReportContent, read_content
from people_pathing.results.files import job_summary
from people_pathing.results.stored_result import StoredResultError, open_stored_result

NAME = "report.html"
CONTENT_TYPE = "text/html; charset=utf-8"
SCRIPT_ESCAPES = str.maketrans({"<": r"\u003c", ">": r"\u003e", "&": r"\u0026"})
NONCE_BYTES = 18


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
    parts = {
        "title": escape(content.name),
        "styles": page_parts.styles(page_parts.REPORT),
        "import_map": page_parts.import_map(page_parts.REPORT),
        "data": _data(content),
        "figures": plain_html.figures(content),
        "sections": plain_html.sections(content),
        "people": plain_html.people(content),
        "provenance": plain_html.provenance(content),
    }
    parts = {name: encodable(part) for name, part in parts.items()}
    template = page_parts.template(page_parts.REPORT)
    nonce = content_nonce([template, *parts.values()])
    policy = content_policy(nonce, media_sources)
    return Template(template).substitute(parts, nonce=nonce, policy=escape(policy))


def _data(content: ReportContent) -> str:
    # JSON in ASCII has no line separators that JavaScript knows and JSON does not.
    try:
        data = json.dumps(content.embedded, separators=(",", ":"), allow_nan=False)
    except ValueError as error:
        path = content.stored.folder / job_summary.NAME
        raise StoredResultError(f"{path} is damaged (it has a number that is not finite)") from error
    return data.translate(SCRIPT_ESCAPES)


def content_policy(nonce: str, media_sources: list[str]) -> str:
    """Returns the Content-Security-Policy: nothing but this page's own code, and its videos.

    Args:
        nonce: of the page's scripts and styles.
        media_sources: the addresses of the videos that it may play.
    """
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


def encodable(text: str) -> str:
    """Returns a text without lone surrogates. They stand for bytes of file names that are not UTF-8."""
    return text.encode("utf-8", "backslashreplace").decode()


def content_nonce(texts: list[str]) -> str:
    """Returns a nonce that follows from the page, so that the page is the same if it is written again.

    A nonce must not be known to those whose texts are in the page. A text cannot contain its own hash.
    """
    digest = hashlib.sha256()
    for text in texts:
        digest.update(text.encode())
        digest.update(b"\0")
    return b64encode(digest.digest()[:NONCE_BYTES], b"-_").decode()
