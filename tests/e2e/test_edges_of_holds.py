"""Holds at their end, and prices as they are told everywhere [spec/04, Holds, Pricing and Assignment; spec/10]."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from e2e_samples import Concert, ahead, concert, day_ahead, instant, resource, slot_body, slots
from e2e_world import Json, Tenant, created, eventually, ok, refused

EARLY = {"name": "Early", "effect": "percent", "value": "-10"}


def availability(show: Concert, **query: str) -> Json:
    """The slot of a concert in availability."""
    day = show.session["localStart"][:10]
    found = ok(
        show.tenant.guest.get("/bookings/availability", contentId=show.content["id"], dateFrom=day, dateTo=day, **query)
    )
    return next(slot for slot in found["slots"] if slot["sessionId"] == show.id)


def expired(show: Concert, quantity: int) -> Json:
    """A hold of staff whose time is up, and which nobody has swept: the sweeper comes every 30 seconds."""
    hold = show.held(show.tenant.staff, quantity, holdType="staff", expiresAt=instant(ahead(seconds=2)))
    eventually(lambda: datetime.now(UTC) > datetime.fromisoformat(hold["expiresAt"]))
    return hold


class TestLapsed:
    """An expired hold counts nowhere."""

    def test_sessions_and_availability_agree(self, show: Concert):
        expired(show, 7)

        assert show.remaining() == 10
        assert availability(show, tierId=show.tier())["remaining"] == 10

    def test_alternatives_offer_what_it_had(self, tenant: Tenant):
        full = concert(tenant, tiers=[{"name": "One", "price": "5.00", "quantity": 2}])
        near = full.another(ahead(days=31))
        expired(near, 2)
        full.booked(tenant.guest, 2)

        problem = refused(full.book(tenant.guest), 409, "SOLD_OUT")

        assert [(one["sessionId"], one["remaining"]) for one in problem["alternatives"]] == [(near.id, 2)]


class TestOrderOfChecks:
    """422, then 404, 412, 409."""

    def test_the_version_of_an_expired_hold_comes_first(self, show: Concert):
        path = f"/bookings/holds/{expired(show, 1)['id']}"

        for method in ("PATCH", "DELETE"):
            refused(show.tenant.staff.send(method, path, headers={"If-Match": '"9"'}), 412, "VERSION_MISMATCH")
            refused(show.tenant.staff.send(method, path), 409, "HOLD_EXPIRED")

    def test_an_end_that_has_passed_comes_before_an_unknown_hold(self, tenant: Tenant):
        body = {"expiresAt": instant(ahead(minutes=-1))}

        problem = refused(tenant.staff.patch(f"/bookings/holds/{uuid4()}", body), 422, "VALIDATION_FAILED")

        assert [error["path"] for error in problem["errors"]] == ["expiresAt"]


class TestPrices:
    """What availability shows is what a booking costs."""

    def test_a_session_with_a_price_rule(self, tenant: Tenant):
        show = concert(tenant, priceRules=[EARLY])

        assert availability(show)["price"] == {"total": "22.50", "currency": "EUR"}
        assert availability(show, tierId=show.tier(1))["price"]["total"] == "54.00"
        assert show.booked(tenant.guest)["price"]["total"] == "22.50"

    def test_an_alternative_with_a_price_rule(self, tenant: Tenant):
        show = concert(tenant, priceRules=[EARLY], tiers=[{"name": "One", "price": "25.00", "quantity": 1}])
        show.another(ahead(days=31))
        show.booked(tenant.guest)

        problem = refused(show.book(tenant.guest), 409, "SOLD_OUT")

        assert [one["price"]["total"] for one in problem["alternatives"]] == ["22.50"]

    @pytest.mark.parametrize(("price", "percents", "total"), [("0.10", "5", "0.11"), ("9.90", "-5", "8.91")])
    def test_percentages_are_added_before_they_are_rounded(self, tenant: Tenant, price: str, percents: str, total: str):
        rules = [{"name": name, "effect": "percent", "value": percents} for name in ("One", "Two")]
        show = concert(tenant, priceRules=rules, tiers=[{"name": "One", "price": price}])

        told = show.booked(tenant.guest)["price"]

        assert told["total"] == total
        assert sum(round(float(rule["amount"]) * 100) for rule in told["rules"]) == round(
            (float(total) - float(price)) * 100
        )


def test_a_booking_tells_which_resource_was_chosen(tenant: Tenant):
    ana, day = resource(tenant), day_ahead()
    first = slots(tenant.guest, ana["id"], day)["slots"][0]

    booking = created(tenant.guest.post("/bookings", slot_body(ana["id"], day, first["localStart"][11:16])))

    (assignment,) = booking["resourceData"]["assignments"]
    assert (assignment["chosen"], assignment["resourceId"], assignment["name"]) == (ana["id"], ana["id"], ana["name"])
