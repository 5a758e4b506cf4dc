"""Availability of time slots, across changes of the clock too [spec/04, Availability and Schedule; spec/09]."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from e2e_samples import DAYS, NOWHERE, day_ahead, next_change, resource, slot_body, slots
from e2e_world import Tenant, created, invalid, ok, refused

SLOT_FIELDS = {
    "start", "end", "localStart", "offset", "remaining", "resources", "price", "status", "reason", "sessionId",
    "tiers",
}  # fmt: skip


def open_from(start: str, end: str) -> dict:
    return {"weekly": {day: [{"start": start, "end": end}] for day in DAYS}}


def local_starts(found: dict) -> list[str]:
    """`HH:MM±HH:MM` of each slot."""
    return [slot["localStart"][11:16] + slot["offset"] for slot in found["slots"]]


def test_a_free_day_is_shown_slot_by_slot(tenant: Tenant):
    ana = resource(tenant, timezone="America/New_York", currency="USD", schedule=open_from("09:00", "11:00"))
    day = "2027-06-14" if datetime.now(UTC).date() < datetime(2027, 6, 1, tzinfo=UTC).date() else day_ahead()

    found = slots(tenant.guest, ana["id"], day, durationMinutes=30)

    assert set(found) == {"slots", "nextAvailable", "waitlist", "timezone"}
    assert (found["timezone"], found["waitlist"]) == ("America/New_York", False)
    assert [slot["localStart"][11:16] for slot in found["slots"]] == ["09:00", "09:30", "10:00", "10:30"]
    first = found["slots"][0]
    assert set(first) == SLOT_FIELDS
    assert first["resources"] == [{"id": ana["id"], "name": ana["name"]}]
    assert first["price"] == {"total": "40.00", "currency": "USD"}
    assert (first["remaining"], first["reason"], first["sessionId"], first["tiers"]) == (1, None, None, [])
    assert first["status"] in {"available", "limited"}
    assert found["nextAvailable"] == first["start"]
    assert datetime.fromisoformat(first["localStart"]) == datetime.fromisoformat(first["start"])


def test_a_booked_slot_is_gone_and_the_next_one_is_next(tenant: Tenant):
    ana, day = resource(tenant), day_ahead()
    created(tenant.guest.post("/bookings", slot_body(ana["id"], day, "09:00")))

    found = slots(tenant.guest, ana["id"], day)

    assert found["nextAvailable"] == found["slots"][0]["start"] == f"{day}T09:30:00Z"


def test_refused_slots_are_shown_with_their_reason_on_request(tenant: Tenant):
    ana, day = resource(tenant, bufferMinutes=10), day_ahead()
    created(tenant.guest.post("/bookings", slot_body(ana["id"], day, "10:00")))
    held = slot_body(ana["id"], day, "12:00")
    created(tenant.guest.post("/bookings/holds", {"resourceId": ana["id"], "schedulePayload": held["schedulePayload"]}))

    everything = slots(tenant.guest, ana["id"], day, include="unavailable")["slots"]

    reasons = {slot["start"][11:16]: slot["reason"] for slot in everything}
    assert reasons["10:00"] == "booked"
    assert reasons["12:00"] == "held"
    assert reasons["10:30"] == reasons["09:30"] == "buffer"
    assert reasons["09:00"] is None
    assert all(slot["status"] in {"available", "limited"} for slot in everything if slot["reason"] is None)


def test_a_closed_day_has_no_slots_and_names_the_next_available(tenant: Tenant):
    day, after = day_ahead(20), day_ahead(21)
    closed = {**open_from("09:00", "10:00"), "exceptions": [{"date": day, "closed": True, "label": "Holiday"}]}
    ana = resource(tenant, schedule=closed)

    assert slots(tenant.guest, ana["id"], day)["slots"] == []
    both = ok(tenant.guest.get("/bookings/availability", resourceId=ana["id"], dateFrom=day, dateTo=after))
    assert both["nextAvailable"] == f"{after}T09:00:00Z"


def test_an_exception_replaces_the_weekday_wholly(tenant: Tenant):
    day = day_ahead(20)
    hours = {"date": day, "windows": [{"start": "20:00", "end": "21:00"}]}
    ana = resource(tenant, schedule={**open_from("09:00", "17:00"), "exceptions": [hours]})

    assert [slot["start"] for slot in slots(tenant.guest, ana["id"], day)["slots"]] == [
        f"{day}T20:00:00Z",
        f"{day}T20:30:00Z",
    ]


def test_without_a_schedule_it_is_closed(tenant: Tenant):
    ana = resource(tenant, schedule=None)

    assert slots(tenant.guest, ana["id"], day_ahead())["slots"] == []


def test_a_window_may_cross_midnight_and_another_may_end_at_24(tenant: Tenant):
    night = resource(tenant, schedule=open_from("23:00", "00:30"))
    late = resource(tenant, schedule=open_from("23:00", "24:00"))
    day = day_ahead()

    assert f"{day}T23:30:00Z" in [slot["start"] for slot in slots(tenant.guest, night["id"], day)["slots"]]
    both = ok(tenant.guest.get("/bookings/availability", resourceId=night["id"], dateFrom=day, dateTo=day_ahead(15)))
    assert f"{day_ahead(15)}T00:00:00Z" in [slot["start"] for slot in both["slots"]]
    assert [slot["start"][11:16] for slot in slots(tenant.guest, late["id"], day)["slots"]] == ["23:00", "23:30"]


def test_notice_and_advance_bound_what_is_offered(tenant: Tenant):
    short = resource(tenant, schedule=open_from("00:00", "24:00"), minNoticeHours=48)
    near = resource(tenant, advanceBookingDays=10)
    tomorrow = day_ahead(1)

    assert slots(tenant.guest, short["id"], tomorrow)["slots"] == []
    refused_slots = slots(tenant.guest, short["id"], tomorrow, include="unavailable")["slots"]
    assert {(slot["status"], slot["reason"]) for slot in refused_slots} == {("too_soon", "notice")}
    assert slots(tenant.guest, near["id"], day_ahead(10))["slots"] != []
    assert slots(tenant.guest, near["id"], day_ahead(11))["slots"] == []
    far = slots(tenant.guest, near["id"], day_ahead(11), include="unavailable")["slots"]
    assert {slot["status"] for slot in far} == {"too_far"}


def test_a_shared_resource_tells_how_many_are_left(tenant: Tenant):
    boat, day = resource(tenant, type="vehicle", capacity=8), day_ahead()
    created(tenant.guest.post("/bookings", slot_body(boat["id"], day, "09:00", guestCount=3)))

    first = slots(tenant.guest, boat["id"], day)["slots"][0]

    assert (first["start"], first["remaining"]) == (f"{day}T09:00:00Z", 5)
    six = slots(tenant.guest, boat["id"], day, guests=6)["slots"]
    assert f"{day}T09:00:00Z" not in [slot["start"] for slot in six]


def test_identical_units_are_free_until_the_last_is_taken(tenant: Tenant):
    rooms, day = resource(tenant, type="room", units=2), day_ahead()
    created(tenant.guest.post("/bookings", slot_body(rooms["id"], day, "09:00")))
    assert slots(tenant.guest, rooms["id"], day)["slots"][0]["remaining"] == 1
    created(tenant.guest.post("/bookings", slot_body(rooms["id"], day, "09:00")))

    assert slots(tenant.guest, rooms["id"], day)["slots"][0]["start"] == f"{day}T09:30:00Z"


class TestClockChanges:
    """The fixed cases hold for any year; over HTTP at the next change of the same zone [spec/04, spec/10]."""

    def test_in_spring_new_york_skips_two_o_clock(self, tenant: Tenant):
        day = f"{next_change('America/New_York', forward=True)}"
        ana = resource(tenant, timezone="America/New_York", schedule=open_from("01:00", "05:00"))

        found = slots(tenant.guest, ana["id"], day)

        assert local_starts(found) == [
            "01:00-05:00", "01:30-05:00", "03:00-04:00", "03:30-04:00", "04:00-04:00", "04:30-04:00",
        ]  # fmt: skip

    def test_in_autumn_new_york_has_one_o_clock_twice(self, tenant: Tenant):
        day = f"{next_change('America/New_York', forward=False)}"
        ana = resource(tenant, timezone="America/New_York", schedule=open_from("00:30", "03:00"))

        found = slots(tenant.guest, ana["id"], day)

        assert local_starts(found) == [
            "00:30-04:00", "01:00-04:00", "01:30-04:00", "01:00-05:00", "01:30-05:00", "02:00-05:00", "02:30-05:00",
        ]  # fmt: skip

    def test_an_afternoon_of_that_spring_day_lies_an_hour_earlier_in_utc(self, tenant: Tenant):
        day = f"{next_change('America/New_York', forward=True)}"
        ana = resource(
            tenant, timezone="America/New_York", schedule=open_from("13:00", "18:00"), defaultDurationMinutes=60,
            slotIntervalMinutes=60,
        )  # fmt: skip

        starts = [slot["start"][11:17] + "Z" for slot in slots(tenant.guest, ana["id"], day)["slots"]]

        assert starts == ["17:00:Z", "18:00:Z", "19:00:Z", "20:00:Z", "21:00:Z"]

    def test_lord_howe_skips_half_an_hour(self, tenant: Tenant):
        day = f"{next_change('Australia/Lord_Howe', forward=True)}"
        ana = resource(tenant, timezone="Australia/Lord_Howe", schedule=open_from("01:00", "04:00"))

        starts = [slot["localStart"][11:16] for slot in slots(tenant.guest, ana["id"], day)["slots"]]

        assert starts == ["01:00", "01:30", "02:30", "03:00", "03:30"]

    def test_cairo_has_no_midnight_that_day(self, tenant: Tenant):
        day = f"{next_change('Africa/Cairo', forward=True)}"
        ana = resource(tenant, timezone="Africa/Cairo", schedule=open_from("00:00", "04:00"))

        assert slots(tenant.guest, ana["id"], day)["slots"][0]["localStart"][11:16] == "01:00"

    def test_a_skipped_time_cannot_be_booked(self, tenant: Tenant):
        day = f"{next_change('America/New_York', forward=True)}"
        ana = resource(tenant, timezone="America/New_York", schedule=open_from("01:00", "05:00"))

        refused(tenant.staff.post("/bookings", slot_body(ana["id"], day, "02:30")), 422, "NONEXISTENT_LOCAL_TIME")

    def test_a_time_that_exists_twice_means_the_first_unless_the_offset_says_otherwise(self, tenant: Tenant):
        day = f"{next_change('America/New_York', forward=False)}"
        ana = resource(tenant, timezone="America/New_York", schedule=open_from("00:30", "03:00"))

        first = created(tenant.guest.post("/bookings", slot_body(ana["id"], day, "01:30")))
        second = created(
            tenant.guest.post("/bookings", slot_body(ana["id"], day, "01:30", payload={"offset": "-05:00"}))
        )

        assert (first["offset"], second["offset"]) == ("-04:00", "-05:00")
        assert (first["localStart"][11:16], second["localStart"][11:16]) == ("01:30", "01:30")
        gap = datetime.fromisoformat(second["startsAt"]) - datetime.fromisoformat(first["startsAt"])
        assert gap == timedelta(hours=1)

    def test_an_offset_that_the_time_does_not_have_is_422(self, tenant: Tenant):
        ana = resource(tenant, timezone="America/New_York")

        answer = tenant.guest.post(
            "/bookings", slot_body(ana["id"], day_ahead(), "10:00", payload={"offset": "+09:00"})
        )

        assert answer.status_code == 422


class TestQuestionsThatAreWrong:
    """Bad parameters are named; too long a range has a code of its own."""

    def test_a_range_of_62_days_is_answered_and_one_more_is_not(self, tenant: Tenant):
        ana = resource(tenant)
        query = {"resourceId": ana["id"], "dateFrom": day_ahead(1)}

        ok(tenant.guest.get("/bookings/availability", **query, dateTo=day_ahead(62)))
        refused(tenant.guest.get("/bookings/availability", **query, dateTo=day_ahead(63)), 422, "RANGE_TOO_LONG")

    @pytest.mark.parametrize(
        ("query", "path"),
        [
            ({"resourceId": "ana"}, "resourceId"),
            ({"dateFrom": "14.06.2027"}, "dateFrom"),
            ({"dateFrom": "2027-02-30"}, "dateFrom"),
            ({"dateTo": ""}, "dateTo"),
            ({"dateTo": "2020-01-01"}, "dateTo"),
            ({"guests": "0"}, "guests"),
            ({"guests": "many"}, "guests"),
            ({"durationMinutes": "0"}, "durationMinutes"),
            ({"include": "everything"}, "include"),
            ({"timezone": "Mars/Olympus"}, "timezone"),
            ({"colour": "red"}, "colour"),
        ],
    )
    def test_a_wrong_parameter_is_422_with_its_name(self, tenant: Tenant, query: dict, path: str):
        good = {"resourceId": NOWHERE, "dateFrom": day_ahead(1), "dateTo": day_ahead(1)}

        invalid(tenant.guest.get("/bookings/availability", **{**good, **query}), path)

    @pytest.mark.parametrize("name", ["dateFrom", "dateTo"])
    def test_a_missing_parameter_is_422_with_its_name(self, tenant: Tenant, name: str):
        query = {"resourceId": NOWHERE, "dateFrom": day_ahead(1), "dateTo": day_ahead(1)}
        del query[name]

        invalid(tenant.guest.get("/bookings/availability", **query), name)

    def test_without_content_and_resource_it_is_422(self, tenant: Tenant):
        answer = tenant.guest.get("/bookings/availability", dateFrom=day_ahead(1), dateTo=day_ahead(1))

        refused(answer, 422, "VALIDATION_FAILED")

    def test_an_unknown_resource_and_another_tenants_are_404(self, tenant: Tenant, other: Tenant):
        theirs = resource(other)
        query = {"dateFrom": day_ahead(1), "dateTo": day_ahead(1)}

        refused(tenant.guest.get("/bookings/availability", resourceId=NOWHERE, **query), 404, "NOT_FOUND")
        refused(tenant.guest.get("/bookings/availability", resourceId=theirs["id"], **query), 404, "NOT_FOUND")
