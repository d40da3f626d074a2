"""The parts of a page that are the same whatever it shows: its modules, its styles and its colours."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from functools import cache
from pathlib import Path

PAGE_FOLDER = Path(__file__).with_name("page")
REPORT = "report.html"
"""The template of the page about one video."""
OVERVIEW = "overview.html"
"""The template of the page about all videos."""
PALETTE = Path(__file__).with_name("palette.json")
_STYLE_LINK = re.compile(r'^ *<link rel="stylesheet" href="([\w/-]+\.css)">\n', re.MULTILINE)
_MODULE_IMPORT = re.compile(r'\bfrom "#page/([\w/-]+\.js)";')


@cache
def template(name: str) -> str:
    """Returns the HTML of a page without its links to styles."""
    return _STYLE_LINK.sub("", _text(name))


@cache
def styles(name: str) -> str:
    """Returns all styles in the order in which a page links to them, and the colours of people."""
    return "".join([_people_colours(), *(_text(style) for style in style_names(name))])


def style_names(name: str) -> list[str]:
    """Returns the paths of the styles that a page links to."""
    return _STYLE_LINK.findall(_text(name))


@cache
def import_map(name: str) -> str:
    """Returns the import map: every module as a data: URL, under the name that other modules import.

    Browsers load no module from a file that was opened without a server. A data: URL they do load.
    """
    imports = {f"#page/{module}": _data_url(module) for module in module_names(name)}
    return json.dumps({"imports": imports}, separators=(",", ":"))


def module_names(name: str) -> list[str]:
    """Returns the paths of the modules that a page imports, directly or through others."""
    found: set[str] = set()
    waiting = _imported(name)
    while waiting:
        module = waiting.pop()
        found.add(module)
        waiting |= _imported(module) - found
    return sorted(found)


def _imported(name: str) -> set[str]:
    return set(_MODULE_IMPORT.findall(_text(name)))


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
