"""Checks that the docs agree with the code, with the tests that they name, and with each other."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from docs import generate
from people_pathing.common.registry import Registry

ROOT = Path(__file__).parents[2]
AWS_READINESS = "docs/aws-readiness.md"
NAMES_TESTS = ("docs/rekognition-compatibility.md", "docs/security.md", AWS_READINESS)
PAGES = [str(page.relative_to(ROOT)) for page in generate.pages()]
LINKED = [*PAGES, "CHANGELOG.md", "SECURITY.md", "THIRD_PARTY.md", "examples/README.md"]
MAX_COLUMNS = 110


def text_of(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def blocks_of(page: str, language: str) -> list[str]:
    """Returns the content of a page's code blocks in one language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", text_of(page), re.DOTALL | re.MULTILINE)


def prose_of(page: str) -> Iterator[str]:
    """Yields a page's lines without code blocks and without what cog generates."""
    is_code = is_generated = False
    for line in text_of(page).splitlines():
        is_generated = (is_generated or "[[[cog" in line) and "[[[end]]]" not in line
        if line.startswith("```"):
            is_code = not is_code
        elif not is_code and not is_generated:
            yield line


@cache
def existing_tests() -> frozenset[str]:
    return frozenset(
        node.name
        for path in (ROOT / "tests").rglob("test_*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    )


# ---- what the docs say about tests


@pytest.mark.parametrize("page", PAGES)
def test_every_test_that_a_page_names_exists(page: str) -> None:
    named = set(re.findall(r"`(test_\w+)`", text_of(page)))

    assert len(named) > 10 or page not in NAMES_TESTS
    assert named - existing_tests() == set()


@pytest.mark.parametrize("page", NAMES_TESTS)
def test_every_row_of_a_page_names_the_test_that_shows_it(page: str) -> None:
    rows = [
        line
        for block in re.findall(r"(?:^\|.*\n)+", text_of(page), re.MULTILINE)
        if block.partition("\n")[0].lower().endswith("| shown by |")
        for line in block.splitlines()[2:]
    ]

    assert len(rows) > 10
    for row in rows:
        shown_by = row.rstrip(" |").rpartition("|")[2].strip()
        says_why_not = shown_by == "–" or shown_by.startswith("none: ")  # noqa: RUF001
        assert re.search(r"`test_\w+`|\*scenario\*", shown_by) or says_why_not, row


def test_the_page_about_aws_lists_every_difference_that_tests_expect_of_the_local_server() -> None:
    expected = {
        (str(keyword.value.value), function.name)
        for path in (ROOT / "tests").rglob("test_*.py")
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(function, ast.FunctionDef)
        for decorator in function.decorator_list
        if isinstance(decorator, ast.Call)
        for keyword in decorator.keywords
        if keyword.arg == "differs_locally" and isinstance(keyword.value, ast.Constant)
    }
    section = text_of(AWS_READINESS).partition("## Known differences of the local server")[2]

    assert len(expected) > 5
    assert set(re.findall(r"^\| (.+) \| `(test_\w+)` \|$", section, re.MULTILINE)) == expected


def test_the_page_about_aws_names_every_belief_of_the_folder() -> None:
    beliefs = {
        function.name
        for path in (ROOT / "tests/aws_beliefs").glob("test_*.py")
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(function, ast.FunctionDef)
        if any("aws_belief" in ast.unparse(decorator) for decorator in function.decorator_list)
    }

    assert len(beliefs) > 20
    assert beliefs - set(re.findall(r"`(test_\w+)`", text_of(AWS_READINESS))) == set()


def test_the_resources_and_settings_that_the_page_about_aws_names_exist() -> None:
    files = [ROOT / "template.yaml", *(ROOT / "statemachine").iterdir(), *(ROOT / "functions").rglob("*.py")]
    sources = "\n".join(path.read_text(encoding="utf-8") for path in files)
    named = re.findall(r"`([A-Z][a-z]+[A-Z]\w+)`", text_of(AWS_READINESS))

    assert len(named) > 10
    assert [name for name in named if not re.search(rf"\b{name}\b", sources)] == []


def test_every_step_of_the_client_scenario_that_a_page_quotes_exists() -> None:
    steps = json.loads(text_of("tests/clients/scenario.json"))["steps"]
    quoted = {
        step for page in NAMES_TESTS for step in re.findall(r'\*scenario\* \("([^"]+)"\)', text_of(page))
    }

    assert quoted
    assert quoted <= {step["shows"] for step in steps}


@pytest.mark.parametrize("page", PAGES)
def test_every_test_file_that_a_page_names_exists(page: str) -> None:
    named = re.findall(r"tests/[\w/]+(?:\.py|\.json|\.toml)?", text_of(page))

    assert [path for path in named if not (ROOT / path).exists()] == []


# ---- links


def anchors_of(page: Path) -> set[str]:
    """Returns the anchors that GitHub makes of a page's headings."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", LINKED)
def test_every_local_link_leads_to_a_file_and_a_heading(page: str) -> None:
    dead = []
    # In code, brackets and parentheses mean something else.
    prose = re.sub(r"^```.*?^```$", "", text_of(page), flags=re.DOTALL | re.MULTILINE)
    for link in re.findall(r"\]\(([^)\s]+)\)", prose):
        if link.startswith(("https://", "http://")):
            continue
        path, _, anchor = link.partition("#")
        target = (ROOT / page).parent / path if path else ROOT / page
        if not target.exists() or (anchor and anchor not in anchors_of(target)):
            dead.append(link)

    assert dead == []


def test_the_readme_links_to_every_page() -> None:
    links = set(re.findall(r"\]\(([^)#]+)", text_of("README.md")))

    assert {page for page in PAGES if page != "README.md"} - links == set()


def test_every_path_in_llms_txt_exists() -> None:
    section = text_of("llms.txt").partition("## Where things are")[2].partition("## ")[0]
    lines = [line.removeprefix("- ").split(": ")[0] for line in section.splitlines() if line.startswith("- ")]
    paths = [path for line in lines for path in line.split(", ")]
    paths += re.findall(r"; ([\w./]+): ", section)

    assert len(paths) > 12
    assert [path for path in paths if not (ROOT / path).exists()] == []


# ---- generated blocks


@pytest.mark.parametrize("page", [str(page.relative_to(ROOT)) for page in generate.generated_pages()])
def test_generated_blocks_are_current(page: str) -> None:
    assert generate.run_cog(ROOT / page, check=True) == 0, "run `make docs`"


def test_what_the_code_registers_is_generated_into_the_docs() -> None:
    generated = {call for page in PAGES for call in re.findall(r"cog\.out\(generate\.(\w+)\(", text_of(page))}

    assert generated == {
        "accuracy_table",
        "cli_help",
        "counting_table",
        "client_table",
        "column_table",
        "compatibility_sources",
        "compatibility_tables",
        "format_table",
        "layout",
        "parameter_table",
        "registry_table",
        "result_file_table",
        "zones_table",
    }


# ---- commands


def commands_in(page: str) -> list[str]:
    return [line for block in blocks_of(page, "sh") for line in block.replace("\\\n", " ").splitlines()]


@pytest.mark.parametrize("page", PAGES)
def test_every_people_pathing_command_in_a_page_exists(page: str) -> None:
    commands = set(Registry("people_pathing.cli.commands", "command").names())
    named = re.findall(
        r"`?\bpeople-pathing ([a-z][a-z-]*)", "\n".join([*commands_in(page), *inline_code_of(page)])
    )

    assert set(named) - commands == set()


@pytest.mark.parametrize("page", PAGES)
def test_every_make_target_in_a_page_exists(page: str) -> None:
    targets = set(re.findall(r"^([\w-]+):", text_of("Makefile"), re.MULTILINE))
    named = re.findall(r"\bmake ([a-z][\w-]+)", "\n".join([*commands_in(page), *inline_code_of(page)]))

    assert set(named) - targets == set()


@pytest.mark.parametrize("page", PAGES)
def test_every_pytest_command_in_a_page_names_a_folder_and_a_marker_that_exist(page: str) -> None:
    markers = set(re.findall(r'^    "(\w+): ', text_of("pyproject.toml"), re.MULTILINE))
    for command in [*commands_in(page), *inline_code_of(page)]:
        if "pytest" in command.split(" ")[0]:
            for marker in re.findall(r"-m '?([\w ]+)'?", command):
                assert set(marker.split()) - {"not", "and", "tests"} <= markers, command


def inline_code_of(page: str) -> list[str]:
    return [code for line in prose_of(page) for code in re.findall(r"`([^`]+)`", line)]


def test_the_readme_has_the_two_commands_that_do_everything() -> None:
    assert {"make demo", "make test"} <= set(commands_in("README.md"))


# ---- words


def test_pages_are_wrapped() -> None:
    too_long = [
        f"{page}: {line[:60]}"
        for page in [*PAGES, "CHANGELOG.md", "llms.txt"]
        for line in prose_of(page)
        if len(line) > MAX_COLUMNS and not line.startswith("|")
    ]

    assert too_long == []


def identifiers_in(source: str) -> set[str]:
    """Returns every name that a module defines or uses."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        match node:
            case (
                ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name) | ast.keyword(arg=str(name))
            ):
                found.add(name)
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.alias(name=name):
                found.add(name)
    return found


def contains_word(identifier: str, word: str) -> bool:
    """Says whether a name equals the other one or has it as a part, as `jobs_put_off` has `put_off`."""
    return f"_{word}_" in f"_{identifier}_"


def retired_names() -> set[str]:
    """Returns names that the code no longer uses."""
    return set(json.loads((ROOT / "tests/unit/retired_names.json").read_text(encoding="utf-8")))


def test_the_code_uses_no_retired_name() -> None:
    avoided = retired_names()
    files = [path for folder in ("functions", "devstack") for path in (ROOT / folder).rglob("*.py")]
    hits = {
        f"{path.relative_to(ROOT)}: {identifier}"
        for path in files
        for identifier in identifiers_in(path.read_text(encoding="utf-8"))
        for word in avoided
        if contains_word(identifier, word)
    }

    assert len(avoided) > 20
    assert len(files) > 50
    assert hits == set()


@pytest.mark.parametrize(
    ("identifier", "is_found"),
    [
        ("put_off", True),
        ("jobs_put_off", True),
        ("put_off_ms", True),
        ("output_offset", False),
        ("input_off", False),
    ],
)
def test_a_retired_name_is_found_as_a_whole_and_as_a_part_of_a_name(identifier: str, is_found: bool) -> None:
    assert contains_word(identifier, "put_off") is is_found
