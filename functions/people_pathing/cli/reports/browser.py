"""Opens pages in the browser of the user."""

from __future__ import annotations

import webbrowser
from pathlib import Path

from people_pathing.cli.messages import say


def open_in_browser(page: Path) -> None:
    """Opens a page in a browser, or says that there is none."""
    if not webbrowser.open(page.absolute().as_uri()):
        say("no browser was found; open the file in one")
