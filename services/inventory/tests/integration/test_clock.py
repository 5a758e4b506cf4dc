"""A service whose clock is ten minutes off ends no hold early and none late (row O9, I8)."""

from datetime import UTC

import pytest
from inventory_samples import extend_hold, items, place_claim, place_hold

from holdfast_platform.inbox import store as inbox
from holdfast_platform.testing.clocks import clock_off_by

pytestmark = pytest.mark.integration

OFF = pytest.mark.parametrize("minutes", [-10.5, 10.5])


async def full_of_a_hold(shop):
    """(session, wish, hold) where the hold of a cart, ten minutes, has all that there is."""
    session, tier = await shop.evening(quantity=2)
    payload = {"sessionId": session, "items": items(tier, 2)}
    return session, payload, await shop.do(place_hold(shop.tenant_id, payload))


async def seconds_to_live(shop, hold) -> float:
    return await shop.admin.fetchval(
        "SELECT extract(epoch FROM expires_at - clock_timestamp())::float FROM inventory_holds WHERE id = $1",
        hold["id"],
    )


@OFF
async def test_a_hold_is_made_for_ten_minutes_of_the_database(shop, minutes):
    with clock_off_by(60 * minutes):
        _, _, hold = await full_of_a_hold(shop)
    assert 540 < await seconds_to_live(shop, hold) <= 601


@OFF
async def test_a_hold_that_lives_stands_against_sale_sweep_and_all(shop, scheduler, minutes):
    session, payload, hold = await full_of_a_hold(shop)
    with clock_off_by(60 * minutes):
        await scheduler.sweep()
        assert (await shop.claim(payload, visitor="somebody else"))["code"] == "SOLD_OUT"
        assert (await shop.do(extend_hold(shop.tenant_id, hold["id"])))["_status"] == 200
    assert await shop.taken(session) == (2, 2)


@OFF
async def test_a_hold_that_has_ended_is_over_by_whatever_clock(shop, scheduler, minutes):
    session, _, hold = await full_of_a_hold(shop)
    await shop.age(hold["id"])
    with clock_off_by(60 * minutes):
        assert (await shop.do(extend_hold(shop.tenant_id, hold["id"])))["code"] == "HOLD_EXPIRED"
        while await scheduler.sweep():
            pass
    assert await shop.taken(session) == (0, 0)


async def test_control_decided_by_the_clock_of_the_service_a_hold_ends_early(shop, monkeypatch):
    session, payload, _ = await full_of_a_hold(shop)
    read = inbox.read

    with clock_off_by(60 * 10.5) as wrong:

        async def read_and_look_at_the_watch(*arguments):
            stored, _ = await read(*arguments)
            return stored, wrong.now(UTC)

        monkeypatch.setattr(inbox, "read", read_and_look_at_the_watch)
        answers = await shop.send(place_claim(shop.tenant_id, payload, visitor="somebody else"))
    assert answers[0].status == 202
    assert await shop.live(session) == 2
