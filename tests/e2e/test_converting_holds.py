"""Holds that expire, and holds that become bookings [spec/04, Holds and claims; spec/10]."""

from __future__ import annotations

from uuid import uuid4

from e2e_samples import CONTACT, NOWHERE, Concert, ahead, concert, day_ahead, instant, moment, resource, slot_body
from e2e_world import Caller, Tenant, created, eventually, refused


class TestExpiring:
    """A hold is live while its end lies ahead by the database's clock, whatever the sweeper does."""

    def test_its_capacity_is_free_at_that_moment(self, tenant: Tenant):
        show = concert(tenant, session={"capacity": 1})
        show.held(tenant.staff, holdType="staff", expiresAt=instant(ahead(seconds=2)))
        refused(show.book(tenant.guest), 409, "SOLD_OUT")

        eventually(lambda: show.book(tenant.guest).status_code == 201, seconds=6)

    def test_it_may_still_convert_while_its_capacity_is_free(self, tenant: Tenant, show: Concert):
        hold = show.held(tenant.staff, holdType="staff", expiresAt=instant(ahead(seconds=1)))
        eventually(lambda: moment(hold["expiresAt"]) < ahead(seconds=-1), seconds=5)

        booking = show.book(tenant.staff, holdId=hold["id"], sessionId=hold["sessionId"])

        assert booking.status_code == 201 or refused(booking, 409, "HOLD_EXPIRED")

    def test_it_does_not_convert_once_its_capacity_is_taken(self, tenant: Tenant):
        show = concert(tenant, session={"capacity": 1})
        hold = show.held(tenant.staff, holdType="staff", expiresAt=instant(ahead(seconds=1)))
        eventually(lambda: show.book(tenant.guest).status_code == 201, seconds=6)

        refused(show.book(tenant.staff, holdId=hold["id"], sessionId=hold["sessionId"]), 409, "HOLD_EXPIRED")


class TestConverting:
    """A booking with `holdId` takes the hold's capacity and price."""

    def convert(self, show: Concert, caller: Caller, hold: dict, **fields: object):
        return show.book(caller, fields.pop("quantity", 2), holdId=hold["id"], sessionId=hold["sessionId"], **fields)

    def test_it_becomes_the_booking(self, show: Concert):
        visitor = show.tenant.visitor()
        hold = show.held(visitor, 2)

        booking = created(self.convert(show, visitor, hold))

        assert (booking["status"], booking["price"]["total"]) == ("confirmed", "50.00")
        assert show.remaining() == 8

    def test_the_last_units_can_be_had_by_their_holder_only(self, tenant: Tenant):
        show, visitor = concert(tenant, session={"capacity": 2}), tenant.visitor()
        hold = show.held(visitor, 2)
        refused(show.book(tenant.guest), 409, "SOLD_OUT")

        created(self.convert(show, visitor, hold))

    def test_it_converts_once(self, show: Concert):
        visitor = show.tenant.visitor()
        hold = show.held(visitor, 2)
        created(self.convert(show, visitor, hold))

        refused(self.convert(show, visitor, hold), 409, "HOLD_EXPIRED")

    def test_with_another_session_it_does_not_match(self, show: Concert):
        visitor = show.tenant.visitor()
        hold = show.held(visitor, 2)

        refused(show.book(visitor, 2, holdId=hold["id"], sessionId=str(uuid4())), 409, "HOLD_MISMATCH")
        assert show.remaining() == 8

    def test_who_names_anothers_session_does_not_get_what_it_holds(self, show: Concert):
        """The session of staff is their `sub`, which can be guessed."""
        staff_hold = show.held(show.tenant.staff, 8, holdType="staff", expiresAt=instant(ahead(days=1)))
        intruder = show.tenant.visitor()

        refused(show.hold(intruder, 1, sessionId=staff_hold["sessionId"]), 409, "HOLD_MISMATCH")
        assert show.remaining() == 2

    def test_a_staff_hold_that_becomes_a_cart_has_the_time_of_a_cart(self, show: Concert):
        show.held(show.tenant.staff, 2, holdType="staff", expiresAt=instant(ahead(days=1)))

        cart = show.held(show.tenant.staff, 1, holdType="cart")

        assert moment(cart["expiresAt"]) < ahead(seconds=11 * 60)

    def test_for_another_quantity_or_tier_it_does_not_match(self, show: Concert):
        visitor = show.tenant.visitor()
        hold = show.held(visitor, 2)

        refused(self.convert(show, visitor, hold, quantity=3), 409, "HOLD_MISMATCH")
        refused(self.convert(show, visitor, hold, tier=1), 409, "HOLD_MISMATCH")
        created(self.convert(show, visitor, hold))

    def test_for_another_dated_session_it_does_not_match(self, show: Concert):
        visitor = show.tenant.visitor()
        hold, later = show.held(visitor, 2), show.another(ahead(days=32))

        refused(self.convert(later, visitor, hold), 409, "HOLD_MISMATCH")

    def test_an_unknown_hold_is_gone(self, show: Concert):
        answer = show.book(show.tenant.guest, holdId=NOWHERE)

        assert refused(answer, answer.status_code, answer.json()["code"])["code"] in {"HOLD_EXPIRED", "NOT_FOUND"}

    def test_one_hold_and_two_bookings_at_once_is_one_booking(self, show: Concert):
        visitor = show.tenant.visitor()
        hold = show.held(visitor, 2)

        statuses = sorted(self.convert(show, visitor, hold).status_code for _ in range(2))

        assert statuses == [201, 409]
        assert show.remaining() == 8

    def test_a_held_slot_becomes_a_booking(self, tenant: Tenant):
        ana, day, visitor = resource(tenant), day_ahead(), tenant.visitor()
        wish = slot_body(ana["id"], day, "09:00")
        hold = created(
            visitor.post("/bookings/holds", {"resourceId": ana["id"], "schedulePayload": wish["schedulePayload"]})
        )

        booking = created(visitor.post("/bookings", {**wish, "holdId": hold["id"], "sessionId": hold["sessionId"]}))

        assert (booking["resourceId"], booking["startsAt"]) == (ana["id"], f"{day}T09:00:00Z")

    def test_a_visitors_session_of_ones_own_is_taken(self, show: Concert):
        visitor, session = show.tenant.visitor(), str(uuid4())

        hold = show.held(visitor, 2, sessionId=session)

        assert hold["sessionId"] == session
        created(self.convert(show, visitor, hold))

    def test_the_price_of_a_hold_stands_in_the_booking(self, show: Concert):
        visitor = show.tenant.visitor()
        hold = show.held(visitor, 2)

        booking = created(self.convert(show, visitor, hold, customerName=CONTACT["customerName"]))

        assert (booking["price"]["total"], booking["price"]["currency"]) == (hold["price"]["total"], "EUR")
        assert booking["price"]["quotedAt"] == hold["createdAt"] or moment(booking["price"]["quotedAt"]) >= moment(
            hold["createdAt"]
        )
