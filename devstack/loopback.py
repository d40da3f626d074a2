"""Recognises requests that web pages send to a server on loopback.

A browser lets every page send requests to 127.0.0.1. By DNS rebinding, a page can even read the replies: the
name of its own server then leads to this machine. Such a request carries that name in the header Host.
"""

from collections.abc import Mapping


def rejection_reason(headers: Mapping[str, str], port: int) -> str | None:
    """Returns why a server on loopback must not handle a request, or None if it may.

    Args:
        headers: the request's headers; the names are in lower case.
        port: the server's port.
    """
    if headers.get("host") not in {f"127.0.0.1:{port}", f"localhost:{port}"}:
        return "the header Host does not name this machine"
    # Browsers add these headers, and pages cannot change them. A person who types an address is no page.
    if "origin" in headers or headers.get("sec-fetch-site", "none") != "none":
        return "the request comes from a web page"
    return None
