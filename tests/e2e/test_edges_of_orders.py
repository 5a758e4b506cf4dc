"""Legal bodies at the edges: a 4xx that names the field, or a booking; never a 500 [spec/01, Rules; spec/10]."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

import pytest
from e2e_samples import (
    CONTACT,
    DAYS,
    NOWHERE,
    Concert,
    ahead,
    concert,
    content_body,
    instant,
    resource,
    scan,
    slot_body,
    tickets_of,
)
from e2e_world import Caller, Json, Tenant, created, eventually, ok, refused


def wrong(answer: object) -> list[tuple[str, str]]:
    """The wrong fields of a 422, with their codes."""
    return [(error["path"], error["code"]) for error in refused(answer, 422, "VALIDATION_FAILED")["errors"]]


def order(show: Concert, *parts: tuple[int, int, list[str] | None]) -> Json:
    """A `schedulePayload` for (tier, quantity, seats) of each part."""
    return {"sessionId": show.id, "items": [show.items(many, tier, seats)["items"][0] for tier, many, seats in parts]}


@pytest.fixture(params=["/bookings", "/bookings/holds"])
def place(request: pytest.FixtureRequest, show: Concert):
    """Book an order, and hold it: both refuse what is wrong with it alike."""

    def place(caller: Caller, payload: Json, **fields: object):
        body = {"contentId": show.content["id"], "schedulePayload": payload, **fields}
        more = {"bookingMode": "session", **CONTACT} if request.param == "/bookings" else {}
        return caller.post(request.param, {**more, **body})

    return place


class TestOneOrder:
    """What contradicts itself within one order is 422 at its path, and takes nothing."""

    def test_a_seat_in_two_tiers(self, place, show: Concert):
        answer = place(show.tenant.guest, order(show, (0, 1, ["A1"]), (1, 1, ["A1"])))

        assert wrong(answer) == [("schedulePayload.items[1].seatLabels", "SEAT_TWICE")]
        assert (show.remaining(0), show.remaining(1)) == (10, 5)

    def test_a_tier_twice(self, place, show: Concert):
        answer = place(show.tenant.guest, order(show, (0, 1, None), (0, 1, None)))

        assert wrong(answer) == [("schedulePayload.items[1].tierId", "TIER_TWICE")]

    def test_no_session_and_too_few_seats(self, place, show: Concert):
        payload = order(show, (0, 2, ["A1"]))

        assert wrong(place(show.tenant.guest, payload)) == [("schedulePayload.items[0].seatLabels", "SEAT_LABELS")]
        payload = {"items": order(show, (0, 1, None))["items"]}
        assert wrong(place(show.tenant.guest, payload)) == [("schedulePayload.sessionId", "REQUIRED")]

    def test_more_names_than_are_admitted(self, show: Concert):
        answer = show.book(show.tenant.guest, 1, guests=[{"name": "Ida Berg"}, {"name": "Ole Berg"}])

        assert wrong(answer) == [("guests", "TOO_LONG")]
        assert show.remaining() == 10

    def test_a_session_with_a_resource(self, show: Concert):
        answer = show.book(show.tenant.guest, resourceId=str(uuid4()))

        assert wrong(answer) == [("resourceId", "NOT_ALLOWED")]

    def test_more_guests_than_one_booking_may_have(self, tenant: Tenant):
        tiers = [
            {"name": "Family", "price": "60.00", "admits": 100},
            {"name": "Standard", "price": "25.00"},
        ]
        show = concert(tenant, tiers=tiers)

        assert wrong(show.hold(tenant.guest, 6)) == [("guestCount", "OUT_OF_RANGE")]
        assert wrong(show.book(tenant.guest, 6)) == [("guestCount", "OUT_OF_RANGE")]
        both = order(show, (0, 5, None), (1, 1, None))
        assert wrong(show.book(tenant.guest, schedulePayload=both)) == [("guestCount", "OUT_OF_RANGE")]
        assert show.booked(tenant.guest, 5)["guestCount"] == 500

    def test_a_price_of_more_digits_than_a_tier_may_have(self, tenant: Tenant):
        show = concert(tenant, tiers=[{"name": "Yacht", "price": "9999999999.99", "quantity": 9}])

        hold = show.held(tenant.guest, 3)
        booking = show.booked(tenant.guest, 3, holdId=hold["id"], sessionId=hold["sessionId"])

        assert hold["price"]["total"] == booking["price"]["total"] == "29999999999.97"
        assert ok(tenant.staff.get(f"/bookings/{booking['id']}"))["price"] == booking["price"]


class TestTimes:
    """What is missing, and what lies beyond the years that can be told."""

    @pytest.mark.parametrize("payload", [{}, {"durationMinutes": 30}])
    def test_a_slot_without_date_and_time(self, tenant: Tenant, payload: Json):
        body = {"resourceId": NOWHERE, "bookingMode": "time_slot", "schedulePayload": payload, **CONTACT}

        assert wrong(tenant.guest.post("/bookings", body)) == [
            ("schedulePayload.date", "REQUIRED"),
            ("schedulePayload.startTime", "REQUIRED"),
        ]

    def test_a_slot_that_ends_after_the_last_year(self, tenant: Tenant):
        always = {day: [{"start": "00:00", "end": "24:00"}] for day in DAYS}
        ana = resource(tenant, schedule={"weekly": always})
        late = slot_body(ana["id"], "2199-12-31", "23:30", payload={"durationMinutes": 60})

        assert wrong(tenant.staff.post("/bookings", late)) == [("schedulePayload.date", "OUT_OF_RANGE")]

    @pytest.mark.parametrize("starts_at", ["2199-12-31T23:30:00Z", "2199-12-31T23:30:00-05:00"])
    def test_a_session_that_ends_after_the_last_year(self, show: Concert, starts_at: str):
        path = f"/contents/{show.content['id']}/sessions"

        assert wrong(show.tenant.owner.post(path, {"startsAt": starts_at})) == [("startsAt", "OUT_OF_RANGE")]

    def test_what_is_wrong_comes_before_what_is_unknown(self, tenant: Tenant):
        gap = slot_body(NOWHERE, "2030-03-31", "02:30", payload={"timezone": "Europe/Berlin"})
        refused(tenant.guest.post("/bookings", gap), 422, "NONEXISTENT_LOCAL_TIME")

        unserved = slot_body(NOWHERE, "2030-03-30", "02:30", contentId=str(uuid4()), resourceId=None)
        assert wrong(tenant.guest.post("/bookings", unserved)) == [("resourceId", "REQUIRED")]


class TestContents:
    """Contents and sessions that contradict themselves."""

    def test_all_that_is_wrong_with_the_tiers(self, tenant: Tenant):
        tiers = [
            {"name": "A", "kind": "free", "price": "1.00", "minPerOrder": 5, "maxPerOrder": 4},
            {"name": "B", "price": "1.00", "salesStart": instant(ahead(days=2)), "salesEnd": instant(ahead(days=1))},
        ]

        assert wrong(tenant.owner.post("/contents", content_body(tiers=tiers))) == [
            ("tiers[0].maxPerOrder", "ORDER_LIMITS"),
            ("tiers[0].price", "FREE_WITH_PRICE"),
            ("tiers[1].salesEnd", "OUT_OF_ORDER"),
        ]

    def test_a_session_that_ends_before_it_begins_and_names_a_tier_twice(self, show: Concert):
        tier = {"tierId": show.tier(), "quantity": 3}
        body = {"startsAt": instant(ahead(days=2)), "endsAt": instant(ahead(days=1)), "tiers": [tier, tier]}

        assert wrong(show.tenant.owner.post(f"/contents/{show.content['id']}/sessions", body)) == [
            ("endsAt", "OUT_OF_ORDER"),
            ("tiers[1].tierId", "TIER_TWICE"),
        ]


@pytest.mark.parametrize("path", ["/bookings", "/bookings/holds"])
def test_a_mode_that_is_not_built_is_501(tenant: Tenant, path: str):
    room = {"kind": "accommodation", "mode": "nights", "title": "Double room", "status": "published"}
    content = created(tenant.owner.post("/contents", room))
    stay = {"checkIn": "2027-07-01", "checkOut": "2027-07-04", "units": 1, "adults": 2, "children": 0}
    more = {"bookingMode": "nights", **CONTACT} if path == "/bookings" else {}

    refused(
        tenant.guest.post(path, {"contentId": content["id"], "schedulePayload": stay, **more}), 501, "NOT_IMPLEMENTED"
    )


class TestFarAway:
    """The first and the last years that can be told are years like any other, in every service."""

    @pytest.mark.parametrize(
        ("starts_at", "ends_at"),
        [
            ("2199-12-31T20:00:00Z", "2199-12-31T23:59:59Z"),
            ("1971-01-01T00:00:00Z", "1971-01-01T02:00:00Z"),
            ("2030-01-01T00:00:00Z", "2199-12-31T23:59:59Z"),
        ],
    )
    def test_a_session_can_be_booked_read_printed_and_kept_in_a_calendar(
        self, show: Concert, starts_at: str, ends_at: str
    ):
        staff = show.tenant.staff
        far = show.another(datetime.fromisoformat(starts_at), endsAt=ends_at)
        booking = far.booked(staff)
        path, day = f"/bookings/{booking['id']}", starts_at[:10]

        assert (booking["startsAt"], booking["endsAt"]) == (starts_at, ends_at)
        tickets_of(staff, booking, 1)
        for asked in (path, f"{path}/history", f"{path}/tickets/pdf", f"{path}/calendar.ics"):
            assert eventually(lambda asked=asked: staff.get(asked).status_code == 200), asked
        days = {"dateFrom": day, "dateTo": day, "include": "unavailable", "timezone": "UTC"}
        slots = ok(staff.get("/bookings/availability", contentId=show.content["id"], **days))["slots"]
        assert [slot["sessionId"] for slot in slots] == [far.id]
        scan(show.tenant.door, booking["ticketCode"])
        ok(staff.patch(f"{path}/cancel"))
