"""Versions of an entry, and what a new one changes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from calendar_samples import ANA, an_entry, at

from holdfast_calendar.domain.entries import Entries
from holdfast_calendar.domain.entry import EVENT_STATES, EventState
from holdfast_contracts.enums import BookingStatus

NOW = at("2027-01-10T09:02:00Z")


@pytest.mark.parametrize(
    "change",
    [
        {"starts_at": at("2027-06-12T19:00:00Z")},
        {"ends_at": at("2027-06-12T21:00:00Z")},
        {"timezone": "Europe/Lisbon"},
        {"venue": "Pier 8"},
        {"resources": (ANA,)},
        {"status": BookingStatus.CANCELLED},
    ],
)
def test_the_sequence_rises_with_time_place_and_status(change):
    first = an_entry(sequence=4)
    assert an_entry(version=2, **change).following(first).sequence == 5


@pytest.mark.parametrize("change", [{}, {"guest_count": 3}, {"title": "Other"}, {"status": BookingStatus.CHECKED_IN}])
def test_the_sequence_stays_where_calendars_show_the_same_time_place_and_status(change):
    first = an_entry(sequence=4)
    later = an_entry(version=2, changed_at=NOW, **change).following(first)
    assert (later.sequence, later.changed_at) == (4, NOW)


def test_the_uid_stays_when_the_business_gets_another_domain():
    first = an_entry()
    assert an_entry(version=2, uid="other@new.example").following(first).uid == first.uid


def test_every_status_has_a_state():
    assert set(EVENT_STATES) == set(BookingStatus)
    assert EVENT_STATES[BookingStatus.PENDING] is EventState.TENTATIVE
    assert EVENT_STATES[BookingStatus.COMPLETED] is EventState.CONFIRMED
    assert EVENT_STATES[BookingStatus.CANCELLED] is EventState.CANCELLED


def test_an_older_or_equal_version_is_ignored():
    stored = an_entry(version=5)
    entries = Entries(NOW, [stored])
    entries.record(an_entry(version=4, title="Old"))
    entries.record(an_entry(version=5, title="Again"))
    assert (entries.new, entries.changed) == ([], [])


def test_versions_of_one_batch_follow_each_other():
    entries = Entries(NOW)
    pending = an_entry(status=BookingStatus.PENDING)
    entries.record(pending)
    entries.record(replace(pending, version=2, status=BookingStatus.CONFIRMED))
    entries.record(replace(pending, version=3, status=BookingStatus.CANCELLED))
    (entry,) = entries.new
    assert (entry.version, entry.sequence, entry.state, entries.changed) == (3, 2, EventState.CANCELLED, [])


def test_a_stored_entry_that_changes_is_written_once():
    entries = Entries(NOW, [an_entry()])
    entries.record(an_entry(version=2, venue="Pier 8"))
    entries.record(an_entry(version=3, venue="Pier 9"))
    (entry,) = entries.changed
    assert (entry.version, entry.sequence, entries.new) == (3, 2, [])


def test_the_description_says_what_is_wanted_at_hand():
    assert an_entry().description == "Booking BK-7Q2M9KX4\n2 guests"
    assert an_entry(guest_count=1, resources=(ANA,)).description == "Booking BK-7Q2M9KX4\n1 guest\nWith Ana"
