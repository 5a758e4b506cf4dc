"""How long a caller waits: `Prefer`, read as RFC 7240 says [spec/02, How a write answers]."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from gateway_doubles import Gateway, bearer, make_gateway

from holdfast_gateway.api.examples import CREATE_BOOKING


def taken_in_a_moment() -> asyncio.Future[Any]:
    """As a broker does it: its acknowledgement comes some time after the record was handed over."""
    loop = asyncio.get_running_loop()
    future = loop.create_future()
    loop.call_later(0.02, future.set_result, None)
    return future


async def test_not_to_wait_at_all_is_202() -> None:
    """The command is durable before its 202 goes out, so the bus has its time also where the caller has none."""
    gateway = make_gateway(answer_wait_seconds=5)
    gateway.bus.taken = taken_in_a_moment
    async with gateway.client:
        answer = await gateway.call("POST", "/bookings", json=CREATE_BOOKING, headers={"Prefer": "wait=0"})
    assert (answer.status_code, answer.json()["status"]) == (202, "pending")
    assert answer.headers["location"] == f"/operations/{answer.json()['id']}"
    assert answer.headers["preference-applied"] == "wait=0"


@pytest.mark.parametrize(
    ("lines", "applied"),
    [
        (["wait=10"], "wait=10"),
        (["WAIT = 10"], "wait=10"),
        (['wait="7"'], "wait=7"),
        (["wait=99"], "wait=30"),
        (["handling=lenient, wait=4; x=y"], "wait=4"),
        (["handling=lenient", "wait=4"], "wait=4"),
        (["wait=4", "wait=9"], "wait=4"),
        (["respond-async", "wait=5"], "respond-async"),
        (["wait=5", "respond-async"], "respond-async"),
        (["Respond-Async;x=1"], "respond-async"),
        (["nowait=3"], None),
        (["x; wait=3"], None),
        (['note="a, wait=3"'], None),
        (["wait=-1"], None),
        (["wait=1.5"], None),
        (["wait"], None),
        ([""], None),
    ],
)
async def test_what_is_preferred(gateway: Gateway, lines: list[str], applied: str | None) -> None:
    headers = [*bearer().items(), *(("Prefer", line) for line in lines)]
    answer = await gateway.client.post("/bookings", json=CREATE_BOOKING, headers=headers)
    assert answer.status_code == (202 if applied == "respond-async" else 201)
    assert answer.headers.get("preference-applied") == applied
