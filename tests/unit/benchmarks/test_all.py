"""`make bench` runs what exists, and writes documents that have room for its tables."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path

import pytest

from benchmarks import __main__ as all_benchmarks
from benchmarks.__main__ import BENCHMARKS, Benchmark
from benchmarks.engine.tables import TABLE_END, table_start
from benchmarks.files import DETECTOR, REIDENTIFIER, VARIABLES, skip_reason
from benchmarks.functions import __main__ as functions
from benchmarks.report_page import __main__ as report_page

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("benchmark", BENCHMARKS, ids=lambda one: one.command[0])
def test_every_benchmark_exists_and_writes_a_document_that_exists(benchmark: Benchmark) -> None:
    module, *arguments = benchmark.command

    assert find_spec(module)
    assert all((ROOT / argument).exists() for argument in arguments if argument.startswith("docs/"))


def test_every_program_that_a_section_of_the_page_names_belongs_to_make_bench() -> None:
    page = (ROOT / "docs/benchmarks.md").read_text("utf-8")
    named = set(re.findall(r"python -m (benchmarks\.\w+)", page))

    assert named <= {benchmark.command[0] for benchmark in BENCHMARKS}


def test_the_short_form_writes_nothing_and_needs_no_file() -> None:
    short = [benchmark for benchmark in BENCHMARKS if benchmark.short is not None]

    assert {benchmark.command[0] for benchmark in short} == {
        "benchmarks.memory",
        "benchmarks.functions",
        "benchmarks.scaling",
        "benchmarks.load",
        "benchmarks.costs",
    }
    assert not any("--write" in (benchmark.short or ()) for benchmark in short)
    assert not any(str(file) in (benchmark.short or ()) for benchmark in short for file in VARIABLES)


def test_what_detects_people_needs_the_models_that_it_is_given() -> None:
    for benchmark in BENCHMARKS:
        given = {DETECTOR, REIDENTIFIER} & {Path(argument) for argument in benchmark.command}
        assert given <= set(benchmark.needs)
        if "--measure" in benchmark.command:
            assert given == {DETECTOR, REIDENTIFIER}


def test_a_benchmark_without_its_data_is_skipped_with_the_reason(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    missing = tmp_path / "video.avi"
    monkeypatch.setattr(all_benchmarks, "BENCHMARKS", (Benchmark(("benchmarks.speed",), needs=(missing,)),))

    assert all_benchmarks.main([]) == 0
    assert capsys.readouterr().out == f"benchmarks.speed: skipped, because {missing} is missing\n"


def test_a_missing_model_is_reported_with_the_variable_that_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    missing = Path("/nowhere/model.onnx")
    monkeypatch.setitem(VARIABLES, missing, "TRACKING_MODEL")

    assert skip_reason([Path(__file__), missing]) == (
        "skipped, because /nowhere/model.onnx is missing (set TRACKING_MODEL)"
    )
    assert skip_reason([Path(__file__)]) is None


def test_a_table_that_cannot_be_measured_stays_as_it_is(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"{table_start('worker-start')}\n\nmeasured before\n\n{TABLE_END}\n")
    before = page.read_text()
    monkeypatch.setitem(functions.NEEDS, "worker-start", (tmp_path / "vtest.avi",))

    functions.main(["worker-start", "--write", str(page)])

    assert page.read_text() == before
    assert "worker-start: skipped, because" in capsys.readouterr().err


def test_the_report_page_is_not_measured_without_a_browser(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("CHROMIUM", str(tmp_path / "chromium"))

    report_page.main()

    assert capsys.readouterr().out.startswith(f"skipped, because there is no browser {tmp_path}")


def test_a_failing_benchmark_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = Benchmark(("benchmarks.load",), short=("--uploads", "many"))
    monkeypatch.setattr(all_benchmarks, "BENCHMARKS", (broken,))

    assert all_benchmarks.main(["--short"]) == 1
    assert capsys.readouterr().out.endswith("failed: benchmarks.load\n")


@pytest.mark.parametrize(
    ("arguments", "measured"), [([], list(functions.TABLES)), (["results"], ["results"])]
)
def test_all_tables_of_the_functions_are_measured_unless_some_are_named(
    monkeypatch: pytest.MonkeyPatch, arguments: list[str], measured: list[str]
) -> None:
    asked: list[str] = []

    def tables(names: Sequence[str], _effort: object) -> Iterator[tuple[str, str]]:
        asked.extend(names)
        return iter(())

    monkeypatch.setattr(functions, "tables", tables)

    functions.main(arguments)

    assert asked == measured
