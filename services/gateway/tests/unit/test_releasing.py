"""A cancellation's answer waits for inventory's word that the place is free (row A6: cancel, then book at once)."""

from __future__ import annotations

import asyncio
import time

import httpx
import pytest
from gateway_doubles import Gateway, Sent, make_gateway

from holdfast_contracts import envelope
from holdfast_gateway.api.examples import BOOKING
from holdfast_gateway.settings import GatewaySettings
from holdfast_platform.units.messages import Answer

RELEASING = Answer(200, b"{}", kind=envelope.KIND_RELEASING)
RELEASED = Answer(200, b"", kind=envelope.KIND_RELEASED)


def cancelling(gateway: Gateway) -> asyncio.Task[httpx.Response]:
    return asyncio.create_task(gateway.call("PATCH", f"/bookings/{BOOKING}/cancel"))


async def answered_within(task: asyncio.Task[httpx.Response], seconds: float) -> bool:
    done, _ = await asyncio.wait([task], timeout=seconds)
    return bool(done)


async def until_cancelled(gateway: Gateway) -> Sent:
    """The command, once booking's answer to it is on its way."""
    async with asyncio.timeout(5):
        while not gateway.bus.sent:
            await asyncio.sleep(0)
    return gateway.bus.sent[0]


def say(gateway: Gateway, sent: Sent, answer: Answer) -> None:
    gateway.bus.respond = lambda _sent: [answer]
    gateway.bus._answer(sent)


async def test_the_answer_comes_with_the_word_and_not_before() -> None:
    gateway = make_gateway(release_wait_seconds=30)
    gateway.bus.respond = lambda _sent: [RELEASING]
    async with gateway.client:
        task = cancelling(gateway)
        sent = await until_cancelled(gateway)
        assert not await answered_within(task, 0.2)
        say(gateway, sent, RELEASED)
        assert await answered_within(task, 5)
    assert ((await task).status_code, (await task).content) == (200, b"{}")


async def test_a_word_that_comes_before_the_answer_counts() -> None:
    gateway = make_gateway(release_wait_seconds=30)
    gateway.bus.respond = lambda _sent: [RELEASED, RELEASING]
    async with gateway.client:
        assert await answered_within(task := cancelling(gateway), 5)
    assert ((await task).status_code, (await task).content) == (200, b"{}")


async def test_where_no_word_comes_the_answer_does_after_half_a_second() -> None:
    half = GatewaySettings.model_fields["release_wait_seconds"].default
    assert half == 0.5
    gateway = make_gateway(release_wait_seconds=half)
    gateway.bus.respond = lambda _sent: [RELEASING]
    async with gateway.client:
        began = time.monotonic()
        answer = await cancelling(gateway)
        waited = time.monotonic() - began
    assert answer.status_code == 200
    assert half <= waited < 5


@pytest.mark.parametrize("kind", [envelope.KIND_RELEASING, envelope.KIND_ANSWER])
async def test_control_without_the_wait_the_answer_comes_before_the_word(kind: str) -> None:
    """Also: what gives nothing back, such as cancelling again, waits for nothing."""
    gateway = make_gateway(release_wait_seconds=0 if kind == envelope.KIND_RELEASING else 30)
    gateway.bus.respond = lambda _sent: [Answer(200, b"{}", kind=kind)]
    async with gateway.client:
        task = cancelling(gateway)
        await until_cancelled(gateway)
        assert await answered_within(task, 5)
