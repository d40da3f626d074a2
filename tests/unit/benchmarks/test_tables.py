"""Tables are written into documents and read back."""

from __future__ import annotations

from pathlib import Path

from benchmarks.engine.tables import TABLE_END, markdown, read_table, table_start, write_table


def test_a_table_is_replaced_and_the_text_around_it_stays(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    marks = [f"{table_start(name)}\n\nold\n\n{TABLE_END}" for name in ("first", "second")]
    page.write_text(f"before\n{marks[0]}\nbetween\n{marks[1]}\nafter\n")

    write_table(page, "second", markdown(["a", "b"], [["1", "2"]]))

    text = page.read_text()
    assert text.startswith(f"before\n{marks[0]}\nbetween\n")
    assert text.endswith("after\n")
    assert read_table(text, "second") == [["a", "b"], ["1", "2"]]


def test_a_table_is_markdown() -> None:
    assert markdown(["a", "b"], [["1", "2"]]) == "| a | b |\n|---|---|\n| 1 | 2 |\n"
