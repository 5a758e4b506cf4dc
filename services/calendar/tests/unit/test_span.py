"""When an entry takes place."""

from datetime import date

import pytest
from calendar_samples import at

from holdfast_calendar.domain.span import ClockTimes, WholeDays, span_of
from holdfast_contracts.enums import BookingMode


def test_a_stay_is_whole_days_without_the_day_of_departure():
    span = span_of(BookingMode.NIGHTS, at("2027-07-01T14:00:00Z"), at("2027-07-04T10:00:00Z"), "Europe/Lisbon")
    assert span == WholeDays(date(2027, 7, 1), date(2027, 7, 4))


def test_the_days_of_a_stay_are_those_of_the_place():
    # 15:00 in Auckland is 03:00 UTC of the same day; 11:00 there is 23:00 UTC of the day before.
    span = span_of(BookingMode.NIGHTS, at("2027-07-01T03:00:00Z"), at("2027-07-03T23:00:00Z"), "Pacific/Auckland")
    assert span == WholeDays(date(2027, 7, 1), date(2027, 7, 4))


def test_a_stay_within_one_day_is_that_day():
    span = span_of(BookingMode.NIGHTS, at("2027-07-01T08:00:00Z"), at("2027-07-01T10:00:00Z"), "Europe/Lisbon")
    assert span == WholeDays(date(2027, 7, 1), date(2027, 7, 2))


@pytest.mark.parametrize("mode", [mode for mode in BookingMode if mode is not BookingMode.NIGHTS])
def test_everything_else_has_clock_times(mode):
    begin, end = at("2027-06-12T18:00:00Z"), at("2027-06-12T20:00:00Z")
    assert span_of(mode, begin, end, "Europe/Berlin") == ClockTimes(begin, end, "Europe/Berlin")


@pytest.mark.parametrize(
    ("begin", "end", "plain"),
    [
        ("2027-10-31T00:30:00Z", "2027-10-31T00:45:00Z", True),  # 02:30 summer time, the first of two
        ("2027-10-31T01:30:00Z", "2027-10-31T03:00:00Z", False),  # 02:30 again, winter time
        ("2027-10-31T00:30:00Z", "2027-10-31T01:30:00Z", False),  # from the first to the second 02:30
        ("2027-10-31T02:00:00Z", None, True),
    ],
)
def test_a_second_occurrence_of_a_local_time_is_not_plain(begin, end, plain):
    assert ClockTimes(at(begin), at(end) if end else None, "Europe/Berlin").is_plain_local is plain
