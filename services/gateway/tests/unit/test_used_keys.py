"""A key that stands for another request is 422, also where nobody hears its owner say so (I5) [spec/10]."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from gateway_doubles import TENANT, Gateway, Sent, make_gateway

from holdfast_contracts import envelope, ids
from holdfast_contracts.enums import Role
from holdfast_gateway.api.examples import BOOKING, CREATE_BOOKING
from holdfast_gateway.ports import NotHandedOver, OwnerAnswer
from holdfast_platform.units.messages import Answer

KEY = {"Idempotency-Key": "one"}
ASYNC = {**KEY, "Prefer": "respond-async"}
ANOTHER = {**CREATE_BOOKING, "customerName": "Ole"}
ID = ids.command_id(TENANT, "acc-owner", "one")


def silent(_sent: Sent) -> list[Answer]:
    return []


def result(request_hash: str, kind: str = envelope.KIND_ANSWER) -> OwnerAnswer:
    """What `GET /internal/operations/{id}` says."""
    return OwnerAnswer(
        200,
        b'{"id":"e1"}',
        headers={
            "hf-outcome": "placed" if kind == envelope.KIND_PLACED else "done",
            "hf-received": "2027-01-10T09:01:00Z",
            envelope.HASH: request_hash,
            envelope.OPERATION: "CreateBooking",
            envelope.REPLY_STATUS: "202" if kind == envelope.KIND_PLACED else "201",
            envelope.REPLY_KIND: kind,
        },
    )


def having(**by_owner: OwnerAnswer) -> Callable[..., OwnerAnswer]:
    return lambda owner, _path, _caller: by_owner.get(owner, OwnerAnswer(404, b"{}"))


async def hash_of(body: Any) -> str:
    """The hash that a create of this body travels with."""
    gateway = make_gateway()
    async with gateway.client:
        await gateway.call("POST", "/bookings", json=body)
    return gateway.bus.sent[0].headers[envelope.HASH]


async def refused(gateway: Gateway, body: Any = ANOTHER, headers: dict[str, str] | None = None) -> None:
    answer = await gateway.call("POST", "/bookings", json=body, headers=headers or ASYNC)
    assert (answer.status_code, answer.json()["code"]) == (422, "IDEMPOTENCY_KEY_REUSED"), answer.text


@pytest.mark.parametrize("owner", ["inventory", "booking"])
async def test_respond_async_asks_the_owners_of_a_given_key_first(gateway: Gateway, owner: str) -> None:
    first = result(await hash_of(CREATE_BOOKING))
    gateway.owners.answer = having(**{owner: first})
    await refused(gateway)
    again = await gateway.call("POST", "/bookings", json=CREATE_BOOKING, headers=ASYNC)
    assert (again.status_code, again.content) == (201, b'{"id":"e1"}')
    assert "preference-applied" not in again.headers
    assert gateway.bus.sent == []
    assert gateway.operations.kept == {}


async def test_what_is_only_placed_has_no_outcome_yet(gateway: Gateway) -> None:
    gateway.owners.answer = having(inventory=result(await hash_of(CREATE_BOOKING), envelope.KIND_PLACED))
    assert (await gateway.call("POST", "/bookings", json=CREATE_BOOKING, headers=ASYNC)).status_code == 202


async def test_respond_async_remembers_what_was_promised_before_an_owner_saw_it(gateway: Gateway) -> None:
    assert (await gateway.call("POST", "/bookings", json=CREATE_BOOKING, headers=ASYNC)).status_code == 202
    await refused(gateway)
    assert len(gateway.bus.sent) == 1
    assert (await gateway.call("POST", "/bookings", json=CREATE_BOOKING, headers=ASYNC)).status_code == 202


async def test_a_key_that_was_made_is_nobodys_yet(gateway: Gateway) -> None:
    await gateway.call("POST", "/bookings", json=CREATE_BOOKING, headers={"Prefer": "respond-async"})
    assert gateway.owners.asked == []


async def test_a_stored_answer_is_told_to_its_own_request_only(gateway: Gateway) -> None:
    """After a lost reply."""
    gateway.bus.respond = silent
    gateway.owners.answer = having(booking=result(await hash_of(CREATE_BOOKING)))
    await refused(gateway, headers=KEY)
    again = await gateway.call("POST", "/bookings", json=CREATE_BOOKING, headers=KEY)
    assert (again.status_code, again.content) == (201, b'{"id":"e1"}')


async def test_what_is_placed_is_not_taken_for_another_requests_answer(gateway: Gateway) -> None:
    """While polling: booking knows the key from a cancellation, and has refused the create."""
    gateway.bus.respond = lambda _sent: [Answer(202, b"", kind=envelope.KIND_PLACED)]
    gateway.owners.answer = having(booking=result("of a cancellation"))
    await refused(gateway, CREATE_BOOKING, headers=KEY)


def at_once_another(gateway: Gateway, promised: str) -> None:
    """Between the look and the 202 another request with the key is promised one."""
    remember = gateway.operations.remember

    async def late(operation: Any) -> Any:
        await remember(type(operation)(**{**_fields(operation), "request_hash": promised}))
        return await remember(operation)

    gateway.operations.remember = late  # type: ignore[method-assign]


def _fields(operation: Any) -> dict[str, Any]:
    return {name: getattr(operation, name) for name in operation.__dataclass_fields__}


@pytest.mark.parametrize("decided", [Answer(201, b'{"id":"e2"}'), Answer(422, b'{"code":"IDEMPOTENCY_KEY_REUSED"}')])
async def test_of_two_at_once_the_owner_tells_who_was_first(gateway: Gateway, decided: Answer) -> None:
    at_once_another(gateway, "of another")
    gateway.bus.respond = lambda _sent: [decided]
    answer = await gateway.call("POST", "/bookings", json=CREATE_BOOKING, headers=ASYNC)
    assert (answer.status_code, answer.content) == (decided.status, decided.body)


async def test_of_two_at_once_nothing_is_said_before_the_owner_has(gateway: Gateway) -> None:
    at_once_another(gateway, "of another")
    gateway.bus.respond = silent
    for headers in (ASYNC, KEY):
        answer = await gateway.call("POST", "/bookings", json=CREATE_BOOKING, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (503, "DEPENDENCY_DOWN")
        assert answer.headers["idempotency-key"] == "one"


async def test_an_operation_never_shows_another_requests_result(gateway: Gateway) -> None:
    """Another request with its key was faster: what was promised has failed, and says why."""
    gateway.bus.respond = silent
    await gateway.call("POST", "/bookings", json=CREATE_BOOKING, headers=ASYNC)
    gateway.owners.answer = having(booking=result("of another"))
    operation = (await gateway.call("GET", f"/operations/{ID}")).json()
    assert (operation["status"], operation["statusCode"], operation["result"]) == ("failed", 422, None)
    assert operation["problem"]["code"] == "IDEMPOTENCY_KEY_REUSED"
    gateway.owners.answer = having(booking=result(await hash_of(CREATE_BOOKING)))
    operation = (await gateway.call("GET", f"/operations/{ID}")).json()
    assert (operation["status"], operation["result"]) == ("succeeded", {"id": "e1"})


async def test_an_operation_is_asked_of_its_own_owner(gateway: Gateway) -> None:
    """A key may be used again with another owner: its result is none of the promised operation's."""
    gateway.bus.respond = silent
    await gateway.call("PATCH", f"/bookings/{BOOKING}/cancel", headers=ASYNC)
    gateway.owners.answer = having(inventory=result("of a hold"))
    assert (await gateway.call("GET", f"/operations/{ID}")).json()["status"] == "pending"


@pytest.mark.parametrize("given", [KEY, {}])
async def test_a_503_tells_the_key_to_repeat_with(gateway: Gateway, given: dict[str, str]) -> None:
    gateway.bus.respond = silent
    gateway.bus.taken = lambda: asyncio.get_running_loop().create_future()
    answer = await gateway.call("POST", "/bookings", json=CREATE_BOOKING, headers=given)
    assert (answer.status_code, answer.json()["code"]) == (503, "DEPENDENCY_DOWN")
    key = answer.headers["idempotency-key"]
    assert gateway.bus.sent[0].headers[envelope.CE_ID] == str(ids.command_id(TENANT, "acc-owner", key))
    assert key == given.get("Idempotency-Key", key)
    gateway.bus.refuse = NotHandedOver("inventory.commands.v1")
    answer = await gateway.call("POST", "/bookings", json=CREATE_BOOKING, headers=given)
    assert (answer.status_code, bool(answer.headers["idempotency-key"])) == (503, True)


@pytest.mark.parametrize("given", [KEY, {}])
async def test_a_scan_that_may_have_happened_tells_its_key(gateway: Gateway, given: dict[str, str]) -> None:
    gateway.owners.down = {"tickets"}
    answer = await gateway.call("POST", "/bookings/scan", Role.DOOR, json={"code": "K7M4P9W2XT5R"}, headers=given)
    assert (answer.status_code, answer.json()["code"]) == (503, "DEPENDENCY_DOWN")
    key = answer.headers["idempotency-key"]
    (_, (call,)) = gateway.owners.posted[0]
    assert call["commandId"] == str(ids.command_id(TENANT, "acc-door", key))
    assert key == given.get("Idempotency-Key", key)


async def test_every_answer_has_the_key_once(gateway: Gateway) -> None:
    answer = await gateway.call("POST", "/bookings", json=CREATE_BOOKING, headers=KEY)
    assert answer.headers.get_list("idempotency-key") == ["one"]


async def test_an_owner_in_trouble_is_not_one_that_knows_nothing(gateway: Gateway) -> None:
    """Else a command that succeeded would be an unknown operation while a database is away."""
    gateway.owners.answer = lambda *_: OwnerAnswer(503, b"{}", content_type="application/problem+json")
    answer = await gateway.call("GET", f"/operations/{ID}")
    assert (answer.status_code, answer.json()["code"]) == (503, "DEPENDENCY_DOWN")
