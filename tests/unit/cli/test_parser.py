import os

import pytest

from tests.unit.cli.programs import run_here


@pytest.mark.parametrize(
    "arguments", [("--vers",), ("models", "--hel"), ("track", __file__, "--mo", "y.txt")]
)
def test_an_abbreviated_option_is_rejected(arguments: tuple[str, ...]) -> None:
    completed = run_here(*arguments)

    assert completed.returncode == 2
    assert "error: unrecognized arguments: --" in completed.stderr


def test_what_the_user_typed_is_escaped_in_an_error() -> None:
    completed = run_here("track", os.fsdecode(b"stra\xdfe\x1b[2J.mp4"))

    assert completed.returncode == 2
    assert completed.stderr.endswith("error: argument VIDEO: there is no file stra\\xdfe\\x1b[2J.mp4\n")
