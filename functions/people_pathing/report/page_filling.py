"""Fills the template of a page: its parts, the data for its scripts, and its Content-Security-Policy."""

from __future__ import annotations

import hashlib
import json
from base64 import b64encode
from collections.abc import Callable, Mapping
from html import escape
from string import Template

from people_pathing.report import page_parts

NONCE_BYTES = 18
_SCRIPT_ESCAPES = str.maketrans({"<": r"\u003c", ">": r"\u003e", "&": r"\u0026"})


def embedded_json(value: object) -> str:
    """Returns a value as JSON for a script element.

    Raises:
        ValueError: it has a number that is not finite.
    """
    # JSON in ASCII has no line separators that JavaScript knows and JSON does not.
    return json.dumps(value, separators=(",", ":"), allow_nan=False).translate(_SCRIPT_ESCAPES)


def filled(page: str, parts: Mapping[str, str], policy: Callable[[str], str]) -> str:
    """Returns a page.

    Args:
        page: the name of its template, as in `page_parts`.
        parts: HTML by the names in the template, without those that `page_parts` has.
        policy: returns the Content-Security-Policy. It is called with the nonce of the page's scripts and
            styles.
    """
    template = page_parts.template(page)
    shared = {"styles": page_parts.styles(page), "import_map": page_parts.import_map(page)}
    encoded = {name: _encodable(part) for name, part in {**shared, **parts}.items()}
    nonce = _content_nonce([template, *encoded.values()])
    return Template(template).substitute(encoded, nonce=nonce, policy=escape(policy(nonce)))


def _encodable(text: str) -> str:
    """Returns a text without lone surrogates. They stand for bytes of file names that are not UTF-8."""
    return text.encode("utf-8", "backslashreplace").decode()


def _content_nonce(texts: list[str]) -> str:
    """Returns a nonce that follows from the page, so that the page is the same if it is written again.

    A nonce must not be known to those whose texts are in the page. A text cannot contain its own hash.
    """
    digest = hashlib.sha256()
    for text in texts:
        digest.update(text.encode())
        digest.update(b"\0")
    return b64encode(digest.digest()[:NONCE_BYTES], b"-_").decode()
