"""Cancelling: who may, until when, for which fee; the place is free at once [spec/03, Policies; spec/10]."""

from __future__ import annotations

import pytest
from e2e_samples import Concert, ahead, cancelling, concert, day_ahead, history, resource, slot_body, step
from e2e_world import Tenant, created, invalid, ok, refused


class TestCancelling:
    """Customers by the policy, staff always; the fee by tiers; the place is free at once."""

    def test_it_says_who_when_and_why(self, show: Concert):
        visitor = show.tenant.visitor()
        booking = show.booked(visitor)

        cancelled = ok(step(visitor, booking, "cancel", {"reason": "Ill", "reasonCode": "customer_request"}))

        assert (cancelled["status"], cancelled["cancelledBy"]) == ("cancelled", "customer")
        assert cancelled["reasonCode"] == "customer_request"
        assert cancelled["cancelledAt"] == cancelled["updatedAt"]
        assert ok(visitor.get(f"/bookings/{booking['id']}"))["status"] == "cancelled"

    def test_by_staff_it_is_the_business(self, show: Concert):
        cancelled = ok(step(show.tenant.staff, show.booked(show.tenant.guest), "cancel"))

        assert (cancelled["cancelledBy"], cancelled["reasonCode"]) == ("business", None)

    def test_the_freed_place_can_be_booked_at_once(self, tenant: Tenant):
        show = concert(tenant, session={"capacity": 1})
        booking = show.booked(tenant.guest)
        for _ in range(5):
            refused(show.book(tenant.guest), 409, "SOLD_OUT")
            ok(step(tenant.staff, booking, "cancel"))
            booking = created(show.book(tenant.guest))

    def test_the_freed_slot_can_be_booked_at_once(self, tenant: Tenant):
        ana = resource(tenant)
        wish = slot_body(ana["id"], day_ahead(), "09:00")
        for _ in range(3):
            booking = created(tenant.guest.post("/bookings", wish))
            ok(step(tenant.staff, booking, "cancel"))

    def test_far_ahead_it_is_free(self, tenant: Tenant):
        show = concert(tenant, policies=cancelling(tiers=[{"hoursBefore": 0, "feeType": "percent", "value": "50"}]))
        booking = show.booked(tenant.guest, 2)

        assert (booking["cancellationFeeNow"], booking["cancellableUntil"]) == ("0.00", booking["startsAt"])
        ok(step(tenant.guest, booking, "cancel"))

    @pytest.mark.parametrize(
        ("hours", "fee"),
        [(100, "0.00"), (47, "5.00"), (13, "12.50"), (3, "25.00")],
    )
    def test_the_first_tier_whose_limit_is_met_applies(self, tenant: Tenant, hours: int, fee: str):
        tiers = [
            {"hoursBefore": 0, "feeType": "percent", "value": "100"},
            {"hoursBefore": 24, "feeType": "fixed", "value": "5.00"},
            {"hoursBefore": 12, "feeType": "percent", "value": "50"},
        ]
        policy = cancelling(freeUntilHours=48, tiers=tiers)
        booking = concert(tenant, starts_at=ahead(hours=hours), policies=policy).booked(tenant.guest)

        assert booking["cancellationFeeNow"] == fee
        cancelled = ok(step(tenant.guest, booking, "cancel"))
        assert (cancelled["status"], cancelled["price"]["total"]) == ("cancelled", "25.00")

    def test_staff_may_waive_the_fee_and_it_is_in_the_history(self, tenant: Tenant):
        tiers = [{"hoursBefore": 0, "feeType": "percent", "value": "50"}]
        show = concert(tenant, starts_at=ahead(hours=5), policies=cancelling(tiers=tiers))
        booking = show.booked(tenant.guest)

        ok(step(tenant.staff, booking, "cancel", {"waiveFee": True, "reason": "Our fault"}))

        last = history(tenant, booking)[-1]
        assert last["reason"] == "Our fault"
        assert last["note"] is not None

    def test_a_guest_may_not_waive_a_fee(self, show: Concert):
        visitor = show.tenant.visitor()

        refused(step(visitor, show.booked(visitor), "cancel", {"waiveFee": True}), 403, "FORBIDDEN")

    def test_where_customers_may_not_cancel_staff_still_may(self, tenant: Tenant):
        booking = concert(tenant, policies=cancelling(customerCancel=False)).booked(tenant.guest)

        assert booking["cancellableUntil"] is None
        refused(step(tenant.guest, booking, "cancel"), 409, "CANCEL_NOT_ALLOWED")
        ok(step(tenant.staff, booking, "cancel"))

    def test_too_close_for_every_tier_is_refused_for_customers(self, tenant: Tenant):
        tiers = [{"hoursBefore": 12, "feeType": "percent", "value": "50"}]
        show = concert(tenant, starts_at=ahead(hours=6), policies=cancelling(freeUntilHours=24, tiers=tiers))
        booking = show.booked(tenant.guest)

        refused(step(tenant.guest, booking, "cancel"), 409, "CANCEL_TOO_CLOSE")
        ok(step(tenant.staff, booking, "cancel"))

    def test_without_tiers_it_is_free_until_its_hours_and_then_too_close(self, tenant: Tenant):
        near, far = concert(tenant, starts_at=ahead(hours=6)), concert(tenant, starts_at=ahead(hours=30))

        refused(step(tenant.guest, near.booked(tenant.guest), "cancel"), 409, "CANCEL_TOO_CLOSE")
        assert ok(step(tenant.guest, far.booked(tenant.guest), "cancel"))["cancellationFeeNow"] == "0.00"

    @pytest.mark.parametrize(
        ("body", "path"),
        [
            ({"reason": 7}, "reason"),
            ({"reason": "x" * 2001}, "reason"),
            ({"waiveFee": "yes"}, "waiveFee"),
            ({"refund": True}, "refund"),
        ],
    )
    def test_a_wrong_field_is_422(self, show: Concert, body: dict, path: str):
        invalid(step(show.tenant.staff, show.booked(show.tenant.staff), "cancel", body), path)

    def test_a_missing_and_an_empty_body_are_legal(self, show: Concert):
        ok(step(show.tenant.staff, show.booked(show.tenant.guest), "cancel"))
        ok(step(show.tenant.staff, show.booked(show.tenant.guest), "cancel", {}))
