"""Recognises requests that web pages send to a server on loopback.

A browser lets every page send requests to 127.0.0.1. By DNS rebinding, a page can even read the replies: the
name of its own server then leads to this machine. Such a request carries that name in the header Host.
"""

from collections.abc import Mapping

_FROM_A_PAGE = "the request comes from a web page"


def rejection_reason(headers: Mapping[str, str], port: int) -> str | None:
    """Returns why a server on loopback must not handle a request, or None if it may.

    Args:
        headers: the request's headers; the names are in lower case.
        port: the server's port.
    """
    if reason := _wrong_host(headers, port):
        return reason
    # Browsers add these headers, and pages cannot change them. A person who types an address is no page.
    if "origin" in headers or headers.get("sec-fetch-site", "none") != "none":
        return _FROM_A_PAGE
    return None


def foreign_page_reason(headers: Mapping[str, str], port: int) -> str | None:
    """Returns why a server of pages on loopback must not handle a request, or None if it may.

    Unlike `rejection_reason`, it accepts the requests of the server's own pages.

    Args:
        headers: the request's headers; the names are in lower case.
        port: the server's port.
    """
    if reason := _wrong_host(headers, port):
        return reason
    own_origin = f"http://{headers['host']}"
    is_own = headers.get("sec-fetch-site", "none") in {"none", "same-origin"}
    return None if is_own and headers.get("origin", own_origin) == own_origin else _FROM_A_PAGE


def _wrong_host(headers: Mapping[str, str], port: int) -> str | None:
    if headers.get("host") in {f"127.0.0.1:{port}", f"localhost:{port}"}:
        return None
    return "the header Host does not name this machine"
