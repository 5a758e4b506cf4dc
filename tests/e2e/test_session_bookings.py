"""Bookings in mode `session`: tiers, seats, capacity, sold out [spec/03; spec/04; spec/09, Booking; spec/10]."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from e2e_samples import NOWHERE, Concert, concert
from e2e_world import Tenant, created, invalid, ok, refused

FIELDS = {
    "id", "tenantId", "version", "bookingNumber", "ticketCode", "status", "type", "bookingMode", "contentId",
    "resourceId", "resourceData", "schedulePayload", "startsAt", "endsAt", "durationMinutes", "timezone",
    "localStart", "offset", "actorType", "origin", "customerId", "orderId", "seriesId", "guestCount", "guests",
    "customerName", "customerEmail", "customerPhone", "customerNote", "internalNote", "price", "paymentStatus",
    "policy", "data", "pendingExpiresAt", "confirmedAt", "checkedInAt", "cancelledAt", "cancelledBy",
    "reasonCode", "cancellableUntil", "reschedulableUntil", "cancellationFeeNow", "links", "createdAt",
    "updatedAt",
}  # fmt: skip
CROCKFORD = "[0-9A-HJKMNP-TV-Z]"
GUESTS = [{"name": "Ida Berg", "email": "ida@example.com", "kind": "adult"}, {"name": "Ole Berg", "kind": "adult"}]


class TestCreating:
    """POST /bookings of tickets."""

    def test_the_answer_is_the_booking_as_it_is_shown_everywhere(self, show: Concert):
        body = show.body(
            2, seats=["A1", "A2"], guests=GUESTS, customerPhone="+4930123456", customerNote="Near the aisle",
            data={"campaign": "spring"},
        )  # fmt: skip

        answer = show.tenant.guest.post("/bookings", body)

        booking = created(answer)
        assert set(booking) >= FIELDS
        assert answer.headers["etag"] == '"1"'
        assert re.fullmatch(f"BK-{CROCKFORD}{{8}}", booking["bookingNumber"])
        assert re.fullmatch(f"{CROCKFORD}{{12}}", booking["ticketCode"])
        assert (booking["tenantId"], booking["version"], booking["status"]) == (show.tenant.id, 1, "confirmed")
        assert (booking["type"], booking["bookingMode"]) == ("event", "session")
        assert (booking["contentId"], booking["resourceId"]) == (show.content["id"], None)
        assert booking["resourceData"] == {"assignments": []}
        assert booking["schedulePayload"] == show.items(2, seats=["A1", "A2"])
        assert (booking["startsAt"], booking["endsAt"]) == (show.session["startsAt"], show.session["endsAt"])
        assert (booking["durationMinutes"], booking["timezone"]) == (120, "Europe/Berlin")
        assert (booking["localStart"], booking["offset"]) == (show.session["localStart"], show.session["offset"])
        assert (booking["actorType"], booking["origin"]) == ("guest", "storefront")
        assert (booking["guestCount"], booking["customerName"]) == (2, "Ida Berg")
        assert [guest["name"] for guest in booking["guests"]] == ["Ida Berg", "Ole Berg"]
        assert (booking["customerEmail"], booking["customerPhone"]) == ("ida@example.com", "+4930123456")
        assert (booking["customerNote"], booking["internalNote"], booking["data"]) == (
            "Near the aisle",
            None,
            {"campaign": "spring"},
        )
        assert (booking["paymentStatus"], booking["pendingExpiresAt"]) == ("not_required", None)
        assert booking["confirmedAt"] == booking["createdAt"] == booking["updatedAt"]
        assert [booking[name] for name in ("checkedInAt", "cancelledAt", "cancelledBy", "reasonCode")] == [None] * 4
        UUID(booking["id"])

    def test_its_price_is_told_line_by_line(self, show: Concert):
        payload = show.items(2)
        payload["items"].append({"tierId": show.tier(1), "quantity": 1})

        price = show.booked(show.tenant.guest, schedulePayload=payload)["price"]

        assert price["lines"] == [
            {"label": "Standard", "tierId": show.tier(), "quantity": 2, "unitPrice": "25.00", "total": "50.00"},
            {"label": "Family", "tierId": show.tier(1), "quantity": 1, "unitPrice": "60.00", "total": "60.00"},
        ]
        assert (price["base"], price["total"], price["currency"]) == ("110.00", "110.00", "EUR")
        assert (price["rules"], price["fees"], price["tax"], price["deposit"]) == ([], [], "0.00", "0.00")
        datetime.fromisoformat(price["quotedAt"])

    def test_its_links_are_signed_and_its_windows_computed(self, show: Concert):
        booking = show.booked(show.tenant.guest)

        for name, end in {"calendar": "calendar.ics", "qr": "qr.png", "ticketsPdf": "tickets/pdf"}.items():
            link = booking["links"][name]
            assert f"/booking-assets/{booking['id']}/{end}?" in link
            assert all(f"{part}=" in link for part in ("exp", "kid", "sig"))
        assert booking["cancellationFeeNow"] == "0.00"
        assert datetime.fromisoformat(booking["startsAt"]) - datetime.fromisoformat(booking["reschedulableUntil"]) == (
            timedelta(hours=24)
        )

    def test_the_policy_is_copied_into_the_booking(self, tenant: Tenant):
        policy = {
            "cancellation": {"freeUntilHours": 48, "tiers": [{"hoursBefore": 0, "feeType": "fixed", "value": "7.50"}]}
        }

        booking = concert(tenant, policies=policy).booked(tenant.guest)

        assert booking["policy"]["cancellation"] == {**booking["policy"]["cancellation"], **policy["cancellation"]}
        assert booking["policy"]["cancellation"]["customerCancel"] is True

    def test_it_is_read_back_the_same_by_id_and_number(self, show: Concert):
        visitor = show.tenant.visitor()
        booking = show.booked(visitor, 2)

        for caller in (visitor, show.tenant.staff, show.tenant.auditor):
            answer = caller.get(f"/bookings/{booking['id']}")
            assert {**ok(answer), "links": None} == {**booking, "links": None}
            assert answer.headers["etag"] == '"1"'
            assert ok(caller.get(f"/bookings/number/{booking['bookingNumber']}"))["id"] == booking["id"]

    def test_the_guest_count_is_quantity_times_admits(self, show: Concert):
        payload = show.items(2)
        payload["items"].append({"tierId": show.tier(1), "quantity": 1})

        assert show.booked(show.tenant.guest, schedulePayload=payload)["guestCount"] == 6
        assert show.booked(show.tenant.guest, 2, guestCount=2)["guestCount"] == 2

    def test_another_guest_count_is_422(self, show: Concert):
        refused(show.book(show.tenant.guest, 2, guestCount=3), 422, "VALIDATION_FAILED")

    def test_the_session_may_be_named_by_content_and_start(self, show: Concert):
        payload = {**show.items(1), "sessionId": None, "startsAt": show.session["startsAt"]}
        del payload["sessionId"]

        booking = show.booked(show.tenant.guest, schedulePayload=payload)

        assert booking["startsAt"] == show.session["startsAt"]
        assert show.remaining() == 9

    def test_staff_need_no_contact_and_may_tell_the_origin(self, show: Concert):
        bare = {"customerName": "Walk-in", "customerEmail": None}

        booking = show.booked(show.tenant.staff, **bare, origin="phone", internalNote="Called")

        assert (booking["actorType"], booking["origin"], booking["internalNote"]) == ("staff", "phone", "Called")
        assert show.booked(show.tenant.staff)["origin"] == "dashboard"

    def test_a_guest_must_leave_an_email_or_a_phone(self, show: Concert):
        refused(show.book(show.tenant.guest, customerEmail=None), 422, "VALIDATION_FAILED")
        show.booked(show.tenant.guest, customerEmail=None, customerPhone="+4930123456")

    def test_a_guest_may_not_send_what_is_for_staff(self, show: Concert):
        refused(show.book(show.tenant.guest, origin="phone"), 403, "FORBIDDEN")
        refused(show.book(show.tenant.guest, internalNote="VIP"), 403, "FORBIDDEN")


class TestWrongBodies:
    """422 names every wrong field; nothing changes."""

    @pytest.mark.parametrize(
        ("fields", "path"),
        [
            ({"bookingMode": "sometimes"}, "bookingMode"),
            ({"bookingMode": None}, "bookingMode"),
            ({"schedulePayload": None}, "schedulePayload"),
            ({"contentId": "concert"}, "contentId"),
            ({"customerEmail": "ida"}, "customerEmail"),
            ({"customerPhone": "12"}, "customerPhone"),
            ({"customerName": "x" * 201}, "customerName"),
            ({"customerNote": "x" * 2001}, "customerNote"),
            ({"guests": [{"kind": "alien"}]}, "guests[0].kind"),
            ({"guests": [{"name": "A"}, {"age": -1}]}, "guests[1].age"),
            ({"guestCount": 0}, "guestCount"),
            ({"guestCount": 501}, "guestCount"),
            ({"guestCount": "2"}, "guestCount"),
            ({"status": "confirmed"}, "status"),
            ({"startsAt": "2028-06-12T18:00:00Z"}, "startsAt"),
            ({"price": {"total": "0.00"}}, "price"),
            ({"holdId": "mine"}, "holdId"),
            ({"colour": "red"}, "colour"),
        ],
    )
    def test_a_wrong_field_is_named(self, show: Concert, fields: dict, path: str):
        body = {**show.body(), **fields}

        invalid(show.tenant.staff.post("/bookings", {k: v for k, v in body.items() if v is not None}), path)
        assert show.remaining() == 10

    @pytest.mark.parametrize(
        ("item", "path"),
        [
            ({"quantity": 0}, "schedulePayload.items[0].quantity"),
            ({"quantity": -1}, "schedulePayload.items[0].quantity"),
            ({"quantity": 1.5}, "schedulePayload.items[0].quantity"),
            ({"quantity": "1"}, "schedulePayload.items[0].quantity"),
            ({"quantity": 10**12}, "schedulePayload.items[0].quantity"),
            ({"tierId": 7}, "schedulePayload.items[0].tierId"),
            ({"price": "1.00"}, "schedulePayload.items[0].price"),
        ],
    )
    def test_a_wrong_item_is_named(self, show: Concert, item: dict, path: str):
        payload = show.items()
        payload["items"][0].update(item)

        invalid(show.book(show.tenant.guest, schedulePayload=payload), path)

    def test_the_example_of_the_specification_has_its_codes(self, show: Concert):
        payload = show.items()
        payload["items"][0]["quantity"] = 0

        problem = invalid(show.book(show.tenant.guest, schedulePayload=payload, colour="red"))

        assert problem["title"] == "Invalid values"
        assert problem["detail"] == "2 fields are not valid."
        assert {(one["path"], one["code"]) for one in problem["errors"]} == {
            ("schedulePayload.items[0].quantity", "OUT_OF_RANGE"),
            ("colour", "UNKNOWN_FIELD"),
        }

    def test_no_items_or_a_tier_twice_are_422(self, show: Concert):
        none = {"sessionId": show.id, "items": []}
        twice = {"sessionId": show.id, "items": show.items()["items"] * 2}

        invalid(show.book(show.tenant.guest, schedulePayload=none), "schedulePayload.items")
        refused(show.book(show.tenant.guest, schedulePayload=twice), 422, "VALIDATION_FAILED")

    def test_unknown_ids_and_another_tenants_are_404(self, show: Concert, other: Tenant):
        unknown = {"sessionId": NOWHERE, "items": [{"tierId": show.tier(), "quantity": 1}]}
        foreign = {"sessionId": show.id, "items": [{"tierId": NOWHERE, "quantity": 1}]}

        refused(show.book(show.tenant.guest, schedulePayload=unknown), 404, "NOT_FOUND")
        refused(show.book(show.tenant.guest, contentId=NOWHERE), 404, "NOT_FOUND")
        refused(show.book(other.guest), 404, "NOT_FOUND")
        assert show.book(show.tenant.guest, schedulePayload=foreign).status_code in {404, 422}
        assert show.remaining() == 10
