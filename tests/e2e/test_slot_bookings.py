"""Bookings in mode `time_slot`: exclusive, shared, units, buffers, notice, the grid [spec/03; spec/04; spec/10]."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from e2e_samples import CONTACT, NOWHERE, ahead, day_ahead, resource, slot_body
from e2e_world import Tenant, created, invalid, ok, refused


def book(tenant: Tenant, resource_id: str, start: str, *, caller=None, day: str | None = None, **fields: object):
    return (caller or tenant.guest).post("/bookings", slot_body(resource_id, day or day_ahead(), start, **fields))


class TestCreating:
    """POST /bookings of an appointment."""

    def test_the_answer_has_the_times_the_resource_and_its_price(self, tenant: Tenant):
        ana, day = resource(tenant, timezone="America/New_York", currency="USD"), day_ahead()
        body = slot_body(ana["id"], day, "09:00", payload={"durationMinutes": 30, "timezone": "America/New_York"})

        booking = created(tenant.guest.post("/bookings", body))

        assert (booking["bookingMode"], booking["status"], booking["contentId"]) == ("time_slot", "confirmed", None)
        assert booking["type"] == "appointment"
        assert booking["resourceId"] == ana["id"]
        assert [one["resourceId"] for one in booking["resourceData"]["assignments"]] == [ana["id"]]
        assert (booking["durationMinutes"], booking["guestCount"]) == (30, 1)
        assert booking["timezone"] == "America/New_York"
        assert booking["localStart"][:16] == f"{day}T09:00"
        assert booking["localStart"].endswith(booking["offset"])
        assert booking["schedulePayload"]["date"] == day
        assert (booking["price"]["total"], booking["price"]["currency"]) == ("40.00", "USD")

    def test_the_local_time_is_the_resources_unless_another_zone_is_named(self, tenant: Tenant):
        ana = resource(tenant, timezone="America/New_York", currency="USD")

        mine = created(book(tenant, ana["id"], "09:00"))
        theirs = created(book(tenant, ana["id"], "16:00", payload={"timezone": "UTC"}))

        assert mine["localStart"][11:16] == "09:00"
        assert theirs["startsAt"][11:16] == "16:00"

    def test_a_price_per_hour_counts_started_hours(self, tenant: Tenant):
        room = resource(tenant, type="room", price=None, pricePerHour="30.00")

        booking = created(book(tenant, room["id"], "09:00", payload={"durationMinutes": 90}))

        assert booking["price"]["total"] == "60.00"
        assert booking["durationMinutes"] == 90

    def test_without_a_resource_or_content_it_is_422(self, tenant: Tenant):
        body = {"bookingMode": "time_slot", "schedulePayload": {"date": day_ahead(), "startTime": "09:00"}, **CONTACT}

        refused(tenant.guest.post("/bookings", body), 422, "VALIDATION_FAILED")

    def test_an_unknown_resource_and_another_tenants_are_404(self, tenant: Tenant, other: Tenant):
        refused(book(tenant, NOWHERE, "09:00"), 404, "NOT_FOUND")
        refused(book(tenant, resource(other)["id"], "09:00"), 404, "NOT_FOUND")

    def test_an_inactive_resource_cannot_be_booked(self, tenant: Tenant):
        refused(book(tenant, resource(tenant, status="inactive")["id"], "09:00"), 409, "RESOURCE_INACTIVE")


class TestExclusive:
    """Capacity 1: one booking at a time for each unit, whatever its party."""

    def test_a_taken_slot_is_409_with_alternatives(self, tenant: Tenant):
        ana, day = resource(tenant), day_ahead()
        created(book(tenant, ana["id"], "09:00"))

        problem = refused(book(tenant, ana["id"], "09:00"), 409, "SLOT_UNAVAILABLE")

        assert "left" in problem
        assert 1 <= len(problem["alternatives"]) <= 5
        first = problem["alternatives"][0]
        assert first["start"] == f"{day}T09:30:00Z"
        assert first["resources"] == [{"id": ana["id"], "name": ana["name"]}]

    def test_a_party_of_six_is_one_booking(self, tenant: Tenant):
        ana = resource(tenant)

        assert created(book(tenant, ana["id"], "09:00", guestCount=6))["guestCount"] == 6

    def test_half_an_overlap_is_an_overlap_and_touching_is_none(self, tenant: Tenant):
        ana = resource(tenant)
        created(book(tenant, ana["id"], "10:00", payload={"durationMinutes": 60}))

        refused(book(tenant, ana["id"], "10:30"), 409, "SLOT_UNAVAILABLE")
        refused(book(tenant, ana["id"], "09:30", payload={"durationMinutes": 60}), 409, "SLOT_UNAVAILABLE")
        created(book(tenant, ana["id"], "09:30"))
        created(book(tenant, ana["id"], "11:00"))

    def test_two_units_are_two_bookings(self, tenant: Tenant):
        rooms = resource(tenant, type="room", units=2)
        created(book(tenant, rooms["id"], "09:00"))
        created(book(tenant, rooms["id"], "09:00"))

        refused(book(tenant, rooms["id"], "09:00"), 409, "SLOT_UNAVAILABLE")

    def test_of_many_at_once_one_gets_it(self, tenant: Tenant):
        ana = resource(tenant)

        with ThreadPoolExecutor(15) as pool:
            answers = list(pool.map(lambda _: book(tenant, ana["id"], "09:00"), range(15)))

        assert sorted(answer.status_code for answer in answers) == [201] + [409] * 14

    def test_buffers_keep_bookings_apart_for_guests(self, tenant: Tenant):
        ana = resource(tenant, bufferMinutes=10, slotIntervalMinutes=5)
        created(book(tenant, ana["id"], "10:00"))

        refused(book(tenant, ana["id"], "10:35"), 409, "SLOT_UNAVAILABLE")
        refused(book(tenant, ana["id"], "09:25"), 409, "SLOT_UNAVAILABLE")
        created(book(tenant, ana["id"], "10:40"))
        created(book(tenant, ana["id"], "09:20"))

    def test_the_gap_is_the_larger_of_after_and_before(self, tenant: Tenant):
        ana = resource(tenant, bufferMinutes=10, bufferBeforeMinutes=15, slotIntervalMinutes=5)
        created(book(tenant, ana["id"], "10:00"))

        refused(book(tenant, ana["id"], "10:40"), 409, "SLOT_UNAVAILABLE")
        created(book(tenant, ana["id"], "10:45"))

    def test_a_buffer_may_run_past_closing_time(self, tenant: Tenant):
        ana = resource(tenant, bufferMinutes=60)

        created(book(tenant, ana["id"], "16:30"))


class TestShared:
    """Capacity above 1 counts guests, `maxBookingsPerSlot` counts bookings; both must hold."""

    def test_guests_share_until_it_is_full(self, tenant: Tenant):
        boat = resource(tenant, type="vehicle", capacity=8)
        created(book(tenant, boat["id"], "09:00", guestCount=5))

        refused(book(tenant, boat["id"], "09:00", guestCount=4), 409, "SLOT_UNAVAILABLE")
        created(book(tenant, boat["id"], "09:00", guestCount=3))

    def test_the_peak_counts_not_the_start(self, tenant: Tenant):
        boat = resource(tenant, type="vehicle", capacity=2)
        created(book(tenant, boat["id"], "09:00", payload={"durationMinutes": 60}))
        created(book(tenant, boat["id"], "09:30", payload={"durationMinutes": 60}))

        refused(book(tenant, boat["id"], "09:30"), 409, "SLOT_UNAVAILABLE")
        created(book(tenant, boat["id"], "10:00"))

    def test_so_many_bookings_whatever_their_guests(self, tenant: Tenant):
        boat = resource(tenant, type="vehicle", capacity=100, maxBookingsPerSlot=2)
        created(book(tenant, boat["id"], "09:00"))
        created(book(tenant, boat["id"], "09:00"))

        refused(book(tenant, boat["id"], "09:00"), 409, "SLOT_UNAVAILABLE")

    def test_a_rush_never_oversells_it(self, tenant: Tenant):
        boat = resource(tenant, type="vehicle", capacity=5)

        with ThreadPoolExecutor(12) as pool:
            answers = list(pool.map(lambda _: book(tenant, boat["id"], "09:00"), range(12)))

        assert sorted(answer.status_code for answer in answers) == [201] * 5 + [409] * 7


class TestHoursAndNotice:
    """Customers keep to the grid and the hours; staff may leave both where capacity allows."""

    @pytest.mark.parametrize("start", ["09:10", "08:30", "17:00", "16:45", "23:00"])
    def test_off_the_grid_or_outside_the_hours_is_409_for_guests_and_works_for_staff(self, tenant: Tenant, start: str):
        ana = resource(tenant)

        refused(book(tenant, ana["id"], start), 409, "SLOT_UNAVAILABLE")
        created(book(tenant, ana["id"], start, caller=tenant.staff))

    def test_staff_too_cannot_take_what_is_taken(self, tenant: Tenant):
        ana = resource(tenant)
        created(book(tenant, ana["id"], "09:00"))

        refused(book(tenant, ana["id"], "09:10", caller=tenant.staff), 409, "SLOT_UNAVAILABLE")

    def test_inside_the_notice_it_is_too_soon_but_not_for_staff(self, tenant: Tenant):
        ana = resource(tenant, minNoticeHours=72)
        tomorrow = day_ahead(1)

        refused(book(tenant, ana["id"], "09:00", day=tomorrow), 409, "TOO_SOON")
        created(book(tenant, ana["id"], "09:00", day=tomorrow, caller=tenant.staff))

    def test_beyond_the_advance_it_is_too_far_but_not_for_staff(self, tenant: Tenant):
        ana = resource(tenant, advanceBookingDays=10)

        created(book(tenant, ana["id"], "09:00", day=day_ahead(10)))
        refused(book(tenant, ana["id"], "09:00", day=day_ahead(11)), 409, "TOO_FAR")
        created(book(tenant, ana["id"], "09:00", day=day_ahead(11), caller=tenant.staff))

    def test_the_past_cannot_be_booked_by_a_guest(self, tenant: Tenant):
        ana = resource(tenant)

        answer = book(tenant, ana["id"], "09:00", day=f"{ahead(days=-2).date()}")

        assert refused(answer, 409, answer.json()["code"])["code"] in {"TOO_SOON", "SLOT_UNAVAILABLE"}


def test_a_cancelled_slot_is_free_at_once(tenant: Tenant):
    ana = resource(tenant)
    booking = created(book(tenant, ana["id"], "09:00"))
    ok(tenant.staff.patch(f"/bookings/{booking['id']}/cancel"))

    created(book(tenant, ana["id"], "09:00"))


@pytest.mark.parametrize(
    ("payload", "path"),
    [
        ({"date": "tomorrow"}, "schedulePayload.date"),
        ({"date": "2027-13-01"}, "schedulePayload.date"),
        ({"startTime": "9:00"}, "schedulePayload.startTime"),
        ({"startTime": "24:00"}, "schedulePayload.startTime"),
        ({"startTime": "09:00:00"}, "schedulePayload.startTime"),
        ({"durationMinutes": 0}, "schedulePayload.durationMinutes"),
        ({"timezone": "Mars/Olympus"}, "schedulePayload.timezone"),
        ({"offset": "5"}, "schedulePayload.offset"),
        ({"items": []}, "schedulePayload.items"),
    ],
)
def test_a_wrong_payload_is_422_with_its_path(tenant: Tenant, payload: dict, path: str):
    invalid(book(tenant, NOWHERE, "09:00", payload=payload), path)


def test_a_payload_of_another_mode_is_422(tenant: Tenant):
    body = {**slot_body(NOWHERE, day_ahead(), "09:00"), "bookingMode": "session"}

    refused(tenant.guest.post("/bookings", body), 422, "VALIDATION_FAILED")


@pytest.mark.parametrize("mode", ["nights", "date_range", "table", "open_date", "request"])
def test_a_mode_that_is_not_built_says_so(tenant: Tenant, mode: str):
    body = {"resourceId": NOWHERE, "bookingMode": mode, "schedulePayload": {"checkIn": "2027-07-01"}, **CONTACT}

    refused(tenant.guest.post("/bookings", body), 501, "NOT_IMPLEMENTED")
