"""One tenant's rush: its commands take turns, and another tenant's finds few before it [interleavings, Operations]."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from uuid import UUID

import pytest
from gateway_doubles import TENANT, Gateway, bearer, make_gateway, tenant

from holdfast_contracts import envelope
from holdfast_contracts.ids import command_id
from holdfast_gateway.api.examples import CREATE_BOOKING
from holdfast_platform.units.messages import Answer

OTHER = UUID(int=7)
RUSH = 5


async def until(so: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not so():
            await asyncio.sleep(0.005)


def crowded(commands_at_owners: int, **settings: float) -> Gateway:
    """A gateway with a second tenant, whose owners answer nobody by themselves."""
    gateway = make_gateway(commands_at_owners=commands_at_owners, **settings)
    gateway.directory.replace([*(one.state for one in gateway.directory.all()), tenant(OTHER, "third")])
    gateway.bus.respond = lambda _sent: []
    return gateway


def booking(gateway: Gateway, key: str, **caller: str) -> asyncio.Task[object]:
    headers = {"Idempotency-Key": key, **caller}
    return asyncio.create_task(gateway.call("POST", "/bookings", json=CREATE_BOOKING, headers=headers))


def tenants(gateway: Gateway) -> list[str]:
    return [sent.headers[envelope.CE_TENANT] for sent in gateway.bus.sent]


async def answer_all(gateway: Gateway, most: int) -> None:
    """Let the owners answer one command after the other, as they come."""
    gateway.bus.respond = lambda _sent: [Answer(201, b"{}")]
    for number in range(most):
        await until(lambda number=number: len(gateway.bus.sent) > number)
        gateway.bus._answer(gateway.bus.sent[number])


@pytest.mark.parametrize(("turns", "before"), [(2, 2), (100, RUSH)], ids=["turns", "control: a turn for everybody"])
async def test_another_tenants_command_finds_few_before_it(turns: int, before: int) -> None:
    gateway = crowded(turns)
    async with gateway.client:
        rush = [booking(gateway, f"rush-{number}") for number in range(RUSH)]
        await until(lambda: len(gateway.bus.sent) == before)
        await asyncio.sleep(0.05)
        calm = booking(gateway, "calm", **bearer(tenant_id=str(OTHER)))
        await until(lambda: str(OTHER) in tenants(gateway))
        assert tenants(gateway).index(str(OTHER)) == before
        await answer_all(gateway, RUSH + 1)
        assert {answer.status_code for answer in await asyncio.gather(*rush, calm)} == {201}


async def test_those_who_wait_are_sent_in_their_order() -> None:
    gateway = crowded(1)
    async with gateway.client:
        rush = []
        for number in range(RUSH):
            rush.append(booking(gateway, f"rush-{number}"))
            await asyncio.sleep(0.02)
        await answer_all(gateway, RUSH)
        await asyncio.gather(*rush)
    wanted = [str(command_id(TENANT, "acc-owner", f"rush-{number}")) for number in range(RUSH)]
    assert [sent.headers[envelope.CE_ID] for sent in gateway.bus.sent] == wanted


async def test_who_has_waited_long_enough_is_sent_all_the_same() -> None:
    """Nobody is refused for want of a turn, and nobody waits longer than they asked: the answer is a 202."""
    gateway = crowded(1, answer_wait_seconds=0.2)
    async with gateway.client:
        answers = await asyncio.gather(*(booking(gateway, f"rush-{number}") for number in range(3)))
    assert [answer.status_code for answer in answers] == [202] * 3
    assert len(gateway.bus.sent) == 3


async def test_who_does_not_wait_for_the_answer_does_not_wait_for_a_turn() -> None:
    gateway = crowded(1)
    async with gateway.client:
        first = booking(gateway, "first")
        await until(lambda: len(gateway.bus.sent) == 1)
        answer = await asyncio.wait_for(booking(gateway, "second", Prefer="respond-async"), 2)
        assert (answer.status_code, len(gateway.bus.sent)) == (202, 2)
        await answer_all(gateway, 1)
        await first
