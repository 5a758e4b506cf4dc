"""Keys where nobody hears the owner: 202, `Prefer`, repeats; and what a caller needs to repeat [spec/01; 02; 10]."""

from __future__ import annotations

from uuid import uuid4

import pytest
from e2e_samples import Concert, content_body
from e2e_world import Caller, Json, Tenant, answered, created, eventually, ok, refused


def at_once(caller: Caller) -> Caller:
    return caller.with_headers(Prefer="respond-async")


def settled(caller: Caller, operation_id: str) -> Json:
    """The operation as soon as it is done."""

    def look() -> Json | None:
        operation = ok(caller.get(f"/operations/{operation_id}"))
        return operation if operation["status"] != "pending" else None

    return eventually(look) or {}


class TestAKeyOfAnotherRequest:
    """422 also where the answer would be a 202."""

    def test_after_an_answer_in_time(self, show: Concert):
        key, visitor = str(uuid4()), show.tenant.visitor()
        booking = created(show.book(visitor, 1, key=key))

        refused(show.book(at_once(visitor), 2, key=key), 422, "IDEMPOTENCY_KEY_REUSED")

        assert show.remaining() == 9
        assert created(show.book(visitor, 1, key=key)) == booking

    def test_after_a_202_at_once(self, show: Concert):
        key, visitor = str(uuid4()), show.tenant.visitor()
        operation = answered(show.book(at_once(visitor), 1, key=key), 202)

        refused(show.book(at_once(visitor), 2, key=key), 422, "IDEMPOTENCY_KEY_REUSED")
        refused(show.book(visitor, 2, key=key), 422, "IDEMPOTENCY_KEY_REUSED")

        assert settled(visitor, operation["id"])["result"]["guestCount"] == 1
        assert show.remaining() == 9

    def test_over_another_route_of_the_owner(self, show: Concert):
        key, staff = str(uuid4()), show.tenant.staff
        booking = show.booked(staff, key=key)

        refused(at_once(staff).patch(f"/bookings/{booking['id']}/cancel", key=key), 422, "IDEMPOTENCY_KEY_REUSED")

        assert ok(staff.get(f"/bookings/{booking['id']}"))["status"] == "confirmed"

    def test_a_refusal_keeps_its_key_too(self, tenant: Tenant):
        key, path = str(uuid4()), "/contents/00000000-0000-4000-8000-000000000000/sessions"
        refused(tenant.owner.post(path, {"startsAt": "2030-01-01T10:00:00Z"}, key=key), 404, "NOT_FOUND")

        answer = at_once(tenant.owner).post("/contents", content_body(), key=key)

        refused(answer, 422, "IDEMPOTENCY_KEY_REUSED")

    def test_the_same_request_is_promised_again(self, show: Concert):
        key, visitor = str(uuid4()), show.tenant.visitor()

        first, second = (answered(show.book(at_once(visitor), key=key), 202) for _ in range(2))

        assert first["id"] == second["id"]
        assert settled(visitor, first["id"])["status"] == "succeeded"
        assert show.remaining() == 9


class TestPreferences:
    """`Prefer: wait=N`, and what goes with it."""

    def test_not_to_wait_is_202_and_is_carried_out_once(self, show: Concert):
        visitor = show.tenant.visitor()
        answer = show.book(visitor.with_headers(Prefer="wait=0"))

        operation = answered(answer, 202)

        assert answer.headers["preference-applied"] == "wait=0"
        assert answer.headers["location"].endswith(f"/operations/{operation['id']}")
        assert settled(visitor, operation["id"])["statusCode"] == 201
        assert show.remaining() == 9

    @pytest.mark.parametrize(
        ("lines", "status", "applied"),
        [
            (["handling=lenient", "wait=9"], 201, "wait=9"),
            (["respond-async", "wait=9"], 202, "respond-async"),
            (["nowait=0"], 201, None),
        ],
    )
    def test_lines_are_one_list_of_whole_words(self, show: Concert, lines: list[str], status: int, applied: str | None):
        visitor = show.tenant.visitor()
        headers = [*visitor.headers.items(), *(("Prefer", line) for line in lines)]

        answer = show.tenant.world.http.request("POST", "/bookings", json=show.body(), headers=headers)

        answered(answer, status)
        assert answer.headers.get("preference-applied") == applied
