from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from people_pathing.results.recording_time import (
    RecordingSource,
    RecordingTime,
    RecordingTimeError,
    name_pattern,
    stated_time,
    time_in_name,
    time_zone,
)

BERLIN = ZoneInfo("Europe/Berlin")
NINE_IN_BERLIN = int(datetime(2026, 3, 2, 8, tzinfo=UTC).timestamp() * 1000)


@pytest.mark.parametrize(
    "name",
    [
        "20260302090000.mp4",
        "cam7/20260302_090000.mp4",
        "20260302T090000.mkv",
        "2026-03-02_09-00-00.mp4",
        "2026-03-02 09-00-00.mkv",
        "2026-03-02T09:00:00.ts",
        "2026.03.02_09.00.00.avi",
        "ch01_20260302090000_20260302100000.mp4",
        "VID_20260302_090000123.mp4",
        "door-2026-03-02T080000Z.mp4",
        "door-20260302T100000+0200.mp4",
        # Digits that are no date do not hide the date.
        "20269999_999999-20260302_090000.mp4",
    ],
)
def test_the_usual_names_of_recordings_are_understood(name: str) -> None:
    assert time_in_name(name, BERLIN) == NINE_IN_BERLIN


@pytest.mark.parametrize(
    "name",
    ["street.mp4", "20260302.mp4", "20261302_090000.mp4", "120260302090000.mp4", "2026030209000012.mp4", ""],
)
def test_a_name_without_a_time_has_none(name: str) -> None:
    assert time_in_name(name, BERLIN) is None


@pytest.mark.parametrize(
    ("pattern", "name"),
    [
        ("%Y-%m-%d/*/%H.%M.%S", "2026-03-02/001/dav/09/09.00.00-09.30.00[M][0@0][0].mp4"),
        ("recordings/%Y-%m-%d/%H/*/%M.%S.mp4", "recordings/2026-03-02/09/door/00.00.mp4"),
        ("*_%d%m%Y_%Hh", "cam (1)_02032026_09h.mp4"),
        ("%Y%m%d%H%M%S%z", "20260302080000Z.mp4"),
    ],
)
def test_a_pattern_describes_other_names(pattern: str, name: str) -> None:
    assert time_in_name(name, BERLIN, name_pattern(pattern)) == NINE_IN_BERLIN


@pytest.mark.parametrize(
    ("pattern", "problem"),
    [
        ("", "%Y is missing, %m is missing, %d is missing, %H is missing"),
        ("%Y%m%d", "%H is missing"),
        ("%Y%m%d%H%Y", "%Y is there twice"),
        ("%Y%m%d%H%j", "%j is unknown"),
        ("%Y%m%d%H%", "% is unknown"),
    ],
)
def test_a_pattern_that_cannot_be_used_is_an_error(pattern: str, problem: str) -> None:
    with pytest.raises(RecordingTimeError) as caught:
        name_pattern(pattern)

    assert str(caught.value).endswith(f"%H%M%S*: {problem}")


@given(
    moment=st.datetimes(datetime(2000, 1, 1), datetime(2099, 12, 31)),
    offset_minutes=st.integers(-14 * 60, 14 * 60),
)
def test_a_time_that_was_written_into_a_name_is_read_back(moment: datetime, offset_minutes: int) -> None:
    zone = timezone(timedelta(minutes=offset_minutes))
    moment = moment.replace(microsecond=0)

    found = time_in_name(f"cam/{moment:%Y%m%d_%H%M%S}.mp4", zone)

    assert found == int(moment.replace(tzinfo=zone).timestamp()) * 1000


@pytest.mark.parametrize(
    "text", ["2026-03-02T09:00:00+01:00", "2026-03-02T08:00Z", " 2026-03-02T09:00:00\n", "20260302T090000"]
)
def test_a_stated_time_is_iso_8601(text: str) -> None:
    assert stated_time(text, BERLIN) == NINE_IN_BERLIN


@pytest.mark.parametrize(
    "text",
    [
        *("", "yesterday", "09:00", "2026-13-01T00:00Z", "1970-01-01T00:00Z", "0001-01-01T00:00+14:00"),
        *("2200-01-01T00:00Z", "9999-12-31T23:59Z", "9999-12-31T23:59-12:00"),
    ],
)
def test_a_stated_time_that_is_none_is_an_error(text: str) -> None:
    with pytest.raises(RecordingTimeError, match=r"is not a time such as .* from 1990 to 2199"):
        stated_time(text, BERLIN)


@pytest.mark.parametrize(
    "name", ["", "Berlin", "Europe", "../etc/passwd", "/etc/localtime", "Europe/Berlin\0"]
)
def test_a_time_zone_has_an_iana_name(name: str) -> None:
    with pytest.raises(RecordingTimeError, match="is not a time zone; give an IANA name such as"):
        time_zone(name)


def test_the_last_time_that_can_be_is_in_the_year_2199() -> None:
    last_ms = stated_time("2199-12-31T23:59Z", BERLIN)

    assert RecordingTime(last_ms, RecordingSource.NAME).utc == "2199-12-31T23:59:00.000Z"


def test_a_name_with_a_year_that_is_too_late_has_no_time() -> None:
    assert time_in_name("9998-03-02T09-00.mp4", BERLIN, name_pattern("%Y-%m-%dT%H-%M")) is None


def test_the_time_is_shown_in_utc() -> None:
    assert RecordingTime(NINE_IN_BERLIN + 7, RecordingSource.NAME).utc == "2026-03-02T08:00:00.007Z"
