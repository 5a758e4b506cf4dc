"""How a write answers: in time, later, not at all; keys, preferences, preconditions [spec/02, spec/10]."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import orjson
import pytest
from gateway_doubles import TENANT, Gateway, Sent, bearer, make_gateway, tenant

from holdfast_contracts import envelope, ids
from holdfast_contracts.booking import CancelBooking, ConfirmBooking
from holdfast_contracts.enums import Role
from holdfast_contracts.inventory import PlaceClaim, PlaceHold, ScheduleSession
from holdfast_contracts.topics import BOOKING_COMMANDS, INVENTORY_COMMANDS
from holdfast_gateway.api.examples import BOOKING, CONTENT, CREATE_APPOINTMENT, CREATE_BOOKING, CREATE_HOLD, SESSION
from holdfast_gateway.api.table import ROUTES
from holdfast_gateway.pipeline.routes import Write
from holdfast_gateway.ports import NotHandedOver, OwnerAnswer
from holdfast_platform.units.messages import Answer

KEY = {"Idempotency-Key": "one"}


def silent(_sent: Sent) -> list[Answer]:
    return []


def stored(owner: str, status: int, body: bytes, kind: str = envelope.KIND_ANSWER) -> Any:
    """Owners of which one has a stored result."""
    headers = {
        "hf-outcome": "placed" if kind == envelope.KIND_PLACED else "done",
        "hf-received": "2027-01-10T09:01:00Z",
        envelope.OPERATION: "CreateBooking",
        envelope.REPLY_STATUS: str(status),
        envelope.REPLY_KIND: kind,
        envelope.REPLY_ETAG: '"1"',
    }

    def answer(asked: str, _path: str, _caller: object) -> OwnerAnswer:
        return OwnerAnswer(200, body, headers=headers) if asked == owner else OwnerAnswer(404, b"{}")

    return answer


async def test_an_answer_comes_back_as_it_is(gateway: Gateway) -> None:
    body = b'{"id" : "e1f2", "odd":   true}'
    gateway.bus.respond = lambda _sent: [Answer(201, body, '"7"')]
    answer = await gateway.call("POST", "/bookings", json=CREATE_BOOKING, headers=KEY)
    assert (answer.status_code, answer.content) == (201, body)
    assert answer.headers["etag"] == '"7"'
    assert answer.headers["idempotency-key"] == "one"
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "private, no-store"


async def test_the_command_says_all_that_its_owner_needs(gateway: Gateway) -> None:
    headers = {**KEY, "X-Correlation-Id": "corr-1", "traceparent": f"00-{'a' * 32}-{'b' * 16}-01"}
    answer = await gateway.call("POST", "/bookings", Role.GUEST, json=CREATE_BOOKING, headers=headers)
    (sent,) = gateway.bus.sent
    command = sent.message
    assert isinstance(command, PlaceClaim)
    assert (sent.topic, sent.key) == (INVENTORY_COMMANDS.name, SESSION)
    assert (command.tenant.slug, command.actor.subject, command.actor.staff) == ("demo", "acc-guest", False)
    assert command.visitor == CREATE_BOOKING["sessionId"]
    assert command.body.guests[0].name == "Ida Berg"
    expected = ids.command_id(TENANT, "acc-guest", "one")
    assert sent.headers[envelope.CE_ID] == str(expected)
    assert sent.headers[envelope.CE_TENANT] == str(TENANT)
    assert sent.headers[envelope.CE_TYPE] == "PlaceClaim"
    assert sent.headers[envelope.OPERATION] == "CreateBooking"
    assert sent.headers[envelope.SUBJECT] == "acc-guest"
    assert sent.headers[envelope.INSTANCE] == "/bookings"
    assert sent.headers[envelope.CE_CORRELATION] == answer.headers["x-correlation-id"] == "corr-1"
    assert sent.headers[envelope.TRACEPARENT] == headers["traceparent"]
    assert sent.headers[envelope.REPLY].startswith("3:")


async def test_the_hash_is_of_meaning_and_not_of_blanks(gateway: Gateway) -> None:
    turned = dict(reversed(CREATE_BOOKING.items()))
    await gateway.call("POST", "/bookings", json=CREATE_BOOKING)
    await gateway.call(
        "POST",
        "/bookings",
        content=orjson.dumps(turned, option=orjson.OPT_INDENT_2),
        headers={"Content-Type": "application/json"},
    )
    await gateway.call("POST", "/bookings", json={**CREATE_BOOKING, "customerName": "Ole"})
    first, second, third = (sent.headers[envelope.HASH] for sent in gateway.bus.sent)
    assert first == second != third


async def test_without_a_key_each_request_is_its_own(gateway: Gateway) -> None:
    answers = [await gateway.call("POST", "/bookings", json=CREATE_BOOKING) for _ in range(2)]
    keys = {answer.headers["idempotency-key"] for answer in answers}
    assert len(keys) == len({sent.headers[envelope.CE_ID] for sent in gateway.bus.sent}) == 2


@pytest.mark.parametrize(
    ("path", "body", "key"),
    [
        ("/bookings", CREATE_BOOKING, SESSION),
        ("/bookings", CREATE_APPOINTMENT, CREATE_APPOINTMENT["resourceId"]),
        ("/bookings", {**CREATE_APPOINTMENT, "resourceId": None}, CREATE_APPOINTMENT["contentId"]),
        ("/bookings/holds", CREATE_HOLD, SESSION),
        (
            "/bookings/holds",
            {
                **CREATE_HOLD,
                "schedulePayload": {
                    "startsAt": "2027-06-12T18:00:00Z",
                    "items": CREATE_HOLD["schedulePayload"]["items"],
                },
            },
            CONTENT,
        ),
    ],
)
async def test_commands_are_keyed_by_what_is_contended(
    gateway: Gateway, path: str, body: dict[str, Any], key: str
) -> None:
    answer = await gateway.call("POST", path, json=body)
    assert answer.status_code == 201, answer.text
    assert gateway.bus.sent[0].key == key


@pytest.mark.parametrize("route", [one for one in ROUTES if isinstance(one, Write)], ids=lambda route: route.operation)
async def test_every_write_sends_a_message_its_owner_can_read(route: Write) -> None:
    gateway = make_gateway()
    async with gateway.client:
        path = route.path.replace(":id", BOOKING)
        answer = await gateway.call(route.method, path, json=route.example, headers={"If-Match": '"3"'})
    assert answer.status_code == 201, answer.text
    (sent,) = gateway.bus.sent
    assert type(sent.message) is route.command
    assert set(orjson.loads(sent.payload)) == {info.alias for info in route.command.model_fields.values()}
    assert sent.message.if_match == (3 if route.versioned else None)


async def test_ids_of_the_path_travel_in_the_command(gateway: Gateway) -> None:
    await gateway.call("PATCH", f"/bookings/{BOOKING.upper()}/confirm")
    await gateway.call("POST", f"/contents/{CONTENT}/sessions", json={"startsAt": "2027-06-12T18:00:00Z"})
    confirm, schedule = (sent.message for sent in gateway.bus.sent)
    assert isinstance(confirm, ConfirmBooking)
    assert isinstance(schedule, ScheduleSession)
    assert (confirm.booking_id, schedule.content_id) == (UUID(BOOKING), UUID(CONTENT))
    assert [sent.key for sent in gateway.bus.sent] == [BOOKING, CONTENT]
    assert gateway.bus.sent[0].topic == BOOKING_COMMANDS.name


@pytest.mark.parametrize(
    ("tag", "version"),
    [
        ('"3"', 3),
        ("*", None),
        ('"abc"', -1),
        ('"0"', -1),
        ('W/"3"', -1),
        ('"abc", "3"', 3),
        ('W/"2", "3" ,"a,b",', 3),
        ('"3", "3"', 3),
        ('W/"2", "x"', -1),
    ],
)
async def test_if_match_becomes_a_version(gateway: Gateway, tag: str, version: int | None) -> None:
    await gateway.call("PATCH", f"/bookings/{BOOKING}/confirm", headers={"If-Match": tag})
    assert gateway.bus.sent[0].message.if_match == version


async def test_a_missing_body_is_legal_where_nothing_is_needed(gateway: Gateway) -> None:
    for method, path in (("PATCH", f"/bookings/{BOOKING}/cancel"), ("PATCH", f"/bookings/holds/{BOOKING}")):
        assert (await gateway.call(method, path)).status_code == 201
    cancel = gateway.bus.sent[0].message
    assert isinstance(cancel, CancelBooking)
    assert cancel.body.waive_fee is False


async def test_the_visitor_is_the_subject_unless_said(gateway: Gateway) -> None:
    await gateway.call("POST", "/bookings/holds", Role.GUEST, json={**CREATE_HOLD, "sessionId": None})
    message = gateway.bus.sent[0].message
    assert isinstance(message, PlaceHold)
    assert message.visitor == "acc-guest"


async def test_answers_of_one_key_are_never_swapped(gateway: Gateway) -> None:
    """Two requests with one key at once: each hears the reply to its own request id."""

    def by_name(sent: Sent) -> list[Answer]:
        return [Answer(201, sent.message.body.customer_name.encode())]

    gateway.bus.respond = by_name
    names = [f"Guest {number}" for number in range(20)]
    calls = [
        gateway.call("POST", "/bookings", json={**CREATE_BOOKING, "customerName": name}, headers=KEY) for name in names
    ]
    assert [answer.text for answer in await asyncio.gather(*calls)] == names


async def test_no_answer_in_time_is_202_and_can_be_asked_for(gateway: Gateway) -> None:
    gateway.bus.respond = silent
    answer = await gateway.call("POST", "/bookings", Role.GUEST, json=CREATE_BOOKING, headers=KEY)
    assert answer.status_code == 202
    operation = answer.json()
    assert answer.headers["location"] == f"/operations/{operation['id']}"
    assert answer.headers["retry-after"] == "1"
    assert operation == {
        "id": str(ids.command_id(TENANT, "acc-guest", "one")),
        "command": "CreateBooking",
        "status": "pending",
        "statusCode": None,
        "progress": None,
        "problem": None,
        "result": None,
        "createdAt": operation["createdAt"],
        "completedAt": None,
    }
    path = answer.headers["location"]
    assert (await gateway.call("GET", path, Role.GUEST)).json() == operation
    assert (await gateway.call("GET", path, Role.STAFF)).status_code == 200
    other = await gateway.call("GET", path, Role.GUEST, headers=bearer(Role.GUEST, sub="somebody else"))
    assert other.status_code == 404


async def test_a_lost_reply_is_found_with_the_owner(gateway: Gateway) -> None:
    gateway.bus.respond = silent
    gateway.owners.answer = stored("booking", 201, b'{"id":"e1"}')
    answer = await gateway.call("POST", "/bookings", json=CREATE_BOOKING)
    assert (answer.status_code, answer.content, answer.headers["etag"]) == (201, b'{"id":"e1"}', '"1"')


async def test_respond_async_is_202_at_once(gateway: Gateway) -> None:
    gateway.bus.respond = silent
    answer = await gateway.call("POST", "/bookings", json=CREATE_BOOKING, headers={"Prefer": "respond-async"})
    assert answer.status_code == 202
    assert answer.headers["preference-applied"] == "respond-async"
    assert gateway.owners.asked == []


async def test_the_caller_sets_the_wait_up_to_a_limit() -> None:
    gateway = make_gateway(answer_wait_most_seconds=0.1, answer_wait_seconds=60)
    gateway.bus.respond = silent
    async with gateway.client:
        answer = await gateway.call("POST", "/bookings", json=CREATE_BOOKING, headers={"Prefer": "wait=25"})
    assert answer.status_code == 202
    assert answer.headers["preference-applied"].startswith("wait=")


async def test_what_is_placed_is_polled_with_booking(gateway: Gateway) -> None:
    gateway.bus.respond = lambda _sent: [Answer(202, b"", kind=envelope.KIND_PLACED)]
    asked = 0
    ready = stored("booking", 201, b'{"id":"e1"}')

    def later(owner: str, path: str, caller: Any) -> OwnerAnswer:
        nonlocal asked
        asked += 1
        return ready(owner, path, caller) if asked > 3 else OwnerAnswer(404, b"{}")

    gateway.owners.answer = later
    answer = await gateway.call("POST", "/bookings", json=CREATE_BOOKING)
    assert (answer.status_code, answer.content) == (201, b'{"id":"e1"}')
    assert {owner for owner, _, _ in gateway.owners.asked} == {"booking"}


async def test_what_stays_placed_is_202(gateway: Gateway) -> None:
    gateway.bus.respond = lambda _sent: [Answer(202, b"", kind=envelope.KIND_PLACED)]
    answer = await gateway.call("POST", "/bookings", json=CREATE_BOOKING)
    assert answer.status_code == 202


async def test_what_was_never_handed_over_is_not_accepted(gateway: Gateway) -> None:
    gateway.bus.refuse = NotHandedOver("inventory.commands.v1")
    answer = await gateway.call("POST", "/bookings", json=CREATE_BOOKING)
    assert (answer.status_code, answer.json()["code"]) == (503, "NOT_ACCEPTED")
    assert answer.headers["retry-after"]


async def test_what_the_bus_does_not_take_in_time_is_unknown(gateway: Gateway) -> None:
    gateway.bus.respond = silent
    gateway.bus.taken = lambda: asyncio.get_running_loop().create_future()
    for headers in ({}, {"Prefer": "wait=0"}):
        answer = await gateway.call("POST", "/bookings", json=CREATE_BOOKING, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (503, "DEPENDENCY_DOWN")
    assert gateway.operations.kept == {}


async def test_the_bus_has_a_second_though_the_caller_has_no_time_left() -> None:
    """A command may have waited for its tenant's turn until then; what it says of the bus must be true all the same."""
    gateway = make_gateway(answer_wait_seconds=0.05)

    def after_a_while() -> asyncio.Future[Any]:
        loop = asyncio.get_running_loop()
        future = loop.create_future()
        loop.call_later(0.4, future.set_result, None)
        return future

    gateway.bus.respond = silent
    gateway.bus.taken = after_a_while
    async with gateway.client:
        answer = await gateway.call("POST", "/bookings", json=CREATE_BOOKING)
    assert answer.status_code == 202


@pytest.mark.parametrize("headers", [{}, {**KEY, "Prefer": "respond-async"}], ids=["waits", "respond-async"])
@pytest.mark.parametrize("owner", ["inventory", "booking"])
async def test_an_owner_that_is_silent_keeps_no_promise_waiting(owner: str, headers: dict[str, str]) -> None:
    gateway = make_gateway(lookup_seconds=0.1)
    gateway.owners.silent = {owner}
    gateway.bus.respond = silent
    async with gateway.client, asyncio.timeout(2):
        answer = await gateway.call("POST", "/bookings", json=CREATE_BOOKING, headers=headers)
    assert answer.status_code == 202
    assert len(gateway.operations.kept) == 1


async def test_a_booking_that_is_silent_after_its_claim_keeps_no_promise_waiting() -> None:
    gateway = make_gateway(lookup_seconds=0.1)
    gateway.owners.silent = {"booking"}
    gateway.bus.respond = lambda _sent: [Answer(202, b"", kind=envelope.KIND_PLACED)]
    async with gateway.client, asyncio.timeout(2):
        answer = await gateway.call("POST", "/bookings", json=CREATE_BOOKING)
    assert answer.status_code == 202


async def test_a_refusal_of_the_bus_is_told_at_once() -> None:
    gateway = make_gateway(answer_wait_seconds=60)

    def failing() -> asyncio.Future[Any]:
        future = asyncio.get_running_loop().create_future()
        future.set_exception(ConnectionError("gone"))
        return future

    gateway.bus.respond = silent
    gateway.bus.taken = failing
    async with gateway.client, asyncio.timeout(5):
        answer = await gateway.call("POST", "/bookings", json=CREATE_BOOKING)
    assert (answer.status_code, answer.json()["code"]) == (503, "DEPENDENCY_DOWN")


async def test_a_rush_of_one_tenant_is_shed_early_and_starves_nobody() -> None:
    gateway = make_gateway(commands_in_flight=8)
    other = UUID(int=7)
    gateway.directory.replace([*(one.state for one in gateway.directory.all()), tenant(other, "third")])
    gateway.bus.respond = silent
    async with gateway.client:
        rush = [gateway.call("POST", "/bookings", json=CREATE_BOOKING) for _ in range(6)]
        calm = gateway.call("POST", "/bookings", json=CREATE_BOOKING, headers=bearer(tenant_id=str(other)))
        *answers, last = await asyncio.gather(*rush, calm)
    statuses = sorted(answer.status_code for answer in answers)
    assert statuses == [202, 202, 503, 503, 503, 503]
    assert {answer.json()["code"] for answer in answers if answer.status_code == 503} == {"OVERLOADED"}
    assert last.status_code == 202


async def test_an_unknown_operation_is_404(gateway: Gateway) -> None:
    answer = await gateway.call("GET", f"/operations/{BOOKING}")
    assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (201, b'{"id":"e1"}', {"status": "succeeded", "result": {"id": "e1"}, "problem": None}),
        (409, b'{"code":"SOLD_OUT"}', {"status": "failed", "result": None, "problem": {"code": "SOLD_OUT"}}),
        (204, b"", {"status": "succeeded", "result": None, "problem": None}),
    ],
)
async def test_an_operation_tells_the_stored_result(
    gateway: Gateway, status: int, body: bytes, expected: dict[str, Any]
) -> None:
    gateway.owners.answer = stored("inventory", status, body)
    operation = (await gateway.call("GET", f"/operations/{BOOKING}")).json()
    assert operation["statusCode"] == status
    assert {name: operation[name] for name in expected} == expected
    assert operation["completedAt"] == "2027-01-10T09:01:00Z"


async def test_a_placed_operation_is_pending(gateway: Gateway) -> None:
    gateway.owners.answer = stored("inventory", 202, b"", envelope.KIND_PLACED)
    operation = (await gateway.call("GET", f"/operations/{BOOKING}")).json()
    assert (operation["status"], operation["command"]) == ("pending", "CreateBooking")


@pytest.mark.parametrize(("status", "told"), [(500, False), (503, True), (201, False)])
async def test_only_what_may_change_asks_to_come_again(gateway: Gateway, status: int, told: bool) -> None:
    """A command that was given up is stored as it is: its repeat hears the same."""
    gateway.bus.respond = lambda _sent: [Answer(status, b"{}")]
    answer = await gateway.call("POST", "/bookings", json=CREATE_BOOKING)
    assert (answer.status_code, "retry-after" in answer.headers) == (status, told)
