"""Wishes and sessions that contradict themselves, and the edges of what instants can be told."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from pydantic import ValidationError

from holdfast_contracts.public.base import Body
from holdfast_contracts.public.bookings import CreateBookingDto
from holdfast_contracts.public.contents import CreateSessionDto, TierDto
from holdfast_contracts.public.faults import FAULTS
from holdfast_contracts.public.holds import CreateHoldDto
from holdfast_contracts.public.resources import ScheduleException
from holdfast_contracts.values import is_told

ONE, TWO, SESSION = (str(uuid4()) for _ in range(3))


def item(tier: str, quantity: int = 1, seats: list[str] | None = None) -> dict[str, object]:
    return {"tierId": tier, "quantity": quantity, **({} if seats is None else {"seatLabels": seats})}


def wish(*items: dict[str, object], **more: object) -> dict[str, object]:
    return {"sessionId": SESSION, "items": list(items), **more}


def faults(model: type[Body], body: object) -> list[tuple[tuple[int | str, ...], str]]:
    """The fields that do not go together: where they stand, and their codes."""
    with pytest.raises(ValidationError) as refused:
        model.model_validate_json(json.dumps(body), by_name=False, by_alias=True)
    (error,) = refused.value.errors()
    place = tuple(part for part in error["loc"] if part not in ("session", "time_slot"))
    return [((*place, *fault.field), fault.code) for fault in error["ctx"][FAULTS]]


def missing(model: type[Body], body: object) -> list[tuple[int | str, ...]]:
    with pytest.raises(ValidationError) as refused:
        model.model_validate_json(json.dumps(body), by_name=False, by_alias=True)
    return [error["loc"] for error in refused.value.errors() if error["type"] == "missing"]


@pytest.mark.parametrize(
    ("payload", "field", "code"),
    [
        (wish(item(ONE, seats=["A1"]), item(TWO, seats=["A1"])), ("items", 1, "seatLabels"), "SEAT_TWICE"),
        (wish(item(ONE, 2, ["A1", "A1"])), ("items", 0, "seatLabels"), "SEAT_TWICE"),
        (wish(item(ONE), item(TWO), item(ONE)), ("items", 2, "tierId"), "TIER_TWICE"),
        (wish(item(ONE), startsAt="2027-01-01T00:00:00Z"), ("startsAt",), "SESSION_REFERENCE"),
        ({"items": [item(ONE)]}, ("sessionId",), "REQUIRED"),
        (wish(item(ONE, 2, ["A1"])), ("items", 0, "seatLabels"), "SEAT_LABELS"),
    ],
)
def test_an_order_that_contradicts_itself_names_the_field(payload, field, code):
    expected = [(("schedulePayload", *field), code)]

    assert faults(CreateHoldDto, {"schedulePayload": payload}) == expected
    assert faults(CreateBookingDto, {"bookingMode": "session", "schedulePayload": payload}) == expected


def test_different_seats_of_two_tiers_are_one_order():
    body = {"schedulePayload": wish(item(ONE, seats=["A1"]), item(TWO, seats=["A2"]))}

    CreateHoldDto.model_validate_json(json.dumps(body), by_name=False, by_alias=True)


@pytest.mark.parametrize("payload", [{}, {"durationMinutes": 30}, {"items": [10**30]}])
def test_what_is_missing_is_told_of_the_mode_that_is_asked_for(payload):
    body = {"bookingMode": "time_slot", "schedulePayload": payload}

    assert missing(CreateBookingDto, body) == [("schedulePayload", "date"), ("schedulePayload", "startTime")]


def test_a_session_misses_its_items_whatever_else_is_there():
    assert missing(CreateBookingDto, {"bookingMode": "session", "schedulePayload": {"date": "2027-01-01"}}) == [
        ("schedulePayload", "items")
    ]


def test_all_that_contradicts_itself_in_a_tier_is_told_at_once():
    same = "2027-01-01T00:00:00Z"
    tier = {"name": "A", "kind": "free", "price": "2.00", "minPerOrder": 3, "maxPerOrder": 2}
    body = {**tier, "salesStart": same, "salesEnd": same, "checkInFrom": same, "checkInUntil": same}

    assert [field for field, _ in faults(TierDto, body)] == [
        ("maxPerOrder",),
        ("price",),
        ("salesEnd",),
        ("checkInUntil",),
    ]


def test_a_session_ends_after_its_start_and_names_each_tier_once():
    tiers = [{"tierId": ONE, "quantity": 1}, {"tierId": ONE, "quantity": 2}]
    body = {"startsAt": "2027-01-01T10:00:00Z", "endsAt": "2027-01-01T10:00:00Z", "tiers": tiers}

    assert faults(CreateSessionDto, body) == [(("endsAt",), "OUT_OF_ORDER"), (("tiers", 1, "tierId"), "TIER_TWICE")]


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"closed": True}, ["date"]),
        ({"closed": True, "from": "2027-01-01"}, ["to"]),
        ({"closed": True, "from": "2027-01-02", "to": "2027-01-01"}, ["to"]),
        ({"closed": True, "date": "2027-01-01", "to": "2027-01-01"}, ["to"]),
        ({"date": "2027-01-01"}, ["windows"]),
        ({"closed": True, "windows": []}, ["date", "windows"]),
    ],
)
def test_an_exception_of_a_schedule_names_the_field(body, fields):
    assert [field for (field,), _ in faults(ScheduleException, body)] == fields


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("2199-12-31T23:59:59Z", True),
        ("2199-12-31T23:30:00-05:00", False),
        ("2200-01-01T04:30:00+05:00", True),
        ("2200-01-01T00:00:00Z", False),
        ("1971-01-01T00:00:00Z", True),
        ("1971-01-01T00:30:00+05:00", False),
        ("0001-01-01T00:00:00+05:00", False),
        ("9999-12-31T23:59:59-05:00", False),
    ],
)
def test_the_range_of_instants_is_that_of_utc(text, told):
    """What is taken in is shown in UTC, and read again by the next service."""
    assert is_told(datetime.fromisoformat(text)) is told
    if told:
        assert is_told(datetime.fromisoformat(text).astimezone(UTC))
