"""The time from a command to its result is measured by operation [spec/08, Metrics]."""

from __future__ import annotations

import pytest
from gateway_doubles import Gateway
from prometheus_client import REGISTRY

from holdfast_contracts.enums import Role
from holdfast_gateway.api.examples import CREATE_BOOKING


def measured() -> float:
    return REGISTRY.get_sample_value("holdfast_result_seconds_count", {"operation": "CreateBooking"}) or 0.0


@pytest.mark.parametrize(("prefer", "status", "times"), [("wait=5", 201, 1), ("respond-async", 202, 0)])
async def test_a_result_that_is_heard_is_measured(gateway: Gateway, prefer: str, status: int, times: int) -> None:
    before = measured()

    answer = await gateway.call("POST", "/bookings", Role.STAFF, json=CREATE_BOOKING, headers={"Prefer": prefer})

    assert (answer.status_code, measured() - before) == (status, times)
