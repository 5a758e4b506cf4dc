"""Holds: create, replace, extend, release, expire, convert [spec/04, Holds and claims; spec/09; spec/10]."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from e2e_samples import NOWHERE, Concert, ahead, day_ahead, instant, moment, resource, slot_body, slots
from e2e_world import Tenant, answered, created, invalid, ok, refused

FIELDS = {
    "id", "tenantId", "contentId", "resourceId", "holdType", "sessionId", "quantity", "schedulePayload",
    "startsAt", "endsAt", "expiresAt", "price", "createdAt", "updatedAt", "version",
}  # fmt: skip


def about(value: str, expected: datetime) -> bool:
    return abs(moment(value) - expected) < timedelta(seconds=20)


class TestCreating:
    """POST /bookings/holds."""

    def test_it_sets_capacity_aside_and_says_until_when(self, show: Concert):
        visitor = show.tenant.visitor()
        answer = show.hold(visitor, 2)

        hold = created(answer)
        assert set(hold) == FIELDS
        assert answer.headers["etag"] == '"1"'
        assert (hold["tenantId"], hold["contentId"], hold["resourceId"]) == (show.tenant.id, show.content["id"], None)
        assert (hold["holdType"], hold["quantity"], hold["version"]) == ("cart", 2, 1)
        assert hold["sessionId"] == visitor.subject
        assert hold["schedulePayload"] == show.items(2)
        assert (hold["startsAt"], hold["endsAt"]) == (show.session["startsAt"], show.session["endsAt"])
        assert hold["price"] == {"total": "50.00", "currency": "EUR"}
        assert about(hold["expiresAt"], ahead(minutes=10))
        assert show.remaining() == 8
        UUID(hold["id"])

    @pytest.mark.parametrize(("kind", "minutes"), [("cart", 10), ("checkout", 15), ("payment", 30)])
    def test_its_type_decides_how_long(self, show: Concert, kind: str, minutes: int):
        assert about(show.held(show.tenant.visitor(), holdType=kind)["expiresAt"], ahead(minutes=minutes))

    def test_staff_may_set_the_end_of_a_staff_hold(self, show: Concert):
        end = instant(ahead(hours=5))

        assert show.held(show.tenant.staff, holdType="staff", expiresAt=end)["expiresAt"] == end

    def test_an_end_for_another_type_is_422(self, show: Concert):
        invalid(show.hold(show.tenant.staff, holdType="cart", expiresAt=instant(ahead(hours=1))), "expiresAt")

    def test_a_guest_may_not_make_a_staff_hold(self, show: Concert):
        refused(show.hold(show.tenant.guest, holdType="staff"), 403, "FORBIDDEN")

    def test_more_than_is_left_is_409_with_what_is_left_and_alternatives(self, show: Concert):
        later = show.another(ahead(days=33))
        show.held(show.tenant.visitor(), 8)

        problem = refused(show.hold(show.tenant.visitor(), 3), 409, "SOLD_OUT")

        assert {"tierId": show.tier(), "remaining": 2} in problem["left"]
        assert later.id in [slot["sessionId"] for slot in problem["alternatives"]]

    def test_posting_it_again_replaces_the_quantity_and_extends(self, show: Concert):
        visitor = show.tenant.visitor()
        first, second = show.held(visitor, 2), show.held(visitor, 5)

        assert (second["id"], second["quantity"]) == (first["id"], 5)
        assert second["version"] > first["version"]
        assert second["price"]["total"] == "125.00"
        assert moment(second["expiresAt"]) >= moment(first["expiresAt"])
        assert show.remaining() == 5

    def test_another_visitors_hold_is_another(self, show: Concert):
        one, two = show.held(show.tenant.visitor()), show.held(show.tenant.visitor())

        assert one["id"] != two["id"]
        assert show.remaining() == 8

    def test_a_slot_of_a_resource_is_held_from_others(self, tenant: Tenant):
        ana, day = resource(tenant), day_ahead()
        wish = slot_body(ana["id"], day, "09:00")
        body = {"resourceId": ana["id"], "schedulePayload": wish["schedulePayload"]}

        hold = created(tenant.guest.post("/bookings/holds", body))

        assert (hold["resourceId"], hold["contentId"], hold["quantity"]) == (ana["id"], None, 1)
        assert (hold["startsAt"], hold["endsAt"]) == (f"{day}T09:00:00Z", f"{day}T09:30:00Z")
        assert hold["price"] == {"total": "40.00", "currency": "EUR"}
        refused(tenant.visitor().post("/bookings/holds", body), 409, "SLOT_UNAVAILABLE")
        refused(tenant.visitor().post("/bookings", wish), 409, "SLOT_UNAVAILABLE")
        assert slots(tenant.guest, ana["id"], day)["slots"][0]["start"] == f"{day}T09:30:00Z"

    @pytest.mark.parametrize(
        ("fields", "path"),
        [
            ({"holdType": "forever"}, "holdType"),
            ({"schedulePayload": None}, "schedulePayload"),
            ({"units": 2}, "units"),
            ({"sessionId": ""}, "sessionId"),
        ],
    )
    def test_a_wrong_field_is_422(self, show: Concert, fields: dict, path: str):
        invalid(show.hold(show.tenant.guest, **fields), path)

    def test_a_content_or_session_that_is_unknown_or_anothers_is_404(self, show: Concert, other: Tenant):
        refused(show.hold(other.guest), 404, "NOT_FOUND")
        unknown = {"sessionId": NOWHERE, "items": [{"tierId": show.tier(), "quantity": 1}]}
        refused(show.hold(show.tenant.guest, schedulePayload=unknown), 404, "NOT_FOUND")


class TestExtending:
    """PATCH /bookings/holds/:id."""

    def test_it_gives_the_time_of_its_type_again(self, show: Concert):
        visitor = show.tenant.visitor()
        hold = show.held(visitor)

        answer = visitor.patch(f"/bookings/holds/{hold['id']}")

        longer = ok(answer)
        assert moment(longer["expiresAt"]) - moment(hold["expiresAt"]) == timedelta(minutes=10)
        assert answer.headers["etag"] == f'"{longer["version"]}"'
        assert longer["version"] == 2

    def test_no_hold_lives_longer_than_an_hour_but_for_those_of_staff(self, show: Concert):
        visitor = show.tenant.visitor()
        hold = show.held(visitor, holdType="payment")
        for _ in range(3):
            longer = visitor.patch(f"/bookings/holds/{hold['id']}")

        assert moment(ok(longer)["expiresAt"]) - moment(hold["createdAt"]) == timedelta(minutes=60)

    def test_staff_may_give_an_end(self, show: Concert):
        hold, end = show.held(show.tenant.staff, holdType="staff"), instant(ahead(hours=3))

        assert ok(show.tenant.staff.patch(f"/bookings/holds/{hold['id']}", {"expiresAt": end}))["expiresAt"] == end

    def test_a_guest_may_not_give_an_end(self, show: Concert):
        visitor = show.tenant.visitor()
        hold = show.held(visitor)

        refused(
            visitor.patch(f"/bookings/holds/{hold['id']}", {"expiresAt": instant(ahead(minutes=5))}), 403, "FORBIDDEN"
        )

    def test_an_unknown_hold_is_404_and_so_is_another_visitors_and_another_tenants(self, show: Concert, other: Tenant):
        hold = show.held(show.tenant.visitor())

        refused(show.tenant.guest.patch(f"/bookings/holds/{NOWHERE}"), 404, "NOT_FOUND")
        refused(show.tenant.visitor().patch(f"/bookings/holds/{hold['id']}"), 404, "NOT_FOUND")
        refused(other.staff.patch(f"/bookings/holds/{hold['id']}"), 404, "NOT_FOUND")

    def test_another_version_is_412(self, show: Concert):
        visitor = show.tenant.visitor()
        hold = show.held(visitor)

        stale = visitor.with_headers(If_Match='"4"')
        refused(stale.patch(f"/bookings/holds/{hold['id']}"), 412, "VERSION_MISMATCH")
        ok(visitor.with_headers(If_Match='"1"').patch(f"/bookings/holds/{hold['id']}"))


class TestReleasing:
    """DELETE /bookings/holds/:id."""

    def test_it_gives_the_capacity_back_at_once(self, show: Concert):
        visitor = show.tenant.visitor()
        hold = show.held(visitor, 10)

        answer = visitor.delete(f"/bookings/holds/{hold['id']}")

        assert (answer.status_code, answer.content) == (204, b"")
        assert show.remaining() == 10
        show.held(show.tenant.visitor(), 10)

    def test_a_second_time_it_is_404(self, show: Concert):
        visitor = show.tenant.visitor()
        hold = show.held(visitor)
        assert visitor.delete(f"/bookings/holds/{hold['id']}").status_code == 204

        refused(visitor.delete(f"/bookings/holds/{hold['id']}"), 404, "NOT_FOUND")

    def test_another_visitor_cannot_and_staff_can(self, show: Concert):
        hold = show.held(show.tenant.visitor())

        refused(show.tenant.visitor().delete(f"/bookings/holds/{hold['id']}"), 404, "NOT_FOUND")
        assert show.tenant.staff.delete(f"/bookings/holds/{hold['id']}").status_code == 204


def test_a_hold_of_nothing_answers_the_content_is_needed(tenant: Tenant):
    payload = {"date": day_ahead(), "startTime": "09:00"}

    answered(tenant.guest.post("/bookings/holds", {"schedulePayload": payload}), 422)
