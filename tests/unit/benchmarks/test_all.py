"""`make bench` runs what exists, and writes documents that have room for its tables."""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path

import pytest

from benchmarks import __main__ as all_benchmarks
from benchmarks.__main__ import BENCHMARKS, Benchmark

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


def test_the_short_form_writes_nothing_and_runs_every_program_of_this_kind() -> None:
    short = [benchmark for benchmark in BENCHMARKS if benchmark.short is not None]

    assert len(short) >= 4
    assert not any("--write" in (benchmark.short or ()) for benchmark in short)


def test_a_benchmark_without_its_data_is_skipped_with_the_reason(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    missing = tmp_path / "model.onnx"
    monkeypatch.setattr(all_benchmarks, "BENCHMARKS", (Benchmark(("benchmarks.speed",), needs=(missing,)),))

    assert all_benchmarks.main([]) == 0
    assert capsys.readouterr().out == f"benchmarks.speed: skipped, because {missing} is missing\n"


def test_a_failing_benchmark_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = Benchmark(("benchmarks.load",), short=("--uploads", "many"))
    monkeypatch.setattr(all_benchmarks, "BENCHMARKS", (broken,))

    assert all_benchmarks.main(["--short"]) == 1
    assert capsys.readouterr().out.endswith("failed: benchmarks.load\n")
