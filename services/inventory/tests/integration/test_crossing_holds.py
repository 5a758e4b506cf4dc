"""Holds at two consumers and the sweeper at once, with the order forced, and for each a control that must fail.

Rows C2, C3 and K8 of the table of interleavings, and its "who knows only a hold's id reads it, locks its session, reads
it again".
"""

from uuid import UUID

import pytest
from inventory_samples import extend_hold, items, place_claim, place_hold, release_hold

from holdfast_inventory.repositories.due_holds import DueHoldRepository
from holdfast_platform import checkpoints
from holdfast_platform.testing.crossing import until
from holdfast_platform.testing.overlap import overlap
from holdfast_platform.testing.units import decide

pytestmark = pytest.mark.integration


async def held(shop, quantity=2):
    """(session, payload, hold) where the hold has all that there is."""
    session, tier = await shop.evening(quantity=quantity)
    payload = {"sessionId": session, "items": items(tier, quantity)}
    return session, payload, await shop.do(place_hold(shop.tenant_id, payload))


async def holds_left(shop):
    return await shop.admin.fetchval("SELECT count(*) FROM inventory_holds WHERE tenant_id = $1", shop.tenant_id)


async def counted(shop, session):
    """(counters of the session, units of its live claims): equal, or something was counted twice or not at all."""
    return (await shop.taken(session))[0], await shop.live(session)


# -- a hold that is named by its id only ---------------------------------------------------------------------------


@pytest.mark.parametrize("named", [release_hold, extend_hold])
async def test_a_hold_that_was_converted_meanwhile_has_expired(shop, second, named):
    session, payload, hold = await held(shop)
    conversion = decide(shop.unit, place_claim(shop.tenant_id, payload, holdId=hold["id"]))
    met = await overlap(conversion, decide(second, named(shop.tenant_id, hold["id"])), shop.admin)
    assert met.waited
    assert ([a.status for a in met.first], [a.status for a in met.second]) == ([202], [409])
    assert b"HOLD_EXPIRED" in met.second[0].body
    assert (await counted(shop, session), await holds_left(shop)) == ((2, 2), 0)


@pytest.mark.parametrize(("named", "statuses", "taken"), [(release_hold, (204, 409), 0), (extend_hold, (200, 202), 2)])
async def test_a_conversion_sees_what_became_of_the_hold(shop, second, named, statuses, taken):
    session, payload, hold = await held(shop)
    conversion = decide(second, place_claim(shop.tenant_id, payload, holdId=hold["id"]))
    met = await overlap(decide(shop.unit, named(shop.tenant_id, hold["id"])), conversion, shop.admin)
    assert met.waited
    assert (met.first[0].status, met.second[0].status) == statuses
    assert (await counted(shop, session), await holds_left(shop)) == ((taken, taken), 0)


async def test_two_extensions_add_up(shop, second):
    _, _, hold = await held(shop)
    once, again = (extend_hold(shop.tenant_id, hold["id"]) for _ in range(2))
    met = await overlap(decide(shop.unit, once), decide(second, again), shop.admin)
    assert met.waited
    assert (met.first[0].etag, met.second[0].etag) == ("2", "3")


async def test_control_without_locks_and_counts_a_converted_hold_is_released_too(shop, second, no_locks, no_last_word):
    session, payload, hold = await held(shop)
    conversion = decide(shop.unit, place_claim(shop.tenant_id, payload, holdId=hold["id"]))
    met = await overlap(conversion, decide(second, release_hold(shop.tenant_id, hold["id"])), shop.admin)
    assert (met.first[0].status, met.second[0].status) == (202, 204)
    assert await counted(shop, session) == (0, 2)  # free for others, and sold


async def test_control_without_locks_and_counts_an_extension_is_lost(shop, second, no_locks, no_last_word):
    _, _, hold = await held(shop)
    once, again = (extend_hold(shop.tenant_id, hold["id"]) for _ in range(2))
    met = await overlap(decide(shop.unit, once), decide(second, again), shop.admin)
    assert (met.first[0].etag, met.second[0].etag) == ("2", "2")


# -- the sweeper and a conversion ----------------------------------------------------------------------------------


async def ends_in_a_moment(shop, hold):
    """Let a hold live for a second yet."""
    await shop.admin.execute(
        "UPDATE inventory_holds SET expires_at = clock_timestamp() + interval '1 second' WHERE id = $1", hold["id"]
    )


@pytest.fixture
def sweep_when_due(scheduler, sweeper):
    """Sweeps as soon as a hold has ended by the database's clock."""
    holds = DueHoldRepository(sweeper)

    async def sweep(shop, hold):
        async def due():
            return (shop.tenant_id, UUID(hold["id"])) in await holds.due(500)

        await until(due)
        return await scheduler.sweep()

    return sweep


async def test_a_hold_that_expires_while_it_is_converted_is_counted_once(shop):
    session, tier = await shop.evening(quantity=2)
    payload = {"sessionId": session, "items": items(tier, 2)}
    hold = await shop.do(place_hold(shop.tenant_id, payload))

    remove = checkpoints.install("unit.after_lock", lambda: shop.age(hold["id"]))
    try:
        converted = await shop.claim(payload, holdId=hold["id"])
    finally:
        remove()
    assert converted["_status"] == 202
    assert await shop.taken(session) == (2, 2)
    assert await shop.live(session) == 2


async def test_the_sweeper_leaves_a_hold_alone_that_is_being_converted(shop, scheduler, sweep_when_due):
    """It was live when it was converted, and has ended before that is committed: counted once, as a booking."""
    session, payload, hold = await held(shop)
    await ends_in_a_moment(shop, hold)
    conversion = decide(shop.unit, place_claim(shop.tenant_id, payload, holdId=hold["id"]))
    met = await overlap(conversion, sweep_when_due(shop, hold), shop.admin)
    assert (met.waited, met.first[0].status) == (False, 202)
    await scheduler.sweep()
    assert (await counted(shop, session), await holds_left(shop)) == ((2, 2), 0)
    assert (len(await shop.events("HoldConverted")), await shop.events("HoldExpired")) == (1, [])


async def test_a_conversion_that_waited_for_the_sweeper_comes_too_late(shop, scheduler):
    session, payload, hold = await held(shop)
    await shop.age(hold["id"])
    conversion = decide(shop.unit, place_claim(shop.tenant_id, payload, holdId=hold["id"]))
    met = await overlap(scheduler.sweep(), conversion, shop.admin)
    assert (met.waited, met.second[0].status) == (True, 409)
    assert b"HOLD_EXPIRED" in met.second[0].body
    assert (await counted(shop, session), await holds_left(shop)) == ((0, 0), 0)
    assert len(await shop.events("HoldExpired")) == 1


async def test_control_without_locks_and_counts_what_is_swept_is_sold_uncounted(
    shop, scheduler, no_locks, no_last_word
):
    session, payload, hold = await held(shop)
    await shop.age(hold["id"])
    conversion = decide(shop.unit, place_claim(shop.tenant_id, payload, holdId=hold["id"]))
    met = await overlap(scheduler.sweep(), conversion, shop.admin)
    assert met.second[0].status == 202
    assert await counted(shop, session) == (0, 2)


async def test_control_without_locks_and_counts_what_is_sold_is_swept(shop, sweep_when_due, no_locks, no_last_word):
    session, payload, hold = await held(shop)
    await ends_in_a_moment(shop, hold)
    conversion = decide(shop.unit, place_claim(shop.tenant_id, payload, holdId=hold["id"]))
    met = await overlap(conversion, sweep_when_due(shop, hold), shop.admin)
    assert met.first[0].status == 202
    assert await counted(shop, session) == (0, 2)


# -- one hold, two bookings; one visitor, two holds ---------------------------------------------------------------


async def test_one_hold_and_two_creates_at_two_consumers_make_one_booking(shop, crossing, meeting):
    session, tier = await shop.evening(quantity=2)
    payload = {"sessionId": session, "items": items(tier, 2)}
    hold = await shop.do(place_hold(shop.tenant_id, payload))
    meeting("unit.after_lock")
    answers = await crossing(*(place_claim(shop.tenant_id, payload, holdId=hold["id"]) for _ in range(2)))
    assert sorted(answer.status for answer in answers) == [202, 409]
    assert b"HOLD_EXPIRED" in b"".join(answer.body for answer in answers)
    assert await shop.taken(session) == (2, 2)
    assert await shop.live(session) == 2


async def test_control_without_locks_and_counts_one_hold_is_booked_twice(
    shop, crossing, no_locks, no_last_word, decided_both
):
    session, payload, hold = await held(shop)
    answers = await crossing(*(place_claim(shop.tenant_id, payload, holdId=hold["id"]) for _ in range(2)))
    assert [answer.status for answer in answers] == [202, 202]
    assert await counted(shop, session) == (2, 4)


async def test_two_holds_of_one_visitor_at_two_consumers_are_one(shop, crossing, meeting):
    session, tier = await shop.evening()
    meeting("unit.after_lock")
    wishes = ({"sessionId": session, "items": items(tier, quantity)} for quantity in (4, 2))
    answers = await crossing(*(place_hold(shop.tenant_id, wish) for wish in wishes))
    assert [answer.status for answer in answers] == [201, 201]
    (row,) = await shop.admin.fetch("SELECT quantity FROM inventory_holds WHERE tenant_id = $1", shop.tenant_id)
    assert await shop.taken(session) == (row["quantity"], row["quantity"])


async def test_control_without_locks_and_counts_two_holds_of_one_visitor_count_twice(
    shop, crossing, no_locks, no_last_word, decided_both
):
    session, tier = await shop.evening()
    wishes = ({"sessionId": session, "items": items(tier, quantity)} for quantity in (4, 2))
    answers = await crossing(*(place_hold(shop.tenant_id, wish) for wish in wishes))
    assert [answer.status for answer in answers] == [201, 201]
    assert await holds_left(shop) == 1
    assert await shop.taken(session) == (6, 6)
