import sys
from pathlib import Path

import pytest

from people_pathing.common.registry import Registry, UnknownNameError


@pytest.fixture
def shapes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Registry:
    """A registry over a new package with three implementations, one broken, and a private module."""
    package = tmp_path / "made_up_shapes"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "square.py").write_text("SIDES = 4\n")
    (package / "broken.py").write_text("raise RuntimeError('imported')\n")
    (package / "long_triangle.py").write_text("SIDES = 3\n")
    (package / "_helper.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    return Registry("made_up_shapes", "shape")


def test_names_are_listed_in_alphabetical_order_without_importing_any(shapes: Registry) -> None:
    assert shapes.names() == ("broken", "long-triangle", "square")


def test_an_underscore_in_a_modules_name_is_a_hyphen_in_the_implementations_name(shapes: Registry) -> None:
    assert "long-triangle" in shapes.names()
    assert shapes.load("long-triangle").SIDES == 3


def test_a_name_may_be_a_keyword_of_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "made_up_words"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "import_.py").write_text("LENGTH = 6\n")
    monkeypatch.syspath_prepend(tmp_path)

    assert Registry("made_up_words", "word").names() == ("import",)
    assert Registry("made_up_words", "word").load("import").LENGTH == 6


def test_only_the_chosen_implementation_is_imported(shapes: Registry) -> None:
    assert shapes.load("square").SIDES == 4
    assert "made_up_shapes.broken" not in sys.modules


@pytest.mark.parametrize("name", ["circle", "_helper", "", "square.more"])
def test_an_unknown_name_is_rejected_with_the_known_ones(shapes: Registry, name: str) -> None:
    with pytest.raises(
        UnknownNameError, match=f"there is no shape '{name}'; choose from broken, long-triangle, square"
    ):
        shapes.load(name)


def test_a_package_that_is_not_installed_is_an_error() -> None:
    with pytest.raises(ModuleNotFoundError, match="'no_such_shapes'"):
        Registry("no_such_shapes", "shape").names()
