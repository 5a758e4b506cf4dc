"""Bookings in mode `session`: tiers, seats, capacity, sold out [spec/03; spec/04; spec/09, Booking; spec/10]."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from e2e_samples import NOWHERE, Concert, ahead, concert, instant
from e2e_world import Tenant, created, eventually, invalid, ok, refused

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


class TestSeats:
    """A seat label is unique in a session among live claims."""

    def test_a_seat_is_sold_once(self, show: Concert):
        show.booked(show.tenant.guest, 2, seats=["A1", "A2"])

        problem = refused(show.book(show.tenant.guest, 2, seats=["A2", "A3"]), 409, "SEAT_TAKEN")

        assert "left" in problem
        assert "alternatives" in problem
        assert show.remaining() == 8

    def test_it_is_free_again_after_a_cancellation(self, show: Concert):
        booking = show.booked(show.tenant.guest, seats=["B1"])
        ok(show.tenant.staff.patch(f"/bookings/{booking['id']}/cancel"))

        show.booked(show.tenant.guest, seats=["B1"])

    def test_it_is_sold_in_every_session_anew(self, show: Concert):
        show.booked(show.tenant.guest, seats=["A1"])

        show.another(ahead(days=31)).booked(show.tenant.guest, seats=["A1"])

    @pytest.mark.parametrize("seats", [["A1"], ["A1", "A1"], ["A1", "A2", "A3"], ["A1", ""]])
    def test_labels_must_name_one_different_seat_for_each_unit(self, show: Concert, seats: list[str]):
        refused(show.book(show.tenant.guest, 2, seats=seats), 422, "VALIDATION_FAILED")


class TestCapacity:
    """No unit is sold twice, and a refusal says what is left and what else there is."""

    def test_sold_out_says_what_is_left_and_offers_other_sessions(self, show: Concert):
        later = show.another(ahead(days=31))
        show.booked(show.tenant.guest, 9)

        problem = refused(show.book(show.tenant.guest, 2), 409, "SOLD_OUT")

        assert problem["left"] == [{"tierId": show.tier(), "remaining": 1}]
        (alternative,) = problem["alternatives"]
        assert (alternative["start"], alternative["end"]) == (later.session["startsAt"], later.session["endsAt"])
        assert (alternative["sessionId"], alternative["resources"]) == (later.id, [])
        assert alternative["remaining"] == 15

    def test_alternatives_are_there_even_when_there_are_none(self, tenant: Tenant):
        show = concert(tenant, session={"capacity": 0})

        problem = refused(show.book(tenant.guest), 409, "SOLD_OUT")

        assert problem["alternatives"] == []
        assert isinstance(problem["left"], list)

    def test_at_most_five_alternatives_are_offered(self, show: Concert):
        for day in range(7):
            show.another(ahead(days=32 + day))
        show.booked(show.tenant.guest, 10)

        assert len(refused(show.book(show.tenant.guest), 409, "SOLD_OUT")["alternatives"]) == 5

    def test_the_sessions_own_capacity_bounds_all_tiers_together(self, tenant: Tenant):
        show = concert(tenant, session={"capacity": 6})
        show.booked(tenant.guest, 5)

        refused(show.book(tenant.guest, 2), 409, "SOLD_OUT")
        show.booked(tenant.guest, 1)
        refused(show.book(tenant.guest, 1, tier=1), 409, "SOLD_OUT")
        assert show.now()["remaining"] == 0

    def test_a_session_may_have_quantities_of_its_own(self, tenant: Tenant):
        show = concert(tenant)
        small = show.another(ahead(days=31), tiers=[{"tierId": show.tier(), "quantity": 1}])
        small.booked(tenant.guest)

        refused(small.book(tenant.guest), 409, "SOLD_OUT")
        show.booked(tenant.guest, 2)

    def test_all_items_are_taken_or_none(self, show: Concert):
        payload = show.items(1)
        payload["items"].append({"tierId": show.tier(1), "quantity": 6})

        refused(show.book(show.tenant.guest, schedulePayload=payload), 409, "SOLD_OUT")

        assert (show.remaining(0), show.remaining(1)) == (10, 5)

    def test_a_small_rush_sells_every_place_once(self, tenant: Tenant):
        show = concert(tenant, tiers=[{"name": "Standard", "kind": "paid", "price": "5.00", "quantity": 7}])

        with ThreadPoolExecutor(20) as pool:
            answers = list(pool.map(lambda _: show.book(tenant.guest), range(20)))

        assert sorted(answer.status_code for answer in answers) == [201] * 7 + [409] * 13
        assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"SOLD_OUT"}
        assert show.remaining() == 0


class TestRulesOfSale:
    """Refusals by policy are 409, for as long as they last."""

    def test_more_than_the_most_and_fewer_than_the_least_of_an_order(self, tenant: Tenant):
        tiers = [{"name": "Pairs", "kind": "paid", "price": "5.00", "quantity": 10, "minPerOrder": 2, "maxPerOrder": 4}]
        show = concert(tenant, tiers=tiers)

        refused(show.book(tenant.guest, 5), 409, "OVER_MAX_PER_ORDER")
        refused(show.book(tenant.guest, 1), 409, "UNDER_MIN_PER_ORDER")
        show.booked(tenant.guest, 2)

    def test_if_fewer_than_the_least_are_left_the_rest_can_be_bought(self, tenant: Tenant):
        tiers = [{"name": "Trios", "kind": "paid", "price": "5.00", "quantity": 4, "minPerOrder": 3}]
        show = concert(tenant, tiers=tiers)
        show.booked(tenant.guest, 3)

        show.booked(tenant.guest, 1)

    def test_a_draft_cannot_be_booked(self, tenant: Tenant):
        refused(concert(tenant, status="draft").book(tenant.guest), 409, "NOT_PUBLISHED")

    def test_outside_its_sale_window_a_tier_is_closed(self, tenant: Tenant):
        later = [{"name": "Soon", "kind": "paid", "price": "5.00", "quantity": 5, "salesStart": instant(ahead(days=1))}]
        over = [{"name": "Early", "kind": "paid", "price": "5.00", "quantity": 5, "salesEnd": instant(ahead(days=-1))}]

        refused(concert(tenant, tiers=later).book(tenant.guest), 409, "SALES_CLOSED")
        refused(concert(tenant, tiers=over).book(tenant.guest), 409, "SALES_CLOSED")

    def test_a_session_that_has_begun_is_closed(self, tenant: Tenant):
        show = concert(tenant, starts_at=ahead(hours=-1))

        refused(show.book(tenant.guest), 409, "SALES_CLOSED")

    def test_a_customer_may_have_so_many_active_bookings(self, tenant: Tenant):
        show = concert(tenant, policies={"booking": {"maxActivePerCustomer": 1}})
        email = f"{uuid4().hex}@example.com"
        first = show.booked(tenant.guest, customerEmail=email)

        refused(show.book(tenant.visitor(), customerEmail=email.upper()), 409, "TOO_MANY_ACTIVE")
        eventually(lambda: show.remaining() == 9)
        ok(tenant.staff.patch(f"/bookings/{first['id']}/cancel"))
        show.booked(tenant.visitor(), customerEmail=email)


class TestPrices:
    """Free tiers and currencies without cents."""

    def test_a_free_tier_costs_nothing(self, tenant: Tenant):
        booking = concert(tenant, tiers=[{"name": "Free", "kind": "free", "quantity": 5}]).booked(tenant.guest)

        assert (booking["price"]["total"], booking["paymentStatus"], booking["status"]) == (
            "0.00",
            "not_required",
            "confirmed",
        )

    def test_yen_have_no_cents_and_dinars_three(self, tenant: Tenant):
        yen = [{"name": "Y", "kind": "paid", "price": "2500", "currency": "JPY", "quantity": 5}]
        dinars = [{"name": "D", "kind": "paid", "price": "2.500", "currency": "KWD", "quantity": 5}]

        assert concert(tenant, tiers=yen).booked(tenant.guest, 3)["price"]["total"] == "7500"
        assert concert(tenant, tiers=dinars).booked(tenant.guest, 3)["price"]["total"] == "7.500"

    def test_rules_apply_first_replace_then_percentages_of_the_base_then_fixed(self, tenant: Tenant):
        rules = [
            {"name": "Peak", "priority": 1, "effect": "percent", "value": "15"},
            {"name": "Early", "priority": 2, "effect": "percent", "value": "-5"},
        ]
        show = concert(
            tenant, tiers=[{"name": "A", "kind": "paid", "price": "100.00", "quantity": 5}], priceRules=rules
        )

        price = show.booked(tenant.guest)["price"]

        assert (price["base"], price["total"]) == ("100.00", "110.00")
        assert {(rule["name"], rule["effect"], rule["value"], rule["amount"]) for rule in price["rules"]} == {
            ("Peak", "percent", "15", "15.00"),
            ("Early", "percent", "-5", "-5.00"),
        }


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
