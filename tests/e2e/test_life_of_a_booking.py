"""Confirm, cancel, check in; fees, windows, versions, history [spec/03, State machine, Policies; spec/10]."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from e2e_samples import Concert, ahead, concert, history, resource, slot_body, step, tickets_of
from e2e_world import Tenant, World, created, eventually, invalid, ok, refused

APPROVAL = {"booking": {"autoConfirm": False, "approval": "always"}}


class TestApproval:
    """A booking that needs approval is pending, holds its capacity, and is confirmed by staff."""

    def test_it_waits_with_an_end_and_holds_its_capacity(self, tenant: Tenant):
        show = concert(tenant, policies=APPROVAL)

        booking = show.booked(tenant.guest)

        assert (booking["status"], booking["confirmedAt"], booking["version"]) == ("pending", None, 1)
        wait = datetime.fromisoformat(booking["pendingExpiresAt"]) - datetime.fromisoformat(booking["createdAt"])
        assert wait == timedelta(minutes=30)
        assert show.remaining() == 9

    def test_staff_confirm_it(self, tenant: Tenant):
        booking = concert(tenant, policies=APPROVAL).booked(tenant.guest)

        answer = step(tenant.staff, booking, "confirm")

        confirmed = ok(answer)
        assert (confirmed["status"], confirmed["version"], confirmed["pendingExpiresAt"]) == ("confirmed", 2, None)
        assert confirmed["confirmedAt"] is not None
        assert answer.headers["etag"] == '"2"'
        tickets_of(tenant.staff, booking, 1)

    def test_it_has_no_tickets_before(self, tenant: Tenant):
        booking = concert(tenant, policies=APPROVAL).booked(tenant.guest)

        assert ok(tenant.guest.get(f"/bookings/{booking['id']}/tickets")) == []

    def test_a_guest_cannot_confirm(self, tenant: Tenant):
        booking = concert(tenant, policies=APPROVAL).booked(tenant.guest)

        refused(step(tenant.guest, booking, "confirm"), 403, "FORBIDDEN")

    def test_over_a_party_size_only(self, tenant: Tenant):
        policy = {"booking": {"approval": "over_party_size", "approvalPartySize": 4}}
        show = concert(tenant, policies=policy)

        assert show.booked(tenant.guest, 4)["status"] == "confirmed"
        assert show.booked(tenant.guest, 5)["status"] == "pending"

    def test_the_tenants_policy_holds_where_the_content_says_nothing(self, world: World):
        strict = world.new_tenant(settings={"policies": APPROVAL})

        def pending() -> bool:
            return concert(strict).booked(strict.guest)["status"] == "pending"

        assert eventually(pending)
        auto = {"booking": {"autoConfirm": True, "approval": "none"}}
        assert concert(strict, policies=auto).booked(strict.guest)["status"] == "confirmed"


class TestTransitions:
    """409 INVALID_TRANSITION with from, to, allowed; the same again is 200 and no change."""

    def test_the_same_transition_again_changes_nothing(self, show: Concert):
        booking = show.booked(show.tenant.guest)

        for _ in range(2):
            cancelled = ok(step(show.tenant.staff, booking, "cancel"))
        assert (cancelled["status"], cancelled["version"]) == ("cancelled", 2)
        assert len(history(show.tenant, booking)) == 2
        again = ok(step(show.tenant.staff, show.booked(show.tenant.guest), "confirm"))
        assert (again["status"], again["version"]) == ("confirmed", 1)

    def test_what_the_state_does_not_allow_says_from_to_and_allowed(self, show: Concert):
        booking = show.booked(show.tenant.guest)
        ok(step(show.tenant.staff, booking, "cancel"))

        problem = refused(step(show.tenant.staff, booking, "check-in"), 409, "INVALID_TRANSITION")

        assert problem["title"] == "Not possible now"
        assert problem["detail"] == "A cancelled booking cannot be checked in."
        assert (problem["from"], problem["to"], problem["allowed"]) == ("cancelled", "checked_in", [])
        refused(step(show.tenant.staff, booking, "confirm"), 409, "INVALID_TRANSITION")

    def test_a_pending_booking_cannot_be_checked_in(self, tenant: Tenant):
        booking = concert(tenant, policies=APPROVAL, starts_at=ahead(minutes=30)).booked(tenant.guest)

        problem = refused(step(tenant.staff, booking, "check-in"), 409, "INVALID_TRANSITION")

        assert (problem["from"], problem["to"]) == ("pending", "checked_in")
        assert "confirmed" in problem["allowed"]

    def test_a_checked_in_booking_cannot_be_cancelled(self, tenant: Tenant):
        booking = concert(tenant, starts_at=ahead(minutes=30)).booked(tenant.guest)
        ok(step(tenant.staff, booking, "check-in"))

        problem = refused(step(tenant.staff, booking, "cancel"), 409, "INVALID_TRANSITION")

        assert (problem["from"], problem["to"]) == ("checked_in", "cancelled")

    @pytest.mark.parametrize("name", ["confirm", "check-in"])
    def test_a_body_where_none_is_taken_is_refused_but_an_empty_one_is_not(self, tenant: Tenant, name: str):
        booking = concert(tenant, starts_at=ahead(minutes=30)).booked(tenant.guest)

        ok(step(tenant.staff, booking, name, {}))
        invalid(step(tenant.staff, booking, name, {"status": "completed"}), "status")


class TestVersions:
    """`ETag` tells the version, `If-Match` is honoured on every write."""

    def test_another_version_is_412_and_changes_nothing(self, show: Concert):
        booking = show.booked(show.tenant.guest)
        stale = show.tenant.staff.with_headers(If_Match='"2"')

        refused(step(stale, booking, "cancel"), 412, "VERSION_MISMATCH")

        assert ok(show.tenant.staff.get(f"/bookings/{booking['id']}"))["status"] == "confirmed"

    def test_the_current_version_passes_and_raises_it(self, show: Concert):
        booking = show.booked(show.tenant.guest)

        answer = step(show.tenant.staff.with_headers(If_Match='"1"'), booking, "cancel")

        assert ok(answer)["version"] == 2
        assert answer.headers["etag"] == '"2"'
        assert show.tenant.staff.get(f"/bookings/{booking['id']}").headers["etag"] == '"2"'

    def test_any_version_passes_with_a_star(self, show: Concert):
        ok(step(show.tenant.staff.with_headers(If_Match="*"), show.booked(show.tenant.guest), "cancel"))

    def test_what_is_no_entity_tag_is_422_with_the_headers_name(self, show: Concert):
        odd = show.tenant.staff.with_headers(If_Match="seven")

        problem = invalid(step(odd, show.booked(show.tenant.guest), "cancel"))

        assert [error["path"].lower() for error in problem["errors"]] == ["if-match"]

    def test_of_two_at_once_with_one_version_one_passes(self, tenant: Tenant):
        booking = concert(tenant, starts_at=ahead(minutes=30)).booked(tenant.guest)
        current = tenant.staff.with_headers(If_Match='"1"')

        with ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(lambda name: step(current, booking, name), ("cancel", "check-in")))

        assert sorted(answer.status_code for answer in answers) == [200, 412]


class TestCheckingIn:
    """Inside its window; by staff it admits all live tickets."""

    def test_inside_the_window_it_admits_the_whole_party(self, tenant: Tenant):
        booking = concert(tenant, starts_at=ahead(minutes=90)).booked(tenant.guest, 2)
        tickets_of(tenant.staff, booking, 2)

        checked = ok(step(tenant.staff, booking, "check-in"))

        assert (checked["status"], checked["version"]) == ("checked_in", 2)
        assert checked["checkedInAt"] == checked["updatedAt"]

        def all_admitted() -> bool:
            tickets = tickets_of(tenant.staff, booking, 2)
            return all(one["status"] == "checked_in" and one["checkedInAt"] for one in tickets)

        eventually(all_admitted)

    def test_more_than_two_hours_before_it_is_too_early(self, tenant: Tenant):
        booking = concert(tenant, starts_at=ahead(hours=3)).booked(tenant.guest)

        problem = refused(step(tenant.staff, booking, "check-in"), 409, "TOO_EARLY")

        assert (problem["from"], problem["to"]) == ("confirmed", "checked_in")
        opens = datetime.fromisoformat(booking["startsAt"]) - timedelta(hours=2)
        assert datetime.fromisoformat(problem["at"]) == opens

    def test_the_policy_moves_the_window(self, tenant: Tenant):
        policy = {"booking": {"checkInFromMinutes": 600}}
        booking = concert(tenant, starts_at=ahead(hours=5), policies=policy).booked(tenant.guest)

        ok(step(tenant.staff, booking, "check-in"))

    def test_after_the_window_it_is_too_late(self, tenant: Tenant):
        # A window that ends so many minutes after the start; staff may book an appointment that has begun.
        ana = resource(tenant, schedule={"weekly": {}})
        start = ahead(hours=-5)
        booking = created(tenant.staff.post("/bookings", slot_body(ana["id"], f"{start.date()}", f"{start:%H:%M}")))

        problem = refused(step(tenant.staff, booking, "check-in"), 409, "TOO_LATE")

        assert (problem["from"], problem["to"]) == ("confirmed", "checked_in")
        assert datetime.fromisoformat(problem["at"]) < ahead()

    def test_a_guest_cannot_check_in(self, tenant: Tenant):
        booking = concert(tenant, starts_at=ahead(minutes=30)).booked(tenant.guest)

        refused(step(tenant.guest, booking, "check-in"), 403, "FORBIDDEN")


class TestHistory:
    """GET /bookings/:id/history: every transition, who, when, why."""

    def test_it_tells_every_transition_in_order(self, tenant: Tenant):
        booking = concert(tenant, policies=APPROVAL).booked(tenant.guest)
        ok(step(tenant.staff, booking, "confirm"))
        ok(step(tenant.staff, booking, "cancel", {"reason": "Storm", "reasonCode": "weather"}))

        entries = history(tenant, booking)

        assert [(one["version"], one["from"], one["to"]) for one in entries] == [
            (1, None, "pending"), (2, "pending", "confirmed"), (3, "confirmed", "cancelled"),
        ]  # fmt: skip
        assert [one["actorType"] for one in entries] == ["guest", "staff", "staff"]
        assert [one["actor"] for one in entries] == [tenant.guest.subject, tenant.staff.subject, tenant.staff.subject]
        assert (entries[2]["reason"], entries[2]["reasonCode"]) == ("Storm", "weather")
        assert all(one["at"].endswith("Z") for one in entries)

    def test_it_is_for_staff(self, show: Concert):
        booking = show.booked(show.tenant.guest)

        refused(show.tenant.guest.get(f"/bookings/{booking['id']}/history"), 403, "FORBIDDEN")
        assert len(ok(show.tenant.auditor.get(f"/bookings/{booking['id']}/history"))) == 1
