"""Replaces Function URLs by addresses of the local server."""

import re

_FUNCTION_URL = re.compile(r"https://([a-z0-9]{32})\.lambda-url\.[a-z0-9-]+\.on\.aws/?")


def replace_function_urls(text: str, endpoint_url: str) -> str:
    """Replaces every Function URL in a text by its address on the local server.

    AWS resolves Function URLs through DNS. This machine cannot, so the address has to change.

    Args:
        text: any text, for example a stack output or an environment variable.
        endpoint_url: where the local server listens, for example `http://127.0.0.1:4566`.
    """
    return _FUNCTION_URL.sub(rf"{endpoint_url}/_aws/lambda-url/\1/", text)
