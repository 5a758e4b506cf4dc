"""Edges of requests: the order of checks, `If-Match`, HEAD, null, what is not built [spec/01; 02; 10]."""

from __future__ import annotations

import pytest
from e2e_samples import Concert, content_body, day_ahead
from e2e_world import Caller, Tenant, World, created, invalid, ok, refused


def matching(caller: Caller, *tags: str) -> list[tuple[str, str]]:
    """Headers of a caller with a line of `If-Match` for each tag."""
    return [*caller.headers.items(), *(("If-Match", tag) for tag in tags)]


class TestWhatIsNotBuilt:
    """501 and not a 503 that promises more."""

    def test_availability_of_another_mode(self, tenant: Tenant):
        room = content_body(kind="accommodation", mode="nights", title="Double room", tiers=[])
        room.pop("durationMinutes")
        content = created(tenant.owner.post("/contents", room))
        day = day_ahead()

        answer = tenant.guest.get("/bookings/availability", contentId=content["id"], dateFrom=day, dateTo=day)

        refused(answer, 501, "NOT_IMPLEMENTED")
        assert "retry-after" not in answer.headers


class TestTheRightComesBeforeTheValue:
    """403 before 422."""

    @pytest.mark.parametrize("fields", [{"origin": "phone"}, {"internalNote": "vip"}])
    def test_of_a_create(self, show: Concert, fields: dict[str, str]):
        body = show.body(**fields, guestCount=0)

        refused(show.tenant.guest.post("/bookings", body), 403, "FORBIDDEN")
        invalid(show.tenant.staff.post("/bookings", body), "guestCount")

    def test_of_a_cancellation(self, show: Concert):
        booking = show.booked(show.tenant.guest)
        path = f"/bookings/{booking['id']}/cancel"

        refused(show.tenant.guest.patch(path, {"waiveFee": True, "colour": "red"}), 403, "FORBIDDEN")

    def test_of_a_hold(self, show: Concert):
        refused(show.hold(show.tenant.guest, holdType="staff", colour="red"), 403, "FORBIDDEN")


class TestIfMatch:
    """RFC 9110, section 13.1.1: any strong tag that matches is a match."""

    @pytest.mark.parametrize(
        ("tags", "status"),
        [
            (['"another", "1"'], 200),
            (['"another"', '"1"'], 200),
            (['W/"1"'], 412),
            (['"another", W/"1"'], 412),
            (['"1", "2"'], 422),
        ],
    )
    def test_lists(self, show: Concert, tags: list[str], status: int):
        booking = show.booked(show.tenant.guest)

        path, headers = f"/bookings/{booking['id']}/cancel", matching(show.tenant.staff, *tags)
        answer = show.tenant.world.http.request("PATCH", path, headers=headers)

        assert answer.status_code == status, answer.text

    def test_a_hold_that_is_replaced(self, show: Concert):
        visitor = show.tenant.visitor()
        created(show.hold(visitor, 2))

        refused(show.hold(visitor.with_headers(If_Match='"7"'), 3), 412, "VERSION_MISMATCH")
        assert show.remaining() == 8
        replaced = created(show.hold(visitor.with_headers(If_Match='"1"'), 3))
        assert (replaced["version"], replaced["quantity"]) == (2, 3)
        assert show.remaining() == 7

    def test_a_hold_that_is_not_there_cannot_be_replaced(self, show: Concert):
        refused(show.hold(show.tenant.visitor().with_headers(If_Match='"1"')), 412, "VERSION_MISMATCH")
        created(show.hold(show.tenant.visitor().with_headers(If_Match="*")))


@pytest.mark.parametrize("path", ["/docs", "/openapi.json", "/asyncapi"])
def test_documents_have_a_head(world: World, path: str):
    head = world.nobody.send("HEAD", path)

    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == world.nobody.get(path).headers["content-length"]


def test_no_field_of_a_tenant_becomes_null(world: World):
    tenant = world.new_tenant(name="Keeps its name")

    invalid(world.platform.patch(f"/tenants/{tenant.id}", {"name": None, "domains": None}), "name", "domains")

    assert ok(world.platform.get(f"/tenants/{tenant.id}"))["name"] == "Keeps its name"
