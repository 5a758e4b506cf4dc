"""Seats, capacity, rules of sale and prices of sessions [spec/04; spec/09, Errors; spec/10]."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from e2e_samples import Concert, ahead, concert, instant
from e2e_world import Tenant, eventually, ok, refused


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

    def test_a_held_seat_is_taken_for_others_and_becomes_its_holders(self, show: Concert):
        visitor, wish = show.tenant.visitor(), show.items(1, seats=["C1"])
        hold = show.held(visitor, schedulePayload=wish)

        refused(show.book(show.tenant.guest, seats=["C1"]), 409, "SEAT_TAKEN")
        show.booked(visitor, seats=["C1"], holdId=hold["id"], sessionId=hold["sessionId"])
        refused(show.book(show.tenant.guest, seats=["C1"]), 409, "SEAT_TAKEN")

    def test_seats_may_be_chosen_when_a_hold_becomes_a_booking(self, show: Concert):
        """As in spec/09: the hold names a quantity, the booking its seats."""
        visitor = show.tenant.visitor()
        hold = show.held(visitor, 2)
        show.booked(show.tenant.guest, seats=["D1"])
        wish = {"holdId": hold["id"], "sessionId": hold["sessionId"]}

        problem = refused(show.book(visitor, 2, seats=["D1", "D2"], **wish), 409, "SEAT_TAKEN")
        assert problem["left"][0]["seatLabels"] == ["D2"]
        show.booked(visitor, 2, seats=["D2", "D3"], **wish)
        refused(show.book(show.tenant.guest, seats=["D3"]), 409, "SEAT_TAKEN")

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
