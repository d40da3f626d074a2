import pytest

from people_pathing.cli.progress import format_duration


@pytest.mark.parametrize(
    ("duration_ms", "text"),
    [
        (-5, "0s"),
        (45_999, "45s"),
        (723_000, "12m 03s"),
        (19_200_000, "5h 20m"),
        (273_600_000, "3d 04h"),
    ],
)
def test_a_duration_is_shown_in_its_two_largest_units(duration_ms: int, text: str) -> None:
    assert format_duration(duration_ms) == text
