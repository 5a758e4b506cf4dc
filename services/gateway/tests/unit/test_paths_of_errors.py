"""Fields that contradict each other are named like any other wrong field: `a.b[0].c` [spec/09, Errors]."""

from __future__ import annotations

from copy import deepcopy
from typing import Any
from uuid import uuid4

import pytest
from gateway_doubles import Gateway

from holdfast_contracts.enums import Role
from holdfast_gateway.api.examples import CREATE_BOOKING, CREATE_CONTENT, CREATE_HOLD, CREATE_RESOURCE, CREATE_SESSION


async def refused(gateway: Gateway, path: str, body: dict[str, Any], **more: Any) -> list[tuple[str, str]]:
    answer = await gateway.call("POST", path, Role.OWNER, json={**deepcopy(body), **more})
    assert (answer.status_code, gateway.bus.sent) == (422, []), answer.text
    return [(error["path"], error["code"]) for error in answer.json()["errors"]]


def items(*seats: list[str]) -> dict[str, Any]:
    return {
        "sessionId": str(uuid4()),
        "items": [{"tierId": str(uuid4()), "quantity": len(labels), "seatLabels": labels} for labels in seats],
    }


@pytest.mark.parametrize(("path", "body"), [("/bookings", CREATE_BOOKING), ("/bookings/holds", CREATE_HOLD)])
async def test_a_seat_twice_in_one_order(gateway: Gateway, path: str, body: dict[str, Any]) -> None:
    found = await refused(gateway, path, body, schedulePayload=items(["A1"], ["A2", "A1"]))

    assert found == [("schedulePayload.items[1].seatLabels", "SEAT_TWICE")]


async def test_a_slot_without_date_and_time(gateway: Gateway) -> None:
    found = await refused(gateway, "/bookings", CREATE_BOOKING, bookingMode="time_slot", schedulePayload={})

    assert found == [("schedulePayload.date", "REQUIRED"), ("schedulePayload.startTime", "REQUIRED")]


async def test_two_faults_of_one_tier_and_one_of_another(gateway: Gateway) -> None:
    tiers = [
        {"name": "A", "kind": "free", "price": "1.00", "minPerOrder": 5, "maxPerOrder": 4},
        {"name": "B", "price": "1.00", "salesStart": "2027-01-02T00:00:00Z", "salesEnd": "2027-01-01T00:00:00Z"},
    ]

    assert await refused(gateway, "/contents", CREATE_CONTENT, tiers=tiers) == [
        ("tiers[0].maxPerOrder", "ORDER_LIMITS"),
        ("tiers[0].price", "FREE_WITH_PRICE"),
        ("tiers[1].salesEnd", "OUT_OF_ORDER"),
    ]


async def test_an_end_before_the_start_and_a_tier_twice(gateway: Gateway) -> None:
    tier = {"tierId": str(uuid4()), "quantity": 1}
    found = await refused(
        gateway, f"/contents/{uuid4()}/sessions", CREATE_SESSION, endsAt="2027-06-12T17:00:00Z", tiers=[tier, tier]
    )

    assert found == [("endsAt", "OUT_OF_ORDER"), ("tiers[1].tierId", "TIER_TWICE")]


async def test_an_exception_without_windows(gateway: Gateway) -> None:
    found = await refused(
        gateway, "/bookings/resources", CREATE_RESOURCE, schedule={"exceptions": [{"date": "2027-03-15"}]}
    )

    assert found == [("schedule.exceptions[0].windows", "REQUIRED")]


@pytest.mark.parametrize(
    ("mode", "payload"),
    [
        ("nights", {"checkIn": "2027-07-01", "checkOut": "2027-07-04", "units": 1, "adults": 2, "children": 0}),
        ("date_range", {"startDate": "2027-07-01", "endDate": "2027-07-04", "units": 1}),
        ("table", {"date": "2027-07-01", "startTime": "19:00", "partySize": 4}),
        ("open_date", {"validFrom": "2027-07-01", "validUntil": "2027-12-31", "visits": 3}),
        ("request", {"preferred": [{"date": "2027-07-01", "from": "09:00", "to": "12:00"}]}),
    ],
)
async def test_a_hold_in_a_mode_that_is_not_built_is_501_as_a_booking_is(
    gateway: Gateway, mode: str, payload: dict[str, Any]
) -> None:
    hold = {"contentId": str(uuid4()), "schedulePayload": payload}
    booking = {**hold, "bookingMode": mode, "customerEmail": "ida@example.com"}

    answers = [
        await gateway.call("POST", path, Role.OWNER, json=body)
        for path, body in (("/bookings/holds", hold), ("/bookings", booking))
    ]

    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(501, "NOT_IMPLEMENTED")] * 2
    assert gateway.bus.sent == []
