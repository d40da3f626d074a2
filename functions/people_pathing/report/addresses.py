"""Addresses of videos as the page uses them."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import quote


def relative_address(video: Path, page: Path) -> str:
    """Returns the address of a video relative to the page, so that both may move together.

    Args:
        video: the file.
        page: where the page is or will be.
    """
    try:
        relative = os.path.relpath(video, page.parent)
    except ValueError:
        # Windows: there is no way from one drive to another.
        return video.absolute().as_uri()
    address = quote(os.fsencode(relative.replace(os.sep, "/")))
    # A name such as "c:1.mp4" would otherwise be an address with a scheme.
    return address if address.startswith("../") else f"./{address}"
