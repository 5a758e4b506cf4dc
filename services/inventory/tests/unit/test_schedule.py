"""Opening hours: weekdays, exceptions, midnight, validity."""

from datetime import date

from holdfast_inventory.domain.local_time import edge, local
from holdfast_inventory.domain.schedule import Schedule, Window, excepted, openings

MONDAY, TUESDAY = date(2027, 3, 22), date(2027, 3, 23)


def schedule(**more: object) -> Schedule:
    return Schedule.of(
        {"weekly": {"mon": [{"start": "09:00", "end": "12:30"}, {"start": "13:30", "end": "18:00"}]}, **more}
    )


def test_a_weekday_has_its_windows_and_other_days_are_closed():
    assert schedule().windows_on(MONDAY) == (Window(540, 750), Window(810, 1080))
    assert schedule().windows_on(TUESDAY) == ()


def test_an_exception_replaces_the_weekday_wholly():
    shorter = schedule(exceptions=[{"date": "2027-03-22", "windows": [{"start": "10:00", "end": "11:00"}]}])
    assert shorter.windows_on(MONDAY) == (Window(600, 660),)
    assert shorter.usual_windows_on(MONDAY) == (Window(540, 750), Window(810, 1080))


def test_a_closed_range_closes_each_of_its_days():
    closed = schedule(exceptions=[{"from": "2027-03-20", "to": "2027-03-22", "closed": True}])
    assert closed.windows_on(MONDAY) == ()
    assert closed.windows_on(date(2027, 3, 29)) != ()


def test_of_two_exceptions_for_a_day_the_last_holds():
    both = schedule(
        exceptions=[
            {"from": "2027-03-20", "to": "2027-03-25", "closed": True},
            {"date": "2027-03-22", "windows": [{"start": "10:00", "end": "11:00"}]},
        ]
    )
    assert both.windows_on(MONDAY) == (Window(600, 660),)


def test_validity_is_inclusive_on_both_sides():
    valid = schedule(validFrom="2027-03-22", validUntil="2027-03-22")
    assert valid.windows_on(MONDAY) != ()
    assert valid.windows_on(date(2027, 3, 29)) == ()
    assert valid.windows_on(date(2027, 3, 15)) == ()


def test_an_end_of_2400_is_midnight_and_an_earlier_end_lies_on_the_next_day():
    assert Window.of("22:00", "24:00") == Window(1320, 1440)
    assert Window.of("22:00", "02:00") == Window(1320, 1560)
    assert Window.of("09:00", "09:00") == Window(540, 1980)


def test_a_window_of_the_day_before_runs_into_the_first_day():
    night = Schedule.of({"weekly": {"mon": [{"start": "22:00", "end": "02:00"}]}})
    found = openings(night, "Europe/Berlin", TUESDAY, TUESDAY)
    assert found == ((edge(MONDAY, 1320, "Europe/Berlin"), edge(TUESDAY, 120, "Europe/Berlin")),)


def test_a_window_wholly_in_a_gap_does_not_happen():
    early = Schedule.of({"weekly": {"sun": [{"start": "02:15", "end": "02:45"}]}})
    day = date(2026, 3, 8)
    starts = [local(at, "America/New_York") for at, _ in openings(early, "America/New_York", day, day)]
    assert all(start.hour == 3 for start in starts)


def test_the_usual_windows_of_excepted_days_are_known():
    closed = schedule(exceptions=[{"date": "2027-03-22", "closed": True, "label": "Holiday"}])
    assert openings(closed, "UTC", MONDAY, MONDAY) == ()
    assert len(excepted(closed, "UTC", MONDAY, MONDAY)) == 2
