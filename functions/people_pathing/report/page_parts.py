"""The parts of the page that are the same in every report: its modules, its styles and its colours."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from functools import cache
from pathlib import Path

PAGE_FOLDER = Path(__file__).with_name("page")
TEMPLATE = "report.html"
PALETTE = Path(__file__).with_name("palette.json")
_STYLE_LINK = re.compile(r'^ *<link rel="stylesheet" href="([\w/-]+\.css)">\n', re.MULTILINE)


@cache
def template() -> str:
    """Returns the HTML of the page without its links to styles."""
    return _STYLE_LINK.sub("", _text(TEMPLATE))


@cache
def styles() -> str:
    """Returns all styles in the order in which the page links to them, and the colours of people."""
    return "".join([_people_colours(), *(_text(name) for name in style_names())])


def style_names() -> list[str]:
    """Returns the paths of the styles that the page links to."""
    return _STYLE_LINK.findall(_text(TEMPLATE))


@cache
def import_map() -> str:
    """Returns the import map: every module as a data: URL, under the name that other modules import.

    Browsers load no module from a file that was opened without a server. A data: URL they do load.
    """
    imports = {f"#page/{name}": _data_url(name) for name in module_names()}
    return json.dumps({"imports": imports}, separators=(",", ":"))


def module_names() -> list[str]:
    """Returns the paths of all modules of the page."""
    paths = (path.relative_to(PAGE_FOLDER) for path in PAGE_FOLDER.rglob("*.js"))
    return sorted(path.as_posix() for path in paths if "node_modules" not in path.parts)


def _data_url(name: str) -> str:
    # The name is what the browser's developer tools show.
    text = f"{_text(name)}\n//# sourceURL=page/{name}\n"
    return f"data:text/javascript;base64,{b64encode(text.encode()).decode()}"


def _people_colours() -> str:
    colours = json.loads(PALETTE.read_text("utf-8"))
    variables = "".join(f" --person-{number}: {colour};" for number, colour in enumerate(colours))
    return f":root {{{variables} }}\n"


def _text(name: str) -> str:
    return (PAGE_FOLDER / name).read_text("utf-8")
