"""Generates the parts of the docs that repeat what the code says.

Cog runs the functions in this module from comments in the Markdown files (https://cog.readthedocs.io):

    python -m docs.generate            rewrites the generated blocks
    python -m docs.generate --check    changes nothing and exits with 5 if a block is stale
"""

from __future__ import annotations

import argparse
import ast
import inspect
import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.engine.tables import read_table
from people_pathing.common.registry import Registry

if TYPE_CHECKING:
    from tests.clients.compatibility import Row

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "functions/people_pathing"
HELP_WIDTH = 100
# Names in the table of docs/benchmarks.md, and in the README.
_README_SEQUENCES = {"vtest": "vtest.avi (PETS09-S2L1)", "tud-stadtmitte": "TUD-Stadtmitte"}
_README_METHODS = {
    "ours, every frame": "**people-pathing**",
    "ByteTrack, live": "ByteTrack, live",
    "BoT-SORT, live": "BoT-SORT, live",
}
_COMPATIBILITY_HEAD = ("behaviour", "retired service", "source", "this service", "verdict", "shown by")
# The cell of a row without a source or a test.
_NONE = "\N{EN DASH}"
# Tracker and counter in the table of counting errors, and in the README.
_README_COUNTERS = {
    ("ours, default sampling", "ours"): "**people-pathing**",
    ("supervision's ByteTrack", "supervision, foot point"): "supervision: ByteTrack, foot points",
    ("supervision's ByteTrack", "supervision"): "supervision: ByteTrack, defaults",
}
_SCHEMAS = "../functions/people_pathing/results/schemas"
# Everything except Python modules, in the order in which a reader meets it.
TOP_LEVEL = {
    "template.yaml": "everything that is deployed, in the order of the data flow",
    "samconfig.toml": "defaults of sam build and sam deploy",
    "statemachine/": "the state machine that runs one job",
    "functions/": "the code that is installed and deployed; the CodeUri of every function",
    "devstack/": "deploys the template on one machine; not installed",
    "events/": "real-shaped events for tests and for `sam local invoke -e`",
    "examples/": "programs that use the service, the library and the result files",
    "tests/": "see CONTRIBUTING.md for the kinds of tests",
    "benchmarks/": "accuracy and speed of the engine beside live trackers",
    "requirements/": "what is installed where, and the lock files",
    "docs/": "these pages; docs/generate.py writes the generated parts",
}


def pages() -> list[Path]:
    """Returns every documentation page, README first."""
    names = ("README.md", "CONTRIBUTING.md")
    return [ROOT / name for name in names] + sorted((ROOT / "docs").glob("*.md"))


def generated_pages() -> list[Path]:
    """Returns the pages that contain a generated block."""
    return [page for page in pages() if "[[[cog" in page.read_text(encoding="utf-8")]


def run_cog(page: Path, *, check: bool) -> int:
    """Rewrites or checks the generated blocks of one page. Returns cog's exit status: 0, or 5 if stale."""
    mode = ["--check"] if check else ["-r"]
    command = [
        sys.executable,
        "-m",
        "cogapp",
        *mode,
        "-I",
        str(ROOT),
        "-I",
        str(ROOT / "functions"),
        str(page),
    ]
    return subprocess.run(command, check=False, cwd=ROOT).returncode  # noqa: S603


def cli_help() -> str:
    """Returns a section for the whole command line and one for each command, with the text of `--help`."""
    sections = [f"## people-pathing\n\n{_help()}"]
    sections += [
        f"## {name}\n\n{_help(name)}" for name in Registry("people_pathing.cli.commands", "command").names()
    ]
    return "\n".join(sections)


def _help(*command: str) -> str:
    # A fixed width: help must not depend on the terminal of the person who runs `make docs`.
    environment = {**os.environ, "COLUMNS": str(HELP_WIDTH), "NO_COLOR": "1"}
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-m", "people_pathing.cli.main", *command, "--help"],
        check=True,
        capture_output=True,
        text=True,
        env=environment,
    )
    return f"```text\n$ {' '.join(('people-pathing', *command, '--help'))}\n{done.stdout.rstrip()}\n```\n"


def parameter_table() -> str:
    """Returns a table of the template's parameters, in the order of the template."""
    from samtranslator.yaml_helper import yaml_parse

    template = yaml_parse((ROOT / "template.yaml").read_text(encoding="utf-8"))
    variables = _environment_variables(template["Resources"])
    rows = [
        (
            f"`{name}`",
            _code(variables.get(name, "")),
            _code(str(entry.get("Default", ""))),
            _sentence(entry["Description"]),
        )
        for name, entry in template["Parameters"].items()
    ]
    return table(("parameter", "environment variable", "default", "what it sets"), rows)


def _environment_variables(resources: Mapping[str, Any]) -> dict[str, str]:
    """Returns the environment variable by the name of the parameter that it passes on unchanged."""
    functions = (resource.get("Properties", {}).get("Environment", {}) for resource in resources.values())
    passed_on = {}
    for environment in functions:
        for variable, value in environment.get("Variables", {}).items():
            if isinstance(value, dict) and "Fn::If" in value:
                # A parameter that "none" turns off.
                value = value["Fn::If"][1]
            if isinstance(value, dict) and "Ref" in value:
                passed_on[value["Ref"]] = variable
    return passed_on


def registry_table(package: str, kind: str) -> str:
    """Returns a table of the implementations of one extension point.

    Args:
        package: dotted name of the package whose modules are the implementations.
        kind: heading of the first column.
    """
    registry = Registry(package, kind)
    rows = [
        (f"`{name}`", registry.load(name).SUMMARY, _link(registry.load(name).__file__))
        for name in registry.names()
    ]
    return table((kind, "what it is", "module"), rows)


def result_file_table() -> str:
    """Returns a table of the result files, in the order in which they are stored."""
    from people_pathing.results import result_files

    rows = [
        (f"`{file.NAME}`", file.SUMMARY, _link(file.__file__), f"[{file.SCHEMA}]({_SCHEMAS}/{file.SCHEMA})")
        for file in result_files()
    ]
    return table(("file", "content", "module", "schema"), rows)


def format_table() -> str:
    """Returns a table of the export formats with their files and what they need."""
    from people_pathing.exports import EXPORTS, Needs, load_export

    def needed(needs: Needs) -> str:
        return " and ".join(
            [
                *(["`--zones zones.json`"] if needs.zones else []),
                *([f"the extra `{needs.extra}`"] if needs.extra else []),
            ]
        )

    exports = {name: load_export(name) for name in EXPORTS.names()}
    rows = [
        (f"`{name}`", f"`{export.FILE_NAME}`", export.SUMMARY, needed(export.NEEDS))
        for name, export in exports.items()
    ]
    return table(("format", "file", "content", "needs"), rows)


def column_table(name: str) -> str:
    """Returns a table of the columns of `columns.ROW`, PEOPLE, OBSERVATIONS or EVENTS.

    Args:
        name: of the constant.
    """
    from people_pathing.tables import columns

    rows = [
        (f"`{one.name}`", one.kind.value, one.unit, "" if one.is_known else "yes", one.meaning)
        for one in getattr(columns, name).columns
    ]
    return table(("column", "type", "unit", "can be empty", "meaning"), rows)


def zones_table() -> str:
    """Returns a table of the members of zones.json, from its schema."""
    path = PACKAGE / "analysis/schemas/zones.schema.json"
    schema = json.loads(path.read_text(encoding="utf-8"))
    rows = [
        (f"`{name}`", _json_type(member), _default(member), member.get("description", ""))
        for name, member in _members(schema, schema["$defs"])
    ]
    return table(("member", "value", "default", "meaning"), rows)


def _members(
    schema: Mapping[str, Any], known: Mapping[str, Any], prefix: str = ""
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yields the name and the schema of each member, with the members of nested objects after it."""
    for name, member in schema.get("properties", {}).items():
        whole = {**known.get(member.get("$ref", "").rpartition("/")[2], {}), **member}
        yield f"{prefix}{name}", whole
        yield from _members(whole, known, f"{prefix}{name}.")
        yield from _members(whole.get("items", {}), known, f"{prefix}{name}[].")


def _json_type(member: Mapping[str, Any]) -> str:
    kind = member.get("$ref", "").rpartition("/")[2]
    return kind or (f"`{member['const']}`" if "const" in member else member["type"])


def _default(member: Mapping[str, Any]) -> str:
    return f"`{member['default']}`" if "default" in member else ""


def compatibility_tables() -> str:
    """Returns a section for each part of the API, with the rows of tests/clients/compatibility.toml."""
    from tests.clients.compatibility import compatibility_rows

    sections = [
        f"## {title}\n\n{table(_COMPATIBILITY_HEAD, [_compatibility_cells(row) for row in rows])}"
        for title, rows in groupby(compatibility_rows(), lambda row: row.section)
    ]
    return "\n".join(sections)


def _compatibility_cells(row: Row) -> tuple[str, ...]:
    from tests.clients.compatibility import SCENARIO_PREFIX

    shown_by = [
        f'*scenario* ("{test.removeprefix(SCENARIO_PREFIX)}")'
        if test.startswith(SCENARIO_PREFIX)
        else f"`{test}`"
        for test in row.tests
    ]
    sources = ", ".join(f"[{source.id}](#sources)" for source in row.sources)
    verdict = row.verdict if row.verdict == "same" else f"**{row.verdict}**"
    return row.behaviour, row.retired, sources or _NONE, row.here, verdict, ", ".join(shown_by) or _NONE


def compatibility_sources() -> str:
    """Returns a table of the sources that the rows of tests/clients/compatibility.toml name."""
    from tests.clients.compatibility import sources

    rows = [
        (source.id, f"[{source.title}]({source.url})" if source.url else source.title)
        for source in sources().values()
    ]
    return table(("source", "what it is"), rows)


def client_table() -> str:
    """Returns a table of the clients that `make clients` runs."""
    from tests.clients.client import CLIENTS

    rows = [
        (title, ", ".join(f"`{client.version}`" for client in versions), _driver_summary(versions[0].driver))
        for title, versions in (
            (title, list(group)) for title, group in groupby(CLIENTS, lambda client: client.driver.TITLE)
        )
    ]
    return table(("client", "versions", "what it is"), rows)


def _driver_summary(driver: type) -> str:
    return (inspect.getdoc(driver) or "").partition("\n")[0].rstrip(".")


def accuracy_table() -> str:
    """Returns the engine and two other trackers on the same detections, from the table in benchmarks.md."""
    document = (ROOT / "docs/benchmarks.md").read_text(encoding="utf-8")
    header, *rows = read_table(document, "accuracy")
    measured = [dict(zip(header, row, strict=True)) for row in rows]
    cells = {
        (row["sequence"], row["method"]): (
            f"{row['MOTA']} / {row['IDF1']} / {row['HOTA']}, {row['ID switches']}"
        )
        for row in measured
    }
    return table(
        ("MOTA / IDF1 / HOTA, ID switches", *_README_SEQUENCES.values()),
        [
            (title, *(cells[sequence, method] for sequence in _README_SEQUENCES))
            for method, title in _README_METHODS.items()
        ],
    )


def counting_table() -> str:
    """Returns the counting errors over all sequences, from the table in benchmarks.md."""
    document = (ROOT / "docs/benchmarks.md").read_text(encoding="utf-8")
    header, *rows = read_table(document, "counting")
    figures = header[header.index("short lines") :]
    measured = [dict(zip(header, row, strict=True)) for row in rows]
    cells = {
        (row["tracks"], row["counted by"]): [f"{row[figure].split()[0]} %" for figure in figures]
        for row in measured
        if row["sequence"] == "all"
    }
    return table(
        ("counting error", *figures),
        [(title, *cells[pair]) for pair, title in _README_COUNTERS.items()],
    )


def layout() -> str:
    """Returns a tree of the repository with the first line of each module's docstring."""
    lines = []
    for name, text in TOP_LEVEL.items():
        if not (ROOT / name).exists():
            raise FileNotFoundError(f"{name} is in TOP_LEVEL of docs/generate.py but not in the repository")
        lines.append((name, text))
        if name == "functions/":
            lines += [("  people_pathing/", _summary(PACKAGE)), *_tree(PACKAGE, "    ")]
        if name == "devstack/":
            lines += _tree(ROOT / "devstack", "  ")
    width = max(len(name) for name, _ in lines) + 2
    return "```text\n" + "".join(f"{name:{width}}{text}".rstrip() + "\n" for name, text in lines) + "```\n"


def _tree(folder: Path, indent: str) -> Iterator[tuple[str, str]]:
    """Yields the modules of a package, and then its subpackages with theirs."""
    for path in sorted(folder.glob("*.py")):
        if path.name != "__init__.py":
            yield f"{indent}{path.name}", _summary(path)
    for path in sorted(folder.iterdir()):
        if (path / "__init__.py").is_file():
            yield f"{indent}{path.name}/", _summary(path)
            yield from _tree(path, indent + "  ")


def _summary(path: Path) -> str:
    module = path / "__init__.py" if path.is_dir() else path
    return _first_line(ast.parse(module.read_text(encoding="utf-8"))).rstrip(".")


def _first_line(node: ast.Module | ast.FunctionDef) -> str:
    return (ast.get_docstring(node) or "").partition("\n")[0]


def _link(module_file: str | None) -> str:
    """Links to a module, or to its folder if it is a package."""
    path = Path(module_file or "").relative_to(ROOT)
    shown = path.parent if path.name == "__init__.py" else path
    return f"[{shown.name}](../{shown})"


def _code(text: str) -> str:
    return f"`{text}`" if text else ""


def _sentence(text: str) -> str:
    return " ".join(text.split())


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Returns a Markdown table. A bar in a cell is escaped."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join(
        "| " + " | ".join(cell.replace("|", "\\|") for cell in line).replace("  ", " ") + " |\n"
        for line in lines
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Rewrites or checks the generated blocks of all pages."""
    parser = argparse.ArgumentParser(description="Rewrites the generated blocks of the docs.")
    parser.add_argument(
        "--check", action="store_true", help="change nothing; exit with 5 if a block is stale"
    )
    options = parser.parse_args(arguments)
    return max(run_cog(page, check=options.check) for page in generated_pages())


if __name__ == "__main__":
    sys.exit(main())
