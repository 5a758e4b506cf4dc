"""The same key is one effect and the same bytes; 202, `Prefer`, operations [spec/01; spec/02, How a write answers]."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

import pytest
from e2e_samples import NOWHERE, Concert, concert, content_body
from e2e_world import Caller, Json, Tenant, answered, created, eventually, invalid, ok, refused

OPERATION = {"id", "command", "status", "statusCode", "progress", "problem", "result", "createdAt", "completedAt"}


def settled(caller: Caller, operation_id: str) -> Json:
    """The operation as soon as it is done."""

    def look() -> Json | None:
        operation = ok(caller.get(f"/operations/{operation_id}"))
        return operation if operation["status"] != "pending" else None

    return eventually(look) or {}


class TestTheSameKey:
    """Same key and same body: the first answer again, byte for byte."""

    def test_a_success_is_repeated_byte_for_byte_and_done_once(self, show: Concert):
        key, visitor = str(uuid4()), show.tenant.visitor()

        first, second = show.book(visitor, 2, key=key), show.book(visitor, 2, key=key)

        assert (second.status_code, second.content) == (201, first.content)
        assert second.headers["etag"] == first.headers["etag"]
        assert show.remaining() == 8

    def test_the_owners_refusal_is_repeated_too_even_when_it_would_work_now(self, tenant: Tenant):
        show, key = concert(tenant, session={"capacity": 1}), str(uuid4())
        booking = show.booked(tenant.guest)
        first = show.book(tenant.guest, key=key)
        refused(first, 409, "SOLD_OUT")
        ok(tenant.staff.patch(f"/bookings/{booking['id']}/cancel"))

        again = show.book(tenant.guest, key=key)

        assert (again.status_code, again.content) == (409, first.content)

    def test_a_cancellation_is_repeated_too(self, show: Concert):
        booking, key = show.booked(show.tenant.guest), str(uuid4())
        path = f"/bookings/{booking['id']}/cancel"

        first, second = (show.tenant.staff.patch(path, {"reason": "Ill"}, key=key) for _ in range(2))

        assert (first.status_code, second.content) == (200, first.content)

    @pytest.mark.parametrize("path", ["/contents", "/bookings/resources"])
    def test_a_thing_is_created_once(self, tenant: Tenant, path: str):
        key = str(uuid4())
        body = content_body() if path == "/contents" else {"type": "room", "name": "Attic"}

        first, second = (tenant.owner.post(path, body, key=key) for _ in range(2))

        assert (first.status_code, second.status_code, second.content) == (201, 201, first.content)

    def test_the_order_of_fields_and_blanks_do_not_make_another_body(self, show: Concert):
        key, visitor = str(uuid4()), show.tenant.visitor()
        body = show.body()
        first = visitor.post("/bookings", body, key=key)

        again = visitor.post("/bookings", dict(reversed(body.items())), key=key)

        assert (again.status_code, again.content) == (201, first.content)

    def test_fifty_at_once_are_one_booking_and_one_answer(self, show: Concert):
        key, visitor = str(uuid4()), show.tenant.visitor()

        with ThreadPoolExecutor(50) as pool:
            answers = list(pool.map(lambda _: show.book(visitor, key=key), range(50)))

        assert Counter(answer.status_code for answer in answers) == {201: 50}
        assert len({answer.content for answer in answers}) == 1
        assert show.remaining() == 9

    def test_another_body_with_the_key_is_422(self, show: Concert):
        key, visitor = str(uuid4()), show.tenant.visitor()
        created(show.book(visitor, 1, key=key))

        refused(show.book(visitor, 2, key=key), 422, "IDEMPOTENCY_KEY_REUSED")
        assert show.remaining() == 9

    def test_another_route_of_the_same_owner_with_the_key_is_422(self, tenant: Tenant):
        key = str(uuid4())
        created(tenant.owner.post("/contents", content_body(), key=key))

        refused(
            tenant.owner.post("/bookings/resources", {"type": "room", "name": "A"}, key=key),
            422,
            "IDEMPOTENCY_KEY_REUSED",
        )

    def test_the_key_of_a_create_is_no_key_for_a_transition(self, show: Concert):
        key, visitor = str(uuid4()), show.tenant.visitor()
        first = show.book(visitor, 1, key=key)
        booking = created(first)

        refused(
            visitor.patch(f"/bookings/{booking['id']}/cancel", {}, key=key),
            422,
            "IDEMPOTENCY_KEY_REUSED",
        )
        assert show.book(visitor, 1, key=key).content == first.content
        assert show.remaining() == 9

    def test_the_key_of_a_transition_is_no_key_for_a_create(self, show: Concert):
        key, visitor = str(uuid4()), show.tenant.visitor()
        booking = created(show.book(visitor, 1))
        cancelled = visitor.patch(f"/bookings/{booking['id']}/cancel", {}, key=key)
        assert cancelled.status_code == 200

        refused(show.book(visitor, 2, key=key), 422, "IDEMPOTENCY_KEY_REUSED")
        eventually(lambda: show.remaining() == 10)
        assert visitor.patch(f"/bookings/{booking['id']}/cancel", {}, key=key).content == cancelled.content

    def test_two_bodies_at_once_with_one_key_are_never_swapped(self, show: Concert):
        key, visitor = str(uuid4()), show.tenant.visitor()

        with ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(lambda quantity: show.book(visitor, quantity, key=key), (1, 2)))

        assert sorted(answer.status_code for answer in answers) == [201, 422]
        winner = 1 if answers[0].status_code == 201 else 2
        assert answers[winner - 1].json()["guestCount"] == winner

    def test_a_key_belongs_to_the_tenant_and_the_sub(self, show: Concert):
        key = str(uuid4())
        one, two = show.tenant.visitor(), show.tenant.visitor()

        assert created(show.book(one, key=key))["id"] != created(show.book(two, key=key))["id"]

    def test_what_the_gateway_refuses_is_not_kept_under_the_key(self, show: Concert):
        key, visitor = str(uuid4()), show.tenant.visitor()
        invalid(visitor.post("/bookings", {**show.body(), "colour": "red"}, key=key), "colour")

        created(show.book(visitor, key=key))

    def test_without_a_key_one_is_made_and_returned(self, show: Concert):
        visitor = show.tenant.visitor()
        first = show.book(visitor)
        key = first.headers["idempotency-key"]

        assert show.book(visitor, key=key).content == first.content
        assert show.book(visitor, key="mine-" + key).headers["idempotency-key"] == "mine-" + key

    @pytest.mark.parametrize("key", ["x" * 256, "t\u00e4st".encode("latin-1"), "a\tb"])
    def test_a_key_has_1_to_255_printable_characters(self, show: Concert, key: str | bytes):
        problem = invalid(show.tenant.guest.send("POST", "/bookings", show.body(), headers={"Idempotency-Key": key}))

        assert [error["path"].lower() for error in problem["errors"]] == ["idempotency-key"]

    def test_a_key_of_255_characters_is_fine(self, show: Concert):
        created(show.book(show.tenant.guest, key="~" * 255))


class TestOperations:
    """202 when it takes longer, or is asked for; the operation tells the rest."""

    def test_asked_for_it_answers_202_with_the_operation_at_once(self, show: Concert):
        visitor = show.tenant.visitor().with_headers(Prefer="respond-async")

        answer = show.book(visitor)

        operation = answered(answer, 202)
        assert set(operation) == OPERATION
        assert answer.headers["location"].endswith(f"/operations/{operation['id']}")
        assert int(answer.headers["retry-after"]) >= 1
        assert (operation["command"], operation["status"], operation["statusCode"]) == (
            "CreateBooking",
            "pending",
            None,
        )
        assert (operation["result"], operation["problem"], operation["completedAt"]) == (None, None, None)
        UUID(operation["id"])

    def test_the_operation_tells_the_result_and_the_key_gives_the_answer(self, show: Concert):
        key, visitor = str(uuid4()), show.tenant.visitor()
        operation = answered(show.book(visitor.with_headers(Prefer="respond-async"), key=key), 202)

        done = settled(visitor, operation["id"])

        assert set(done) == OPERATION
        assert (done["status"], done["statusCode"], done["problem"]) == ("succeeded", 201, None)
        assert done["completedAt"] is not None
        final = show.book(visitor, key=key)
        assert created(final) == done["result"]
        assert ok(visitor.get(f"/bookings/{done['result']['id']}"))["status"] == "confirmed"
        assert show.remaining() == 9

    def test_a_refusal_is_a_failed_operation_with_the_problem(self, tenant: Tenant):
        show = concert(tenant, session={"capacity": 0})
        operation = answered(show.book(tenant.guest.with_headers(Prefer="respond-async")), 202)

        done = settled(tenant.guest, operation["id"])

        assert (done["status"], done["statusCode"], done["result"]) == ("failed", 409, None)
        assert done["problem"]["code"] == "SOLD_OUT"

    def test_what_is_wrong_is_refused_at_once_all_the_same(self, show: Concert):
        visitor = show.tenant.visitor().with_headers(Prefer="respond-async")

        refused(visitor.post("/bookings", {}), 422, "VALIDATION_FAILED")

    def test_it_may_be_read_by_the_same_sub_and_by_staff_only(self, show: Concert, other: Tenant):
        visitor = show.tenant.visitor()
        operation = answered(show.book(visitor.with_headers(Prefer="respond-async")), 202)
        path = f"/operations/{operation['id']}"

        ok(visitor.get(path))
        ok(show.tenant.staff.get(path))
        refused(show.tenant.visitor().get(path), 404, "NOT_FOUND")
        refused(other.staff.get(path), 404, "NOT_FOUND")

    def test_an_unknown_one_is_404(self, tenant: Tenant):
        refused(tenant.staff.get(f"/operations/{NOWHERE}"), 404, "NOT_FOUND")
        invalid(tenant.staff.get("/operations/seven"), "id")

    def test_a_write_that_was_answered_in_time_is_an_operation_too(self, show: Concert):
        visitor = show.tenant.visitor()
        operation = answered(show.book(visitor.with_headers(Prefer="respond-async")), 202)
        settled(visitor, operation["id"])

        assert ok(show.tenant.staff.get(f"/operations/{operation['id']}"))["status"] == "succeeded"

    def test_a_wait_may_be_asked_for(self, show: Concert):
        assert show.book(show.tenant.visitor().with_headers(Prefer="wait=10")).status_code == 201

    @pytest.mark.parametrize("method", ["cancel", "confirm"])
    def test_transitions_have_operations_of_their_own_name(self, show: Concert, method: str):
        booking = show.booked(show.tenant.guest)
        staff = show.tenant.staff.with_headers(Prefer="respond-async")

        operation = answered(staff.patch(f"/bookings/{booking['id']}/{method}"), 202)

        assert operation["command"] == {"cancel": "CancelBooking", "confirm": "ConfirmBooking"}[method]
        assert settled(staff, operation["id"])["result"]["id"] == booking["id"]
