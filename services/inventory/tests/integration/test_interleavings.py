"""Rows "Capacity" of the table of interleavings, with the order forced, and for each a control that must fail.

Two consumers stand for two partitions or two members of the group: their batches meet in the database only.
"""

from uuid import UUID, uuid4

import asyncpg
import pytest
from inventory_samples import (
    MONDAY,
    STAFF,
    create_content,
    extend_hold,
    instant,
    items,
    place_claim,
    place_hold,
    release_claim,
    release_hold,
    schedule_session,
)

from holdfast_inventory.domain.session import Session
from holdfast_platform.testing.units import counted_statements, decide

pytestmark = pytest.mark.integration


# -- two partitions, one session or resource -------------------------------------------------------------------


async def last_unit(shop):
    """Two commands for the last unit, one by the session's id, one by content and start."""
    made = await shop.content(tiers=[{"name": "Standard", "price": "25.00", "quantity": 1}])
    starts = instant(days=30)
    session = await shop.do(schedule_session(shop.tenant_id, made["id"], startsAt=starts))
    tier = items(made["tiers"][0]["id"])
    by_id = place_claim(shop.tenant_id, {"sessionId": session["id"], "items": tier})
    by_start = place_claim(shop.tenant_id, {"startsAt": starts, "items": tier}, contentId=made["id"])
    return session["id"], by_id, by_start


async def test_a_session_named_in_two_ways_is_sold_once(shop, crossing, meeting):
    session, by_id, by_start = await last_unit(shop)
    meeting("unit.after_lock")
    answers = await crossing(by_id, by_start)
    assert sorted(answer.status for answer in answers) == [202, 409]
    assert await shop.taken(session) == (1, 1)
    assert await shop.live(session) == 1


async def test_without_locks_the_counter_has_the_last_word(shop, crossing, no_locks, decided_both):
    session, by_id, by_start = await last_unit(shop)
    answers = await crossing(by_id, by_start)
    assert sorted(answer.status for answer in answers) == [202, 409]
    assert await shop.live(session) == 1


async def test_control_without_locks_and_counts_a_unit_is_sold_twice(
    shop, crossing, no_locks, no_last_word, decided_both
):
    session, by_id, by_start = await last_unit(shop)
    answers = await crossing(by_id, by_start)
    assert [answer.status for answer in answers] == [202, 202]
    assert await shop.live(session) == 2  # the checker sees what the locks and counts prevent


async def one_time(shop):
    resource = await shop.resource()
    contents = [await shop.content(mode="time_slot", kind="appointment", tiers=[]) for _ in range(2)]
    time = {"date": str(MONDAY), "startTime": "09:00"}
    return resource, [
        place_claim(shop.tenant_id, time, mode="time_slot", contentId=content["id"], resourceId=resource)
        for content in contents
    ]


async def places(shop, resource):
    return await shop.admin.fetchval("SELECT count(*) FROM claim_places WHERE resource_id = $1", UUID(resource))


async def test_two_contents_that_share_a_resource_never_get_the_same_time(shop, crossing, meeting):
    resource, claims = await one_time(shop)
    meeting("unit.after_lock")
    answers = await crossing(*claims)
    assert sorted(answer.status for answer in answers) == [202, 409]
    assert await places(shop, resource) == 1


async def test_without_locks_the_exclusion_constraint_has_the_last_word(shop, crossing, no_locks, decided_both):
    resource, claims = await one_time(shop)
    answers = await crossing(*claims)
    assert sorted(answer.status for answer in answers) == [202, 409]
    assert await places(shop, resource) == 1


async def test_control_without_the_constraint_a_time_is_sold_twice(shop, crossing, no_locks, decided_both):
    resource, claims = await one_time(shop)
    definition = await shop.admin.fetchval(
        "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'claim_places_apart'"
    )
    await shop.admin.execute("ALTER TABLE claim_places DROP CONSTRAINT claim_places_apart")
    try:
        answers = await crossing(*claims)
        assert [answer.status for answer in answers] == [202, 202]
        assert await places(shop, resource) == 2
    finally:
        await shop.admin.execute("DELETE FROM claim_places WHERE resource_id = $1", UUID(resource))
        await shop.admin.execute(f"ALTER TABLE claim_places ADD CONSTRAINT claim_places_apart {definition}")


async def test_the_database_itself_refuses_too_many_guests(shop):
    room = await shop.resource(capacity=5)
    time = {"date": str(MONDAY), "startTime": "09:00"}
    await shop.claim(time, mode="time_slot", resourceId=room, guestCount=4)
    claim = await shop.admin.fetchval("SELECT claim_id FROM claim_places WHERE resource_id = $1", UUID(room))
    copy = (
        "INSERT INTO claims SELECT tenant_id, $2, $2, NULL, content_id, session_id, resource_id, status, quantity, "
        "created_at, ended_at FROM claims WHERE id = $1"
    )
    guests = (
        "INSERT INTO claim_places SELECT tenant_id, $2, resource_id, unit, starts_at + interval '10 min', ends_at, "
        "free_from, during, $3, shared, held FROM claim_places WHERE claim_id = $1"
    )
    other = uuid4()
    await shop.admin.execute(copy, claim, other)
    with pytest.raises(asyncpg.CheckViolationError, match="room for 5 guests, not 6"):
        await shop.admin.execute(guests, claim, other, 2)
    await shop.admin.execute(guests, claim, other, 1)  # the control: one more does fit


# -- one bad message, mixed tenants -------------------------------------------------------------------------------


async def test_one_message_that_breaks_the_batch_costs_only_itself(shop, monkeypatch):
    session, tier = await shop.evening()
    payload = {"sessionId": session, "items": items(tier)}
    bad = place_claim(shop.tenant_id, {"sessionId": session, "items": items(tier, 7)})
    take = Session.take

    def break_on_seven(self, wanted) -> None:
        if wanted[0].quantity == 7:
            raise RuntimeError("a bug")
        take(self, wanted)

    monkeypatch.setattr(Session, "take", break_on_seven)
    answers = await shop.send(
        *(place_claim(shop.tenant_id, payload) for _ in range(3)), bad, place_claim(shop.tenant_id, payload)
    )
    assert [answer.status for answer in answers] == [202, 202, 202, 500, 202]
    assert await shop.taken(session) == (4, 4)


async def test_two_tenants_in_one_batch_stay_apart(shop, other_shop):
    mine, theirs = await shop.evening(), await other_shop.evening()
    answers = await shop.send(
        *(
            place_claim(tenant, {"sessionId": session, "items": items(tier)})
            for tenant in (shop.tenant_id, other_shop.tenant_id)
            for session, tier in (mine, theirs)
        )
    )
    assert [answer.status for answer in answers] == [202, 404, 404, 202]
    assert await shop.taken(mine[0]) == await other_shop.taken(theirs[0]) == (1, 1)


async def test_two_tenants_in_one_batch_cannot_end_what_is_the_others(shop, other_shop):
    session, tier = await shop.evening()
    payload = {"sessionId": session, "items": items(tier, 3)}
    await shop.claim(payload)
    hold, (placed,) = await shop.do(place_hold(shop.tenant_id, payload)), await shop.events("ClaimPlaced")
    stranger, owner = other_shop.tenant_id, shop.tenant_id
    answers = await shop.send(
        release_claim(stranger, placed),
        release_hold(stranger, hold["id"], actor=STAFF),
        extend_hold(stranger, hold["id"], actor=STAFF),
        extend_hold(owner, hold["id"]),
    )
    assert [answer.status for answer in answers[1:]] == [404, 404, 200]
    assert (await shop.taken(session), await shop.live(session)) == ((6, 6), 6)
    await shop.send(release_claim(stranger, placed), release_claim(owner, placed))
    assert await shop.taken(session) == (3, 3)


# -- the number of statements -------------------------------------------------------------------------------------


def _kinds(seen: list[str]) -> list[str]:
    return [" ".join(sql.split())[:60] for sql in seen]


@pytest.mark.parametrize("size", [1, 5, 200])
async def test_a_batch_of_claims_costs_the_same_number_of_statements(shop, size):
    evenings = [await shop.evening(quantity=1000) for _ in range(5)]
    batch = [
        place_claim(shop.tenant_id, {"sessionId": s, "items": items(t)})
        for s, t in (evenings[n % len(evenings)] for n in range(size))
    ]
    with counted_statements() as seen:
        answers = await decide(shop.unit, *batch)
    assert {answer.status for answer in answers} == {202}
    # BEGIN, lock, inbox; sessions, holds, contents; all that is written, COMMIT.
    assert len(seen) == 8, _kinds(seen)


@pytest.mark.parametrize("size", [1, 100])
async def test_a_batch_of_refusals_costs_the_same_number_of_statements(shop, size):
    session, tier = await shop.evening(quantity=0)
    batch = [place_claim(shop.tenant_id, {"sessionId": session, "items": items(tier)}) for _ in range(size)]
    with counted_statements() as seen:
        await decide(shop.unit, *batch)
    # BEGIN, lock, inbox; sessions, holds, contents, other sessions; inbox and outbox, COMMIT.
    assert len(seen) == 9, _kinds(seen)


@pytest.mark.parametrize("size", [1, 50])
async def test_a_batch_of_everything_costs_the_same_number_of_statements(shop, size):
    session, tier = await shop.evening(quantity=1000)
    ana = await shop.resource(units=500)
    payload, time = {"sessionId": session, "items": items(tier)}, {"date": str(MONDAY), "startTime": "09:00"}
    holds = [await shop.do(place_hold(shop.tenant_id, payload, visitor=f"old-{n}")) for n in range(size)]
    batch = [
        command
        for n in range(size)
        for command in (
            place_claim(shop.tenant_id, {**payload, "items": items(tier, 1, [f"A{n}"])}),
            place_claim(shop.tenant_id, payload, visitor=f"old-{n}", holdId=holds[n]["id"]),
            place_claim(shop.tenant_id, time, mode="time_slot", resourceId=ana),
            place_hold(shop.tenant_id, payload, visitor=f"new-{n}"),
            create_content(shop.tenant_id),
        )
    ]
    with counted_statements() as seen:
        answers = await decide(shop.unit, *batch)
    assert {answer.status for answer in answers} == {201, 202}
    # BEGIN, resolve, two locks, inbox; sessions, seats, holds, claims, contents, places, resources, sessions
    # around; what ended; all else that is written, COMMIT.
    assert len(seen) == 16, _kinds(seen)
