"""SIGTERM fails no request in flight: who waits longer than the door stays open gets a 202 [spec/08]."""

from __future__ import annotations

import asyncio
import json
import socket
import time

import httpx
import pytest
from gateway_doubles import Gateway, Sent, bearer, gateway_settings, make_gateway

from holdfast_contracts import envelope
from holdfast_gateway.api.examples import BOOKING, CREATE_BOOKING
from holdfast_gateway.main import build
from holdfast_gateway.pipeline.waiting import EndOfWaits
from holdfast_platform.lifecycle import HttpServer
from holdfast_platform.units.messages import Answer

LONG = {"Prefer": "wait=30"}


def silent(_sent: Sent) -> list[Answer]:
    return []


async def has_begun(gateway: Gateway) -> None:
    """Return once a write waits for its answer."""
    async with asyncio.timeout(5):
        while not len(gateway.bus.waiters):
            await asyncio.sleep(0.01)


async def ended_after(gateway: Gateway, begun: asyncio.Task[httpx.Response], seconds: float) -> httpx.Response:
    await has_begun(gateway)
    await EndOfWaits(gateway.bus.waiters, seconds).stop()
    async with asyncio.timeout(5):
        return await begun


@pytest.mark.parametrize("kind", [None, envelope.KIND_PLACED])
async def test_who_waits_gets_a_202_when_the_service_stops(gateway: Gateway, kind: str | None) -> None:
    """Also who waits for the second half of a create."""
    gateway.bus.respond = silent if kind is None else lambda _sent: [Answer(202, b"", kind=kind)]
    begun = asyncio.create_task(gateway.call("POST", "/bookings", json=CREATE_BOOKING, headers=LONG))
    answer = await ended_after(gateway, begun, 0.05)
    assert (answer.status_code, answer.json()["status"]) == (202, "pending")


async def test_who_comes_last_gets_a_202_too_as_soon_as_the_command_is_durable() -> None:
    gateway = make_gateway(answer_wait_seconds=5)
    gateway.bus.respond = silent
    gateway.bus.taken = lambda: _done_after(0.2)
    gateway.bus.waiters.end()
    async with gateway.client, asyncio.timeout(4):
        answer = await gateway.call("POST", "/bookings", json=CREATE_BOOKING, headers=LONG)
    assert answer.status_code == 202


def _done_after(seconds: float) -> asyncio.Future[object]:
    loop = asyncio.get_running_loop()
    future: asyncio.Future[object] = loop.create_future()
    loop.call_later(seconds, future.set_result, None)
    return future


async def test_an_answer_that_comes_before_the_end_is_told(gateway: Gateway) -> None:
    gateway.bus.respond = silent
    begun = asyncio.create_task(gateway.call("POST", "/bookings", json=CREATE_BOOKING, headers=LONG))
    await has_begun(gateway)
    asyncio.get_running_loop().call_later(0.05, _answer, gateway, Answer(201, b'{"id":"e1"}'))
    assert (await ended_after(gateway, begun, 4)).status_code == 201


def _answer(gateway: Gateway, answer: Answer) -> None:
    gateway.bus.respond = lambda _sent: [answer]
    gateway.bus._answer(gateway.bus.sent[0])


async def test_a_cancellation_waits_no_longer_for_its_place() -> None:
    gateway = make_gateway(release_wait_seconds=30)
    gateway.bus.respond = lambda _sent: [Answer(200, b"{}", kind=envelope.KIND_RELEASING)]
    async with gateway.client:
        begun = asyncio.create_task(gateway.call("PATCH", f"/bookings/{BOOKING}/cancel"))
        assert (await ended_after(gateway, begun, 0)).status_code == 200


async def test_the_door_stays_open_until_everybody_has_an_answer() -> None:
    """Over a real socket, stopped in the order in which the service stops."""
    gateway = make_gateway()
    gateway.bus.respond = silent
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    door = HttpServer(gateway.app, "127.0.0.1", port)
    await door.start()
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=20) as client:
        send = client.post("/bookings", json=CREATE_BOOKING, headers={**bearer(), **LONG})
        begun = asyncio.create_task(send)
        await has_begun(gateway)
        started = time.monotonic()
        await EndOfWaits(gateway.bus.waiters, 0.2).stop()
        await door.stop()
        assert (await begun).status_code == 202
    assert time.monotonic() - started < 9


async def over_a_socket(request: bytes, gateway: Gateway, trusted_proxies: str = "") -> bytes:
    """Send bytes to the door over a real socket; return what comes back until it closes."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    door = HttpServer(gateway.app, "127.0.0.1", port, trusted_proxies=trusted_proxies)
    await door.start()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    async with asyncio.timeout(10):
        answer = await reader.read()
    writer.close()
    await door.stop()
    return answer


async def test_what_is_no_http_is_told_as_everything_else(gateway: Gateway) -> None:
    head, _, body = (await over_a_socket(b"FOO /bookings HTTP/1.1\r\n\r\n", gateway)).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 ")
    assert b"content-type: application/problem+json" in head
    assert json.loads(body)["code"] == "MALFORMED_REQUEST"


@pytest.mark.parametrize(("trusted", "statuses"), [("127.0.0.1", [201, 201]), ("10.0.0.0/8", [201, 429])])
async def test_only_a_trusted_proxy_tells_the_callers_address(trusted: str, statuses: list[int]) -> None:
    gateway = make_gateway(session_rate=0.001, session_burst=1)
    seen = []
    async with gateway.client:
        for caller in ("198.51.100.1", "203.0.113.1"):
            request = (
                f"POST /public/session HTTP/1.1\r\nHost: x\r\nX-Tenant-Slug: demo\r\nX-Forwarded-For: {caller}\r\n"
                "Content-Length: 0\r\nConnection: close\r\n\r\n"
            )
            answer = await over_a_socket(request.encode(), gateway, trusted)
            seen.append(int(answer.split()[1]))
    assert seen == statuses


def test_the_end_of_waits_comes_before_the_end_of_the_door() -> None:
    service = build(gateway_settings(kafka_bootstrap_servers="127.0.0.1:1"))
    stopped = [type(part).__name__ for part in service._stop]
    assert stopped.index("EndOfWaits") < stopped.index("HttpServer") < stopped.index("KafkaBus")
