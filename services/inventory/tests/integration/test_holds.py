"""Holds: placed, replaced, extended, released, expired, converted."""

import asyncio
from datetime import datetime
from uuid import uuid4

import pytest
from inventory_samples import (
    MONDAY,
    STAFF,
    expire_hold,
    extend_hold,
    instant,
    items,
    place_claim,
    place_hold,
    release_hold,
)

pytestmark = pytest.mark.integration


def minutes(hold: dict[str, str]) -> float:
    created, expires = (datetime.fromisoformat(hold[name]) for name in ("createdAt", "expiresAt"))
    return (expires - created).total_seconds() / 60


async def held(shop, quantity=2, **evening):
    session, tier = await shop.evening(**evening)
    payload = {"sessionId": session, "items": items(tier, quantity)}
    return session, payload, await shop.do(place_hold(shop.tenant_id, payload))


async def test_a_hold_sets_capacity_aside(shop):
    session, payload, hold = await held(shop)
    assert (hold["_status"], hold["_etag"], hold["version"]) == (201, "1", 1)
    assert (hold["quantity"], hold["sessionId"], hold["holdType"]) == (2, "guest-1", "cart")
    assert hold["schedulePayload"] == payload
    assert hold["price"] == {"total": "50.00", "currency": "EUR"}
    assert minutes(hold) == 10
    assert await shop.taken(session) == (2, 2)
    (event,) = await shop.events("HoldPlaced")
    assert event["hold"] == {name: value for name, value in hold.items() if not name.startswith("_")}


async def test_posting_it_again_replaces_the_quantity_of_the_one_hold(shop):
    session, payload, hold = await held(shop, quantity=9)
    again = await shop.do(place_hold(shop.tenant_id, {**payload, "items": items(payload["items"][0]["tierId"], 10)}))
    assert (again["id"], again["version"], again["quantity"]) == (hold["id"], 2, 10)
    assert await shop.taken(session) == (10, 10)
    assert await shop.live(session) == 10


async def test_a_replacement_that_is_refused_leaves_the_hold_as_it_was(shop):
    session, payload, hold = await held(shop, quantity=9)
    tier = payload["items"][0]["tierId"]
    refused = await shop.do(place_hold(shop.tenant_id, {**payload, "items": items(tier, 11)}))
    assert refused["code"] == "SOLD_OUT"
    assert refused["left"] == [{"tierId": tier, "remaining": 10}]
    assert await shop.taken(session) == (9, 9)
    assert (await shop.claim(payload, holdId=hold["id"]))["_status"] == 202


async def test_two_holds_of_one_visitor_in_one_batch_are_one_with_the_last_quantity(shop):
    session, tier = await shop.evening()
    wishes = [{"sessionId": session, "items": items(tier, quantity)} for quantity in (4, 2)]
    answers = await shop.send(*(place_hold(shop.tenant_id, wish) for wish in wishes))
    assert [answer.status for answer in answers] == [201, 201]
    rows = await shop.admin.fetch("SELECT quantity, version FROM inventory_holds WHERE tenant_id = $1", shop.tenant_id)
    assert [tuple(row) for row in rows] == [(2, 2)]
    assert await shop.taken(session) == (2, 2)
    assert await shop.live(session) == 2


async def test_extending_adds_the_time_of_the_type_and_at_most_an_hour(shop):
    _, _, hold = await held(shop)
    ends = [minutes(await shop.do(extend_hold(shop.tenant_id, hold["id"]))) for _ in range(6)]
    assert ends == [20, 30, 40, 50, 60, 60]
    stale = await shop.do(extend_hold(shop.tenant_id, hold["id"], if_match=1))
    assert (stale["_status"], stale["code"]) == (412, "VERSION_MISMATCH")


async def test_staff_give_an_end_and_guests_do_not(shop):
    _, _, hold = await held(shop)
    end = instant(minutes=40)
    refused = await shop.do(extend_hold(shop.tenant_id, hold["id"], expiresAt=end))
    assert (refused["_status"], refused["errors"][0]["path"]) == (422, "expiresAt")
    assert (await shop.do(extend_hold(shop.tenant_id, hold["id"], expiresAt=end, actor=STAFF)))["expiresAt"] == end


async def test_how_long_a_hold_of_staff_lives_is_staffs_to_say(shop):
    session, tier = await shop.evening()
    end = instant(minutes=5)
    wish = {"sessionId": session, "items": items(tier)}
    hold = await shop.do(place_hold(shop.tenant_id, wish, actor=STAFF, holdType="staff", expiresAt=end))
    assert (await shop.do(extend_hold(shop.tenant_id, hold["id"])))["expiresAt"] == end
    assert (await shop.do(extend_hold(shop.tenant_id, hold["id"], actor=STAFF)))["expiresAt"] > end


async def test_a_hold_is_the_visitors_own(shop):
    _, _, hold = await held(shop)
    stranger = STAFF.model_copy(update={"subject": "guest-2", "staff": False})
    for command in (extend_hold, release_hold):
        assert (await shop.do(command(shop.tenant_id, hold["id"], actor=stranger)))["_status"] == 404
    assert (await shop.do(release_hold(shop.tenant_id, hold["id"], actor=STAFF)))["_status"] == 204


async def test_a_released_hold_is_gone(shop):
    session, payload, hold = await held(shop)
    assert (await shop.do(release_hold(shop.tenant_id, hold["id"])))["_status"] == 204
    assert await shop.taken(session) == (0, 0)
    assert (await shop.do(release_hold(shop.tenant_id, hold["id"])))["_status"] == 404
    assert (await shop.claim(payload, holdId=hold["id"]))["code"] == "HOLD_EXPIRED"
    assert len(await shop.events("HoldReleased")) == 1


async def test_a_hold_becomes_the_claim_of_a_booking(shop):
    session, payload, hold = await held(shop, quantity=10)
    assert (await shop.claim(payload, holdId=hold["id"]))["_status"] == 202
    assert await shop.taken(session) == (10, 10)
    assert await shop.live(session) == 10
    assert await shop.admin.fetchval("SELECT count(*) FROM inventory_holds WHERE tenant_id = $1", shop.tenant_id) == 0
    (converted,), (placed,) = await shop.events("HoldConverted"), await shop.events("ClaimPlaced")
    assert (converted["holdId"], converted["bookingId"]) == (hold["id"], placed["bookingId"])


async def test_one_hold_makes_one_booking(shop):
    session, payload, hold = await held(shop)
    answers = await shop.send(*(place_claim(shop.tenant_id, payload, holdId=hold["id"]) for _ in range(2)))
    assert [answer.status for answer in answers] == [202, 409]
    assert b"HOLD_EXPIRED" in answers[1].body
    assert (await shop.claim(payload, holdId=hold["id"]))["code"] == "HOLD_EXPIRED"
    assert await shop.taken(session) == (2, 2)


@pytest.mark.parametrize("together", [True, False], ids=["one batch", "two"])
async def test_one_expired_hold_makes_one_booking(shop, together):
    session, payload, hold = await held(shop)
    await shop.age(hold["id"])
    twice = [place_claim(shop.tenant_id, payload, holdId=hold["id"]) for _ in range(2)]
    answers = await shop.send(*twice) if together else [(await shop.send(one))[0] for one in twice]
    assert [answer.status for answer in answers] == [202, 409]
    assert b"HOLD_EXPIRED" in answers[1].body
    assert await shop.taken(session) == (2, 2)


@pytest.mark.parametrize("together", [True, False], ids=["one batch", "two"])
async def test_an_expired_hold_that_was_replaced_makes_no_booking(shop, together):
    session, payload, hold = await held(shop)
    await shop.age(hold["id"])
    both = [place_hold(shop.tenant_id, payload), place_claim(shop.tenant_id, payload, holdId=hold["id"])]
    answers = await shop.send(*both) if together else [(await shop.send(one))[0] for one in both]
    assert [answer.status for answer in answers] == [201, 409]
    assert b"HOLD_EXPIRED" in answers[1].body
    assert await shop.taken(session) == (2, 2)


@pytest.mark.parametrize("more", [{"visitor": "guest-2"}, {"quantity": 1}])
async def test_another_visitor_or_another_wish_does_not_match(shop, more):
    session, payload, hold = await held(shop)
    wish = {**payload, "items": items(payload["items"][0]["tierId"], more.get("quantity", 2))}
    refused = await shop.claim(wish, holdId=hold["id"], visitor=more.get("visitor", "guest-1"))
    assert (refused["_status"], refused["code"]) == (409, "HOLD_MISMATCH")
    assert await shop.taken(session) == (2, 2)


async def test_the_price_of_a_hold_stands_until_it_expires(shop):
    _, payload, hold = await held(shop)
    await shop.admin.execute("UPDATE content_tiers SET price = 99 WHERE tenant_id = $1", shop.tenant_id)
    await shop.claim(payload, holdId=hold["id"])
    (placed,) = await shop.events("ClaimPlaced")
    assert placed["quote"]["total"] == "50.00"


async def test_an_expired_hold_converts_while_its_capacity_is_free(shop):
    session, payload, hold = await held(shop)
    await shop.age(hold["id"])
    assert (await shop.do(extend_hold(shop.tenant_id, hold["id"])))["code"] == "HOLD_EXPIRED"
    assert (await shop.claim(payload, holdId=hold["id"]))["_status"] == 202
    assert await shop.taken(session) == (2, 2)
    assert len(await shop.events("HoldExpired")) == 1


async def test_an_expired_hold_whose_capacity_is_taken_does_not_convert(shop):
    session, payload, hold = await held(shop, quantity=10)
    await shop.age(hold["id"])
    other = await shop.claim({**payload, "items": items(payload["items"][0]["tierId"], 9)})
    assert other["_status"] == 202
    assert (await shop.claim(payload, holdId=hold["id"]))["code"] == "HOLD_EXPIRED"
    assert await shop.taken(session) == (9, 9)


async def test_expired_holds_never_block_a_sale_though_nobody_sweeps(shop):
    session, payload, hold = await held(shop, quantity=10)
    refused = await shop.claim(payload)
    assert refused["code"] == "SOLD_OUT"  # the control: while it lives it does block
    await shop.age(hold["id"])
    assert (await shop.claim(payload))["_status"] == 202
    assert await shop.taken(session) == (10, 10)
    (event,) = await shop.events("HoldExpired")
    assert (event["holdId"], event["quantity"]) == (hold["id"], 10)


async def test_an_expired_hold_of_a_time_does_not_block_it(shop):
    ana = await shop.resource()
    time = {"date": str(MONDAY), "startTime": "09:00"}
    hold = await shop.do(place_hold(shop.tenant_id, time, resourceId=ana))
    assert hold["resourceId"] == ana
    taken = await shop.claim(time, mode="time_slot", resourceId=ana)
    assert taken["code"] == "SLOT_UNAVAILABLE"
    await shop.age(hold["id"])
    assert (await shop.claim(time, mode="time_slot", resourceId=ana))["_status"] == 202


async def test_a_hold_of_a_time_converts_in_place(shop):
    ana = await shop.resource()
    time = {"date": str(MONDAY), "startTime": "09:00"}
    hold = await shop.do(place_hold(shop.tenant_id, time, resourceId=ana))
    longer = await shop.do(place_hold(shop.tenant_id, {**time, "durationMinutes": 60}, resourceId=ana))
    assert longer["code"] == "SLOT_UNAVAILABLE"  # another interval is another hold
    converted = await shop.claim(time, mode="time_slot", resourceId=ana, holdId=hold["id"])
    assert converted["_status"] == 202
    assert (await shop.claim(time, mode="time_slot", resourceId=ana))["code"] == "SLOT_UNAVAILABLE"


async def test_an_unknown_hold_and_one_of_another_tenant_are_not_found(shop, other_shop):
    session, tier = await other_shop.evening()
    _, _, hold = await held(shop)
    payload = {"sessionId": session, "items": items(tier)}
    for hold_id in (hold["id"], str(uuid4())):
        assert (await other_shop.claim(payload, holdId=hold_id))["_status"] == 404
        assert (await other_shop.do(extend_hold(other_shop.tenant_id, hold_id)))["_status"] == 404


@pytest.mark.parametrize(
    ("more", "actor", "path"),
    [
        ({"holdType": "staff"}, None, "holdType"),
        ({"holdType": "waitlist_offer"}, STAFF, "holdType"),
        ({"expiresAt": instant(minutes=5)}, STAFF, "expiresAt"),
        ({"holdType": "staff", "expiresAt": instant(minutes=-5)}, STAFF, "expiresAt"),
    ],
)
async def test_values_that_a_hold_cannot_have(shop, more, actor, path):
    session, tier = await shop.evening()
    command = place_hold(
        shop.tenant_id, {"sessionId": session, "items": items(tier)}, **({"actor": actor} if actor else {}), **more
    )
    refused = await shop.do(command)
    assert (refused["_status"], refused["errors"][0]["path"]) == (422, path)


# -- the sweeper ----------------------------------------------------------------------------------------------


async def sweep_all(scheduler):
    """As the service does: at once again while there may be more."""
    async with asyncio.timeout(20):
        while await scheduler.sweep():
            pass


async def test_a_sweep_that_can_end_nothing_waits_for_the_next_round(shop, scheduler):
    session, tier = await shop.evening()
    holds = [
        await shop.do(place_hold(shop.tenant_id, {"sessionId": session, "items": items(tier)}, visitor=f"v{number}"))
        for number in range(3)
    ]
    for hold in holds:
        await shop.age(hold["id"])
    async with shop.admin.transaction():
        await shop.admin.execute("SELECT FROM sessions WHERE id = $1 FOR UPDATE", session)
        await sweep_all(scheduler)
    assert await shop.taken(session) == (3, 3)
    await sweep_all(scheduler)
    assert await shop.taken(session) == (0, 0)


async def test_the_sweeper_ends_what_is_due_and_nothing_else(shop, scheduler):
    session, _, hold = await held(shop)
    kept_session, _, kept = await held(shop)
    await shop.age(hold["id"])
    await sweep_all(scheduler)
    assert await shop.taken(session) == (0, 0)
    assert await shop.taken(kept_session) == (2, 2)
    assert [event["holdId"] for event in await shop.events("HoldExpired")] == [hold["id"]]
    assert (await shop.do(extend_hold(shop.tenant_id, kept["id"])))["_status"] == 200


async def test_the_sweeper_leaves_what_is_locked_to_its_next_round(shop, scheduler, inventory_url):
    session, _, hold = await held(shop)
    await shop.age(hold["id"])
    async with shop.admin.transaction():
        await shop.admin.execute("SELECT FROM sessions WHERE id = $1 FOR UPDATE", session)
        await sweep_all(scheduler)
    assert await shop.taken(session) == (2, 2)
    await sweep_all(scheduler)
    assert await shop.taken(session) == (0, 0)


async def test_a_live_hold_that_a_sweeper_names_is_left_alone(shop):
    session, _, hold = await held(shop)
    assert (await shop.do(expire_hold(shop.tenant_id, hold["id"])))["_status"] == 204
    assert await shop.taken(session) == (2, 2)
