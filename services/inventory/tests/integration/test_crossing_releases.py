"""Releases that come twice, late, or in one batch with a new claim; for each a control that must fail.

Rows C6 and K6 of the table of interleavings, and step (6) of the batch: releases and expired holds first.
"""

from dataclasses import replace
from uuid import UUID

import pytest
from inventory_samples import MONDAY, items, place_claim, place_hold, release_claim

from holdfast_inventory.domain.stock import Stock
from holdfast_inventory.repositories import stock_writing
from holdfast_inventory.repositories.stock import StockRepository
from holdfast_platform.testing.controls import rewritten
from holdfast_platform.testing.units import counted_statements, decide

pytestmark = pytest.mark.integration


# -- twice, and late ------------------------------------------------------------------------------------------------


async def test_an_old_duplicate_and_a_new_command_for_the_last_unit(shop, second):
    session, tier = await shop.evening(quantity=2)
    old = place_claim(shop.tenant_id, {"sessionId": session, "items": items(tier)})
    (first,) = await shop.send(old)
    again = place_claim(shop.tenant_id, {"sessionId": session, "items": items(tier)}, command_id=old.id)
    new = place_claim(shop.tenant_id, {"sessionId": session, "items": items(tier)})
    answers = await decide(second, again, new)
    assert [answer.status for answer in answers] == [202, 202]
    assert answers[0] == first
    assert await shop.taken(session) == (2, 2)


async def test_a_release_at_two_consumers_gives_back_once(shop, crossing, meeting):
    session, tier = await shop.evening()
    for _ in range(2):
        await shop.claim({"sessionId": session, "items": items(tier, 3)})
    placed, _ = await shop.events("ClaimPlaced")
    meeting("unit.after_lock")
    await crossing(release_claim(shop.tenant_id, placed), release_claim(shop.tenant_id, placed))
    assert await shop.taken(session) == (3, 3)
    assert len(await shop.events("ClaimReleased")) == 1


async def test_without_locks_a_claim_still_ends_once(shop, crossing, no_locks, decided_both):
    session, tier = await shop.evening()
    for _ in range(2):
        await shop.claim({"sessionId": session, "items": items(tier, 3)})
    placed, _ = await shop.events("ClaimPlaced")
    await crossing(release_claim(shop.tenant_id, placed), release_claim(shop.tenant_id, placed))
    assert await shop.taken(session) == (3, 3)


async def test_control_without_locks_and_counts_a_release_gives_back_twice(
    shop, crossing, no_locks, no_last_word, decided_both
):
    session, tier = await shop.evening()
    for _ in range(2):
        await shop.claim({"sessionId": session, "items": items(tier, 3)})
    placed, _ = await shop.events("ClaimPlaced")
    with rewritten({" AND c.status = 'live'": ""}):
        await crossing(release_claim(shop.tenant_id, placed), release_claim(shop.tenant_id, placed))
    assert (await shop.taken(session), await shop.live(session)) == ((0, 0), 3)
    assert len(await shop.events("ClaimReleased")) == 2


async def test_a_late_release_never_frees_what_was_sold_since(shop):
    session, tier = await shop.evening(quantity=2)
    payload = {"sessionId": session, "items": items(tier, 2)}
    await shop.claim(payload)
    (placed,) = await shop.events("ClaimPlaced")
    await shop.send(release_claim(shop.tenant_id, placed))
    await shop.claim(payload)
    await shop.send(release_claim(shop.tenant_id, placed))
    assert await shop.taken(session) == (2, 2)


async def test_a_release_that_was_given_up_gives_back_when_it_is_replayed(shop, monkeypatch):
    """As `holdfast dlq replay` sends it: with an id of its own, however often."""
    session, tier = await shop.evening()
    await shop.claim({"sessionId": session, "items": items(tier, 3)})
    (placed,) = await shop.events("ClaimPlaced")
    release = release_claim(shop.tenant_id, placed)

    def end(*_):
        raise RuntimeError("a bug")

    with monkeypatch.context() as broken:
        broken.setattr(Stock, "end", end)
        assert [answer.status for answer in await shop.send(release)] == [500]
    again = [replace(release, id=release.derive(word), waiters=[]) for word in ("replay", "replayed again")]
    assert {answer.status for answer in await shop.send(replace(release, waiters=[]))} == {500}
    assert await shop.taken(session) == (3, 3)
    await shop.send(*again)
    assert (await shop.taken(session), len(await shop.events("ClaimReleased"))) == ((0, 0), 1)


# -- in one batch with a new claim ----------------------------------------------------------------------------------


async def sold_seat(shop):
    """(what gives a session's only unit and its seat back, who wants the same, the rows of the seat)"""
    session, tier = await shop.evening(quantity=1)
    payload = {"sessionId": session, "items": items(tier, 1, ["A1"])}
    await shop.claim(payload)
    (placed,) = await shop.events("ClaimPlaced")
    rows = "SELECT claim_id FROM claim_seats WHERE session_id = $1", UUID(session)
    return [release_claim(shop.tenant_id, placed)], place_claim(shop.tenant_id, payload), rows


async def sold_time(shop):
    """The same of a resource's time, which the exclusion constraint guards."""
    ana, time = await shop.resource(), {"date": str(MONDAY), "startTime": "09:00"}
    await shop.claim(time, mode="time_slot", resourceId=ana)
    (placed,) = await shop.events("ClaimPlaced")
    rows = "SELECT claim_id FROM claim_places WHERE resource_id = $1", UUID(ana)
    claim = place_claim(shop.tenant_id, time, mode="time_slot", resourceId=ana)
    return [release_claim(shop.tenant_id, placed)], claim, rows


async def seat_of_an_expired_hold(shop):
    """The same where nobody gives back: the hold that has the seat is found expired."""
    session, tier = await shop.evening(quantity=1)
    payload = {"sessionId": session, "items": items(tier, 1, ["A1"])}
    hold = await shop.do(place_hold(shop.tenant_id, payload, visitor="somebody else"))
    await shop.age(hold["id"])
    rows = "SELECT claim_id FROM claim_seats WHERE session_id = $1", UUID(session)
    return [], place_claim(shop.tenant_id, payload), rows


SITUATIONS = pytest.mark.parametrize("situation", [sold_seat, sold_time, seat_of_an_expired_hold])


@SITUATIONS
async def test_what_a_batch_gives_back_it_can_sell_again(shop, situation):
    releases, claim, rows = await situation(shop)
    with counted_statements() as seen:
        answers = await decide(shop.unit, *releases, claim)
    assert answers[-1].status == 202
    assert seen.count("COMMIT") == 1
    assert [row["claim_id"] for row in await shop.admin.fetch(*rows)] == [claim.derive("claim")]


@SITUATIONS
async def test_control_with_claims_written_first_the_batch_is_undone(shop, situation, monkeypatch):
    def flush(self, writes, stock) -> None:
        stock_writing.write_claims(writes, stock)
        writes.after()
        stock_writing.write_endings(writes, stock)
        stock_writing.write_counters(writes, stock.sessions.values())
        stock_writing.write_holds(writes, stock)

    releases, claim, _ = await situation(shop)
    monkeypatch.setattr(StockRepository, "flush", flush)
    with counted_statements() as seen:
        await decide(shop.unit, *releases, claim)
    assert seen.count("ROLLBACK") > 1
