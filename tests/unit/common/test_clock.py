"""Times as text, and back."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from people_pathing.common.clock import epoch_ms, utc_text, utc_text_to_second, utc_time


def test_a_time_is_shown_in_utc_with_milliseconds_or_to_the_second() -> None:
    assert utc_text(1_772_438_400_250) == "2026-03-02T08:00:00.250Z"
    assert utc_text(1_772_438_400_000) == "2026-03-02T08:00:00.000Z"
    assert utc_text_to_second(1_772_438_400_999) == "2026-03-02T08:00:00Z"


def test_a_time_before_the_epoch_is_rounded_down() -> None:
    assert utc_text(-1) == "1969-12-31T23:59:59.999Z"
    assert utc_text_to_second(-1) == "1969-12-31T23:59:59Z"


@given(
    st.datetimes(datetime(2, 1, 1), datetime(9998, 12, 31)),
    st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes))),
)
def test_a_time_of_any_zone_becomes_milliseconds_and_back(face: datetime, zone: timezone) -> None:
    moment = face.replace(tzinfo=zone)

    found = utc_time(epoch_ms(moment))

    assert found.tzinfo is UTC
    assert timedelta(0) <= moment - found < timedelta(milliseconds=1)
    assert datetime.fromisoformat(utc_text(epoch_ms(moment))) == found


def test_a_time_after_the_year_9999_cannot_be_represented() -> None:
    with pytest.raises(OverflowError):
        utc_text(epoch_ms(datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)) + 1000)
