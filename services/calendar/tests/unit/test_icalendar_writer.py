"""The file, read back by two independent parsers."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import icalendar
import pytest
import vobject
from calendar_samples import ANA, BOOKING, an_entry, at
from hypothesis import given, settings
from hypothesis import strategies as st

from holdfast_calendar.adapters.icalendar_writer import IcalendarWriter
from holdfast_calendar.adapters.zone_rules import zone_rules
from holdfast_calendar.domain.entry import Business
from holdfast_contracts.enums import BookingMode, BookingStatus

WRITER = IcalendarWriter()


def written(*entries) -> bytes:
    return WRITER.write(entries[0].business, entries)


def read(content: bytes) -> icalendar.Calendar:
    return icalendar.Calendar.from_ical(content)


def read_otherwise(content: bytes):
    """Read with vobject, which takes the zones from the file itself once it has forgotten those of other files."""
    vobject.icalendar.__dict__["__tzidMap"].clear()
    return vobject.readOne(content.decode())


def unfolded(content: bytes) -> list[str]:
    return content.decode().replace("\r\n ", "").split("\r\n")


def names(content: bytes) -> list[str]:
    return [line.split(":")[0].split(";")[0] for line in unfolded(content) if line]


def test_the_file_of_the_specifications_booking():
    assert unfolded(written(an_entry(sequence=1, changed_at=at("2027-02-01T10:00:00Z")))) == [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Holdfast//Holdfast calendar//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        "NAME:Demo",
        "X-WR-CALNAME:Demo",
        "REFRESH-INTERVAL;VALUE=DURATION:PT15M",
        "X-PUBLISHED-TTL:PT15M",
        "X-WR-TIMEZONE:Europe/Berlin",
        "BEGIN:VTIMEZONE",
        "TZID:Europe/Berlin",
        "BEGIN:STANDARD",
        "DTSTART:20270101T000000",
        "TZNAME:CET",
        "TZOFFSETFROM:+0100",
        "TZOFFSETTO:+0100",
        "END:STANDARD",
        "BEGIN:DAYLIGHT",
        "DTSTART:20270328T020000",
        "TZNAME:CEST",
        "TZOFFSETFROM:+0100",
        "TZOFFSETTO:+0200",
        "END:DAYLIGHT",
        "BEGIN:STANDARD",
        "DTSTART:20271031T030000",
        "TZNAME:CET",
        "TZOFFSETFROM:+0200",
        "TZOFFSETTO:+0100",
        "END:STANDARD",
        "END:VTIMEZONE",
        "BEGIN:VEVENT",
        "SUMMARY:Harbour concert",
        "DTSTART;TZID=Europe/Berlin:20270612T200000",
        "DTEND;TZID=Europe/Berlin:20270612T220000",
        "DTSTAMP:20270201T100000Z",
        f"UID:{BOOKING}@demo.example",
        "SEQUENCE:1",
        "CREATED:20270110T090100Z",
        "DESCRIPTION:Booking BK-7Q2M9KX4\\n2 guests",
        "LAST-MODIFIED:20270201T100000Z",
        "LOCATION:Pier 7",
        "STATUS:CONFIRMED",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]


def test_two_parsers_read_what_was_meant():
    entry = an_entry(title="Tea; cake, & more: a \\ day", venue="Côté Nord", resources=(ANA,))
    content = written(entry)
    (event,) = read(content).events
    other = read_otherwise(content).vevent
    assert str(event["SUMMARY"]) == other.summary.value == entry.title
    assert str(event["LOCATION"]) == other.location.value == entry.venue
    assert str(event["DESCRIPTION"]) == other.description.value == entry.description
    assert event.start == other.dtstart.value == entry.starts_at
    assert event.end == other.dtend.value == entry.ends_at
    assert str(event["UID"]) == other.uid.value == entry.uid


def test_the_same_entries_make_the_same_bytes():
    assert written(an_entry()) == IcalendarWriter().write(an_entry().business, [an_entry()])


def test_a_cancelled_booking_is_cancelled():
    (event,) = read(written(an_entry(status=BookingStatus.CANCELLED))).events
    assert event["STATUS"] == "CANCELLED"


def test_a_stay_has_dates_and_needs_no_zone():
    begin, end = at("2027-07-01T14:00:00Z"), at("2027-07-04T10:00:00Z")
    content = written(an_entry(booking_mode=BookingMode.NIGHTS, starts_at=begin, ends_at=end, timezone="Europe/Lisbon"))
    (event,) = read(content).events
    other = read_otherwise(content).vevent
    assert (event.start, event.end) == (date(2027, 7, 1), date(2027, 7, 4))
    assert (other.dtstart.value, other.dtend.value) == (date(2027, 7, 1), date(2027, 7, 4))
    assert "VTIMEZONE" not in content.decode()


def test_an_event_without_an_end_has_none():
    assert "DTEND" not in names(written(an_entry(ends_at=None)))


@pytest.mark.parametrize("zone", ["UTC", "Etc/UTC"])
def test_utc_needs_no_rules(zone):
    lines = unfolded(written(an_entry(timezone=zone)))
    assert "DTSTART:20270612T180000Z" in lines
    assert "BEGIN:VTIMEZONE" not in lines


def test_a_local_time_that_exists_twice_is_told_in_utc_where_the_second_is_meant():
    lines = unfolded(written(an_entry(starts_at=at("2027-10-31T01:30:00Z"), ends_at=at("2027-10-31T03:00:00Z"))))
    assert {"DTSTART:20271031T013000Z", "DTEND:20271031T030000Z"} <= set(lines)


def test_each_zone_has_its_rules_once():
    lisbon = [an_entry(timezone="Europe/Lisbon"), an_entry(timezone="Europe/Lisbon", starts_at=at("2027-02-01T08:00Z"))]
    content = written(an_entry(), *lisbon, an_entry(timezone="Asia/Tokyo"))
    assert [str(zone["TZID"]) for zone in read(content).walk("VTIMEZONE")] == [
        "Asia/Tokyo",
        "Europe/Berlin",
        "Europe/Lisbon",
    ]


ZONES = [
    "Europe/Berlin",
    "America/New_York",
    "America/Sao_Paulo",
    "Australia/Lord_Howe",  # half an hour of summer time
    "Africa/Casablanca",  # winter time in Ramadan
    "Europe/Dublin",  # its law has winter time as the exception
    "Asia/Kathmandu",
    "Pacific/Apia",
    "America/Nuuk",
]


INSTANTS = st.integers(1_767_225_600, 2_208_988_800).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
"""From 2026 to 2040, to the second."""


@settings(deadline=None, max_examples=60)
@given(zone=st.sampled_from(ZONES), begin=INSTANTS, minutes=st.integers(1, 60 * 24 * 400))
def test_any_instant_survives_a_parser_that_knows_only_the_rules_in_the_file(zone, begin, minutes):
    entry = an_entry(timezone=zone, starts_at=begin, ends_at=begin + timedelta(minutes=minutes))
    content = written(entry)
    (event,) = read(content).events
    other = read_otherwise(content).vevent
    for begins, ends in ((event.start, event.end), (other.dtstart.value, other.dtend.value)):
        assert (begins.astimezone(UTC), ends.astimezone(UTC)) == (entry.starts_at, entry.ends_at)


def test_that_parser_does_take_the_rules_from_the_file():
    """Negative control of the test above: with other rules it reads another time."""
    content = written(an_entry()).replace(b"TZOFFSETTO:+0200", b"TZOFFSETTO:+0500")
    assert read_otherwise(content).vevent.dtstart.value.astimezone(UTC) == at("2027-06-12T15:00:00Z")


@settings(deadline=None, max_examples=60)
@given(zone=st.sampled_from(ZONES), instant=INSTANTS)
def test_onsets_are_by_the_offset_before_the_change(zone, instant):
    """As RFC 5545, section 3.6.5, says; without it the hour after a change would be converted from UTC wrongly."""
    year = instant.astimezone(ZoneInfo(zone)).year
    transitions, rules = zone_rules(zone, year, year).get_transitions()
    instants = [change.replace(tzinfo=UTC) for change in transitions]
    newest = max(place for place, change in enumerate(instants) if change <= instant)
    assert rules[newest][0] == instant.astimezone(ZoneInfo(zone)).utcoffset()


NASTY = st.text(st.characters(codec="utf-8"), max_size=300) | st.sampled_from(
    [
        "x\r\nATTENDEE:mailto:eve@example.com",
        "x\nEND:VEVENT\nBEGIN:VEVENT",
        "x\\\r\n STATUS:CANCELLED",
        "x\x85URL:https://evil.example",
        "x\u2028URL:https://evil.example",
        "C:\\New\\nothing",
        '";VALUE=URI:x',
        "😀" * 100,
        "e\u0301" * 100,
    ]
)


@settings(deadline=None, max_examples=60)
@given(title=NASTY, venue=NASTY, resource=NASTY, business=NASTY, uid=NASTY)
def test_no_text_adds_a_property_or_breaks_a_line(title, venue, resource, business, uid):
    plain = an_entry(resources=(ANA,))
    entry = an_entry(
        title=title,
        venue=venue or "-",
        resources=(type(ANA)(ANA.id, resource),),
        business=Business(business, "Europe/Berlin"),
        uid=uid,
    )
    content = written(entry)
    assert names(content) == names(written(plain))
    assert [line for line in unfolded(content) if line.startswith(("BEGIN:", "END:"))] == [
        line for line in unfolded(written(plain)) if line.startswith(("BEGIN:", "END:"))
    ]
    assert len(content.decode().splitlines()) == content.count(b"\r\n")
    for line in content.split(b"\r\n"):
        assert len(line) <= 75
        line.decode()  # a cut character would raise
    (event,) = read(content).events
    assert str(event["SUMMARY"]).split() == one_line(title).split()
    assert str(event["DESCRIPTION"]).splitlines()[0] == "Booking BK-7Q2M9KX4"
    assert read_otherwise(content).vevent.summary.value.split() == one_line(title).split()


def one_line(text: str) -> str:
    """What the writer should leave of a text, written another way."""
    lines = " ".join(text.splitlines())
    return "".join(char for char in lines if char == "\t" or (ord(char) >= 32 and not 0x7F <= ord(char) <= 0x9F))
