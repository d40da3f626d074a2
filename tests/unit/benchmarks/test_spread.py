"""Random changes of the settings reach every number."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, fields, is_dataclass

from benchmarks.engine.scoring import Score, mean, worst_tenth
from benchmarks.engine.spread import SPREAD, drawn_settings, perturbed
from people_pathing.engine.tracking.settings import TrackerSettings


@dataclass(frozen=True)
class Inner:
    share: float = 0.95
    is_on: bool = True


@dataclass(frozen=True)
class Outer:
    length: float = 5.0
    count: int = 100
    limits: tuple[float, ...] = (3.0, -8.0)
    name: str = "unchanged"
    missing: float | None = None
    inner: Inner = field(default_factory=Inner)


def numbers(settings: object, path: str = "") -> dict[str, float]:
    """Returns all numbers in nested settings, by path."""
    assert is_dataclass(settings)
    found: dict[str, float] = {}
    for one in fields(settings):
        value = getattr(settings, one.name)
        if is_dataclass(value):
            found |= numbers(value, f"{path}{one.name}.")
        elif isinstance(value, int | float) and not isinstance(value, bool):
            found[path + one.name] = value
    return found


def test_every_number_of_the_engine_s_settings_changes() -> None:
    default = numbers(TrackerSettings())
    draws = [numbers(settings) for settings in drawn_settings(8)]

    assert default
    for path, value in default.items():
        drawn = [draw[path] for draw in draws]
        if value:
            assert any(one != value for one in drawn), path
        assert all(abs(one - value) <= SPREAD * abs(value) + 0.5 * isinstance(value, int) for one in drawn)


def test_nested_settings_tuples_and_integers_change() -> None:
    changed = perturbed(Outer(), random.Random(1))

    assert changed.length != 5
    assert changed.count != 100
    assert isinstance(changed.count, int)
    assert changed.limits[0] != 3
    assert changed.limits[1] < 0
    assert (changed.name, changed.missing, changed.inner.is_on) == ("unchanged", None, True)


def test_a_share_stays_at_most_one() -> None:
    shares = [perturbed(Inner(), random.Random(seed)).share for seed in range(50)]

    assert max(shares) == 1
    assert min(shares) < 0.85


def test_the_same_draw_gives_the_same_settings() -> None:
    assert drawn_settings(3) == drawn_settings(5)[:3]


def test_the_worst_tenth_of_switches_is_the_highest() -> None:
    scores = [Score(mota=70 + one, idf1=70, hota=60, switches=one) for one in range(11)]

    assert worst_tenth(scores) == Score(mota=71, idf1=70, hota=60, switches=9)
    assert mean(scores) == Score(mota=75, idf1=70, hota=60, switches=5)
