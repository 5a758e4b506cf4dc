"""From a placed claim to a booking, or back: each claim becomes a booking or is given back."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import orjson
import pytest
from booking_world import OTHER_TENANT, cancel, claim, staff

from holdfast_booking.usecases import record_booking
from holdfast_contracts import booking as messages
from holdfast_contracts.ids import draw_booking_number
from holdfast_contracts.public.bookings import BookingResponseDto
from holdfast_platform import checkpoints
from holdfast_platform.testing.units import counted_statements

pytestmark = pytest.mark.integration


async def test_a_claim_becomes_a_confirmed_booking_that_is_told_and_shown(world) -> None:
    given = claim()
    (answer,) = await world.claims(given)
    assert (answer.status, answer.etag) == (201, "1")
    shown = BookingResponseDto.model_validate_json(answer.body)
    assert orjson.loads(shown.model_dump_json(by_alias=True)) == orjson.loads(answer.body)
    assert shown.status == "confirmed"
    assert shown.links.calendar.startswith(f"https://demo.example/booking-assets/{shown.id}/calendar.ics?exp=")
    assert shown.cancellable_until == shown.starts_at
    (event,) = await world.outbox()
    told = messages.BookingConfirmed.decode(event["payload"])
    assert orjson.loads(told.encode()) == event["json"]
    assert (told.version, told.previous_status, told.subject) == (1, None, "visitor-1")
    assert event["key"] == str(shown.id)
    assert set(orjson.loads(answer.body)) - set(event["json"]["booking"]) == {
        "cancellableUntil",
        "reschedulableUntil",
        "cancellationFeeNow",
        "links",
    }


@pytest.mark.parametrize("policy", [{"booking": {"autoConfirm": False}}, {"booking": {"approval": "always"}}])
async def test_what_needs_approval_is_pending_and_told_as_created(world, policy) -> None:
    (answer,) = await world.claims(claim(policy=policy))
    body = orjson.loads(answer.body)
    assert (body["status"], body["confirmedAt"]) == ("pending", None)
    assert body["pendingExpiresAt"]
    assert await world.told() == ["BookingCreated"]


async def test_a_redelivered_claim_has_no_second_effect_and_the_same_bytes(world) -> None:
    given = claim()
    (first,) = await world.claims(given)
    (again,) = await world.claims(claim(command=given.id))
    assert again.body == first.body
    assert await world.told() == ["BookingConfirmed"]


async def test_without_the_inbox_the_booking_itself_stands_against_a_repeat(world) -> None:
    given = claim()
    await world.claims(given)
    await world.admin.execute("DELETE FROM inbox")
    (again,) = await world.claims(given)
    assert again.status == 201
    assert await world.told() == ["BookingConfirmed"]
    assert await world.released() == []


async def test_a_claim_that_the_booking_does_not_hold_is_given_back(world) -> None:
    given = claim()
    await world.claims(given)
    await world.admin.execute("DELETE FROM inbox")
    other = uuid4()
    await world.claims(claim(command=given.id, claim_id=other))
    assert await world.released() == [str(other)]


async def test_too_many_active_bookings_are_refused_and_the_claim_is_given_back_once(world) -> None:
    policy = {"booking": {"maxActivePerCustomer": 1}}
    first, second = claim(policy=policy), claim(policy=policy, phone=None, email="IDA@example.com")
    answers = await world.claims(first, second)
    assert [answer.status for answer in answers] == [201, 409]
    problem = orjson.loads(answers[1].body)
    assert (problem["code"], problem["instance"]) == ("TOO_MANY_ACTIVE", "/bookings")
    assert await world.released() == [str(second.message.claim_id)]
    (release,) = await world.outbox("inventory.commands.v1")
    assert release["key"] == second.message.claim_key
    assert await world.admin.fetchval("SELECT count(*) FROM bookings") == 1
    assert (await world.claims(claim(policy=policy, actor=staff())))[0].status == 201
    assert "hold" not in problem["detail"]


async def test_a_refusal_says_that_a_converted_hold_has_ended(world) -> None:
    policy = {"booking": {"maxActivePerCustomer": 1}}
    await world.claims(claim(policy=policy))
    (answer,) = await world.claims(claim(policy=policy, hold_id=uuid4()))
    problem = orjson.loads(answer.body)
    assert (answer.status, problem["code"]) == (409, "TOO_MANY_ACTIVE")
    assert problem["detail"].endswith("The hold has ended, and what it held is free again.")


async def test_a_cancelled_booking_makes_room_for_the_next(world) -> None:
    policy = {"booking": {"maxActivePerCustomer": 1}}
    first = claim(policy=policy)
    await world.claims(first)
    assert (await world.claims(claim(policy=policy)))[0].status == 409
    await world.commands(cancel(first.message.booking_id))
    assert (await world.claims(claim(policy=policy)))[0].status == 201


async def _two_creates_at_once(world) -> list[int]:
    """Run two batches of one customer so that both have decided before either commits."""
    policy = {"booking": {"maxActivePerCustomer": 1}}
    arrived, both = 0, asyncio.Event()

    async def meet() -> None:
        nonlocal arrived
        arrived += 1
        if arrived >= 2:
            both.set()
        # The one that holds the customer's row waits in vain for the other, which waits for the row.
        await asyncio.wait_for(asyncio.shield(both.wait()), 0.3) if not both.is_set() else None

    async def meet_or_go_on() -> None:
        try:
            await meet()
        except TimeoutError:
            both.set()

    remove = checkpoints.install("unit.before_commit", meet_or_go_on)
    try:
        answers = await asyncio.gather(world.claims(claim(policy=policy)), world.claims(claim(policy=policy)))
    finally:
        remove()
    return sorted(answer.status for (answer,) in answers)


async def test_two_creates_of_one_customer_in_two_batches_one_is_refused(world) -> None:
    assert await _two_creates_at_once(world) == [201, 409]


async def test_without_the_customers_row_both_would_be_recorded(world, monkeypatch) -> None:
    """Negative control: the row per customer is what the test above rests on."""
    monkeypatch.setattr("holdfast_booking.repositories.ledger._LOCK_CUSTOMERS", "SELECT $1::uuid[], $2::text[]")
    monkeypatch.setattr("holdfast_booking.repositories.ledger._MEET", "SELECT $1::uuid[], $2::text[]")
    assert await _two_creates_at_once(world) == [201, 201]


async def test_a_number_that_is_taken_is_drawn_again(world, monkeypatch) -> None:
    drawn = iter(["BK-00000000", "BK-00000000", "BK-00000001"])
    monkeypatch.setattr(record_booking, "draw_booking_number", lambda: next(drawn, None) or draw_booking_number())
    answers = await world.claims(claim(), claim())
    assert [answer.status for answer in answers] == [201, 201]
    assert await world.admin.fetchval("SELECT count(DISTINCT booking_number) FROM bookings") == 2
    assert len(await world.told()) == 2


async def test_two_tenants_may_have_the_same_number(world, monkeypatch) -> None:
    monkeypatch.setattr(record_booking, "draw_booking_number", lambda: "BK-00000000")
    answers = await world.claims(claim(), claim(tenant=OTHER_TENANT))
    assert [answer.status for answer in answers] == [201, 201]


async def test_a_claim_that_cannot_be_recorded_is_given_back_and_its_caller_told(world) -> None:
    await world.admin.execute("ALTER TABLE bookings ADD CONSTRAINT bad CHECK (customer_name <> 'Poison')")
    try:
        poison = claim(name="Poison")
        answers = await world.claims(claim(), poison, claim())
    finally:
        await world.admin.execute("ALTER TABLE bookings DROP CONSTRAINT bad")
    assert [answer.status for answer in answers] == [201, 500, 201]
    assert orjson.loads(answers[1].body)["code"] == "COMMAND_FAILED"
    assert await world.released() == [str(poison.message.claim_id)]
    (dead,) = await world.outbox("inventory.claims.v1.dlq")
    assert dead["headers"]["hf-claim"] == str(poison.message.claim_id)


async def test_a_batch_costs_the_same_statements_whatever_its_size(world) -> None:
    counts = []
    for size in (1, 50):
        with counted_statements() as seen:
            await world.claims(*(claim(email=f"a{n}@example.com", phone=None) for n in range(size)))
        counts.append(len(seen))
    assert counts == [5, 5]


async def test_limits_add_three_statements_whatever_the_size(world) -> None:
    policy = {"booking": {"maxActivePerCustomer": 2}}
    counts = []
    for size in (1, 50):
        with counted_statements() as seen:
            await world.claims(*(claim(policy=policy, email=f"b{n}@example.com", phone=None) for n in range(size)))
        counts.append(len(seen))
    assert counts == [8, 8]
