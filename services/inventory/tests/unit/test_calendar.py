"""Slots of exclusive and shared resources; the sweeps against a plain check of every pair."""

from datetime import date
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast_contracts.enums import ResourceStatus, SlotStatus
from holdfast_inventory.domain.calendar import Calendar, Search
from holdfast_inventory.domain.local_time import edge, local
from holdfast_inventory.domain.place import Interval, Place
from holdfast_inventory.domain.resource import Resource
from holdfast_inventory.domain.schedule import Schedule
from holdfast_inventory.domain.slot import Reason, plenty

ZONE = "America/New_York"
MONDAY = date(2027, 3, 22)
NOW = edge(date(2027, 3, 1), 0, ZONE)
HOURS = Schedule.of({"weekly": {"mon": [{"start": "09:00", "end": "12:00"}]}})


def resource(**more: object) -> Resource:
    fields = {
        "id": uuid4(), "tenant_id": uuid4(), "name": "Ana", "status": ResourceStatus.ACTIVE, "timezone": ZONE,
        "currency": "USD", "decimals": 2, "schedule": HOURS,
    }  # fmt: skip
    return Resource(**{**fields, **more})


def at(hour: int, minute: int = 0) -> int:
    return edge(MONDAY, hour * 60 + minute, ZONE)


def place(start: int, end: int, *, unit: int = 0, guests: int = 1, gap: int = 0, held: bool = False) -> Place:
    return Place(uuid4(), unit, start, end, end + gap, guests, held)


def search(**more: object) -> Search:
    fields = {"first": MONDAY, "last": MONDAY, "zone": ZONE, "duration": 1800, "guests": 1, "now": NOW}
    return Search(**{**fields, **more})


def shown(calendar: Calendar, **more: object) -> list[str]:
    return [f"{local(slot.start, ZONE):%H:%M}" for slot in calendar.slots(search(**more))]


def test_an_exclusive_resource_is_free_around_its_bookings():
    assert shown(Calendar(resource(), [place(at(10), at(11))])) == ["09:00", "09:30", "11:00", "11:30"]


ALWAYS = Schedule.of(
    {"weekly": {day: [{"start": "00:00", "end": "24:00"}] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}}
)


@pytest.mark.parametrize("hours", [2, 24, 47, 100])
def test_a_house_that_is_open_day_and_night_has_no_closing_time(hours):
    ana = resource(schedule=ALWAYS, slot_interval=60)
    found = shown(Calendar(ana, []), duration=hours * 3600)
    assert found == [f"{hour:02}:00" for hour in range(24)]
    assert ana.on_grid(at(23), at(23) + hours * 3600)
    assert not ana.on_grid(at(23, 30), at(23, 30) + hours * 3600)


def test_a_night_without_a_gap_keeps_its_length_when_the_clocks_change():
    """22:00 to 06:00 over 14 March 2027 in New York is seven hours long, in two windows that adjoin at midnight."""
    saturday = date(2027, 3, 13)
    night = Schedule.of(
        {"weekly": {"sat": [{"start": "22:00", "end": "24:00"}], "sun": [{"start": "00:00", "end": "06:00"}]}}
    )
    ana = resource(schedule=night, slot_interval=60)
    opens = edge(saturday, 22 * 60, ZONE)
    assert ana.on_grid(opens, opens + 7 * 3600)
    assert not ana.on_grid(opens, opens + 8 * 3600)


@pytest.mark.parametrize(
    ("zone", "asked_from", "hours"), [("UTC", "America/Los_Angeles", 20), ("Pacific/Auckland", "Pacific/Honolulu", 47)]
)
def test_it_has_none_seen_from_another_zone_either(zone, asked_from, hours):
    ana = resource(schedule=ALWAYS, slot_interval=60, timezone=zone)
    assert len(Calendar(ana, []).slots(search(zone=asked_from, duration=hours * 3600))) == 24


def test_nor_over_the_day_on_which_the_clocks_are_put_forward():
    ana = resource(schedule=ALWAYS, slot_interval=15)
    friday, monday = date(2027, 3, 12), date(2027, 3, 15)
    assert ana.on_grid(edge(friday, 23 * 60 + 45, ZONE), edge(monday, 30, ZONE))


def test_windows_that_overlap_are_open_together():
    nested = Schedule.of(
        {
            "weekly": {
                "mon": [
                    {"start": "09:00", "end": "12:00"},
                    {"start": "10:00", "end": "11:00"},
                    {"start": "12:00", "end": "17:00"},
                ]
            }
        }
    )
    assert resource(schedule=nested, slot_interval=60).on_grid(at(11), at(13))


def test_windows_with_a_minute_between_them_do_not_adjoin():
    """Negative control of the tests above."""
    broken = Schedule.of({"weekly": {"mon": [{"start": "09:00", "end": "10:29"}, {"start": "10:30", "end": "12:00"}]}})
    whole = Schedule.of({"weekly": {"mon": [{"start": "09:00", "end": "10:30"}, {"start": "10:30", "end": "12:00"}]}})
    assert shown(Calendar(resource(schedule=broken), []), duration=3600) == ["09:00", "10:30"]
    assert shown(Calendar(resource(schedule=whole), []), duration=3600) == ["09:00", "10:00", "10:30"]


def test_bookings_at_the_same_time_limit_what_is_left_of_many_units():
    ana = resource(units=10, max_bookings=2)
    free, one = Calendar(ana, []), Calendar(ana, [place(at(9), at(10))])
    both = Calendar(ana, [place(at(9), at(10)), place(at(9), at(10), unit=1)])
    assert [calendar.left(Interval(at(9), at(10))) for calendar in (free, one, both)] == [2, 1, 0]
    assert free.slots(search())[0].status is plenty(2, 2) is SlotStatus.LIMITED
    assert shown(both) == ["10:00", "10:30", "11:00", "11:30"]


def test_a_booking_may_end_with_the_window_and_its_buffer_may_run_past_it():
    assert shown(Calendar(resource(buffer_after=60), []))[-1] == "11:30"


@pytest.mark.parametrize(("after", "before", "gap"), [(10, 0, 10), (0, 15, 15), (10, 15, 15)])
def test_the_gap_between_two_bookings_is_the_larger_buffer(after, before, gap):
    ana = resource(buffer_after=after, buffer_before=before, slot_interval=5)
    calendar = Calendar(ana, [])
    assert calendar.occupy(uuid4(), Interval(at(10), at(10, 30)), 1, held=False) is not None
    assert calendar.unit_for(Interval(at(10, 30 + gap - 5), at(11, 30)), 1) is None
    assert calendar.unit_for(Interval(at(10, 30 + gap), at(11, 30)), 1) == 0
    assert calendar.unit_for(Interval(at(9), at(10) - gap * 60), 1) == 0
    assert calendar.unit_for(Interval(at(9), at(10) - gap * 60 + 300), 1) is None


def test_each_unit_is_taken_once():
    calendar = Calendar(resource(units=2), [])
    wish = Interval(at(9), at(10))
    assert [getattr(calendar.occupy(uuid4(), wish, 1, held=False), "unit", None) for _ in range(3)] == [0, 1, None]


def test_a_shared_resource_counts_the_peak_and_not_the_sum():
    calendar = Calendar(resource(capacity=4), [place(at(9), at(10), guests=3), place(at(10), at(11), guests=3)])
    assert calendar.left(Interval(at(9), at(11))) == 1


def test_bookings_with_another_start_count_as_well():
    calendar = Calendar(resource(capacity=10, max_bookings=2), [place(at(9), at(10)), place(at(9, 30), at(10, 30))])
    assert calendar.unit_for(Interval(at(9, 45), at(10, 15)), 1) is None
    assert calendar.unit_for(Interval(at(10), at(10, 30)), 1) == 0


def test_a_party_that_does_not_fit_sees_no_slot():
    calendar = Calendar(resource(capacity=4), [place(at(9), at(12), guests=2)])
    assert shown(calendar, guests=2) != []
    assert shown(calendar, guests=3) == []


@pytest.mark.parametrize(
    ("places", "start", "status", "reason"),
    [
        ([place(at(10), at(10, 30), gap=1800)], at(10), SlotStatus.FULL, Reason.BOOKED),
        ([place(at(10), at(10, 30), gap=1800, held=True)], at(10), SlotStatus.HELD, Reason.HELD),
        ([place(at(10), at(10, 30), gap=1800)], at(10, 30), SlotStatus.FULL, Reason.BUFFER),
    ],
)
def test_each_refused_slot_has_its_reason(places, start, status, reason):
    slots = Calendar(resource(buffer_after=30), places).slots(search(unavailable=True))
    slot = next(slot for slot in slots if slot.start == start)
    assert (slot.status, slot.reason) == (status, reason)


def test_notice_and_advance_refuse_what_is_too_soon_and_too_far():
    soon = Calendar(resource(notice_hours=1), []).slots(search(unavailable=True, now=at(9)))
    assert [slot.status for slot in soon][:2] == [SlotStatus.TOO_SOON] * 2
    assert soon[2].status == SlotStatus.AVAILABLE
    far = Calendar(resource(advance_days=20), []).slots(search(unavailable=True))
    assert {slot.status for slot in far} == {SlotStatus.TOO_FAR}
    assert shown(Calendar(resource(advance_days=21), [])) != []


def test_a_closed_day_shows_its_usual_slots_as_closed():
    closed = Schedule.of(
        {
            "weekly": {"mon": [{"start": "09:00", "end": "10:00"}]},
            "exceptions": [{"date": "2027-03-22", "closed": True}],
        }
    )
    calendar = Calendar(resource(schedule=closed), [])
    assert shown(calendar) == []
    assert [slot.status for slot in calendar.slots(search(unavailable=True))] == [SlotStatus.CLOSED] * 2


def test_an_inactive_resource_and_one_without_schedule_have_no_slots():
    assert shown(Calendar(resource(status=ResourceStatus.MAINTENANCE), [])) == []
    assert shown(Calendar(resource(schedule=None), [])) == []


def test_what_a_claim_vacates_is_free_again():
    calendar, claim = Calendar(resource(), []), uuid4()
    calendar.occupy(claim, Interval(at(9), at(10)), 1, held=False)
    calendar.vacate(claim)
    assert calendar.unit_for(Interval(at(9), at(10)), 1) == 0


@pytest.mark.parametrize(
    ("left", "total", "status"),
    [
        (1, 1, SlotStatus.AVAILABLE), (0, 1, SlotStatus.FULL), (3, 100, SlotStatus.LIMITED),
        (4, 10, SlotStatus.AVAILABLE),
        (20, 100, SlotStatus.LIMITED), (21, 100, SlotStatus.AVAILABLE), (None, None, SlotStatus.AVAILABLE),
    ],
)  # fmt: skip
def test_limited_is_a_fifth_or_three(left, total, status):
    assert plenty(left, total) == status


# -- properties: against the definition, pair by pair ---------------------------------------------------------

minutes = st.integers(0, 36).map(lambda n: at(9) + n * 300)
wishes = st.lists(st.tuples(minutes, st.integers(1, 12), st.integers(1, 4)), max_size=25)


@given(wishes, st.integers(1, 3), st.integers(0, 3))
def test_no_unit_is_ever_taken_twice_and_nothing_free_is_refused(asked, units, buffer):
    ana = resource(units=units, buffer_after=buffer * 5)
    calendar, given_away = Calendar(ana, []), []
    for start, length, _ in asked:
        wish = Interval(start, start + length * 300)
        free = {u for u in range(units) if not any(_clash(wish, p, ana.gap) for p in given_away if p.unit == u)}
        taken = calendar.occupy(uuid4(), wish, 1, held=False)
        assert (taken is None) == (not free)
        assert taken is None or taken.unit in free
        given_away += [taken] if taken else []
        starts = sorted({at(9) + n * 900 for n in range(12)})
        counted = [
            sum(
                not any(_clash(Interval(s, s + 1800), p, ana.gap) for p in given_away if p.unit == u)
                for u in range(units)
            )
            for s in starts
        ]
        assert calendar.remaining(starts, 1800) == counted


def _clash(wish: Interval, other: Place, gap: int) -> bool:
    return wish.start < other.end + gap and other.start < wish.end + gap


@given(wishes, st.integers(2, 8), st.one_of(st.none(), st.integers(1, 3)))
def test_a_shared_resource_never_has_more_guests_or_bookings_than_it_may(asked, capacity, most):
    calendar = Calendar(resource(capacity=capacity, max_bookings=most), [])
    moments = [at(9) + n * 300 for n in range(60)]
    for start, length, guests in asked:
        wish = Interval(start, start + length * 300)
        before = _fits(calendar, wish, guests, capacity, most, moments)
        assert (calendar.occupy(uuid4(), wish, guests, held=False) is not None) == before
    for moment in moments:
        there = [p for p in calendar.places if p.start <= moment < p.end]
        assert sum(p.guests for p in there) <= capacity
        assert most is None or len(there) <= most


def _fits(calendar: Calendar, wish: Interval, guests: int, capacity: int, most: int | None, moments: list[int]) -> bool:
    for moment in (m for m in moments if wish.start <= m < wish.end):
        there = [p for p in calendar.places if p.start <= moment < p.end]
        if sum(p.guests for p in there) + guests > capacity or (most is not None and len(there) >= most):
            return False
    return True


def test_availability_of_many_places_counts_each_id_once():
    same = UUID(int=7)
    calendar = Calendar(
        resource(), [Place(same, 0, at(9), at(10), at(10), 1, False), Place(same, 0, at(10), at(11), at(11), 1, False)]
    )
    assert shown(calendar) == ["11:00", "11:30"]
