"""The fixed daylight-saving cases [spec/04, Availability], and properties of local time for any zone and day."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast_inventory.domain.local_time import (
    ForeignOffsetError,
    NonexistentLocalTimeError,
    edge,
    instant,
    local,
    offset_text,
    parse_offset,
)
from holdfast_inventory.domain.schedule import Window

ZONES = st.sampled_from(
    ["America/New_York", "Australia/Lord_Howe", "Africa/Cairo", "Europe/Berlin", "America/Havana", "Asia/Kathmandu"]
)
DAYS = st.dates(date(2024, 1, 1), date(2029, 12, 31))


def grid(zone: str, day: date, opens: str, closes: str, minutes: int) -> list[datetime]:
    window = Window.of(opens, closes)
    start, end = edge(day, window.start, zone), edge(day, window.end, zone)
    return [local(at, zone) for at in range(start, end - minutes * 60 + 1, minutes * 60)]


@pytest.mark.parametrize(
    ("zone", "day", "window", "expected"),
    [
        ("America/New_York", date(2026, 3, 8), ("01:00", "05:00"), "01:00 01:30 03:00 03:30 04:00 04:30"),
        (
            "America/New_York",
            date(2026, 11, 1),
            ("00:30", "03:00"),
            "00:30 01:00-04 01:30-04 01:00-05 01:30-05 02:00 02:30",
        ),
        ("Australia/Lord_Howe", date(2026, 10, 4), ("01:00", "04:00"), "01:00 01:30 02:30 03:00 03:30"),
    ],
)
def test_slots_of_thirty_minutes_across_a_clock_change(zone, day, window, expected):
    found = grid(zone, day, *window, 30)
    assert len(found) == len(expected.split())
    for slot, wanted in zip(found, expected.split(), strict=True):
        assert f"{slot:%H:%M}" == wanted[:5]
        assert not wanted[5:] or offset_text(slot) == f"{wanted[5:]}:00"


def test_hourly_slots_in_the_afternoon_of_a_clock_change():
    found = grid("America/New_York", date(2026, 3, 8), "13:00", "18:00", 60)
    assert [slot.astimezone(UTC).hour for slot in found] == [17, 18, 19, 20, 21]


def test_a_window_from_a_midnight_that_is_skipped_begins_at_one():
    assert f"{grid('Africa/Cairo', date(2026, 4, 24), '00:00', '06:00', 30)[0]:%H:%M}" == "01:00"


def test_a_time_in_a_gap_is_refused():
    with pytest.raises(NonexistentLocalTimeError):
        instant(date(2026, 3, 8), time(2, 30), "America/New_York")


def test_a_repeated_time_means_the_first_unless_the_offset_says_otherwise():
    day, at, zone = date(2026, 11, 1), time(1, 30), "America/New_York"
    first = instant(day, at, zone)
    assert first == instant(day, at, zone, parse_offset("-04:00"))
    assert instant(day, at, zone, parse_offset("-05:00")) == first + 3600
    with pytest.raises(ForeignOffsetError):
        instant(day, at, zone, parse_offset("+01:00"))


@given(ZONES, DAYS, st.integers(0, 2 * 1440 - 1))
def test_an_edge_is_what_the_zone_database_says(zone, day, minute):
    exact = datetime.combine(day, time(), ZoneInfo(zone)) + timedelta(minutes=minute)  # wall-clock arithmetic
    assert edge(day, minute, zone) == int(exact.replace(fold=0).timestamp())


@given(ZONES, st.integers(1_704_067_200, 1_893_456_000))
def test_every_instant_is_found_again_by_its_local_time_and_offset(zone, moment):
    at = moment // 60 * 60
    shown = local(at, zone)
    assert instant(shown.date(), shown.time(), zone, shown.utcoffset()) == at
