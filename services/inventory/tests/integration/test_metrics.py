"""What inventory measures: holds live and expired, and refusals by reason [spec/08, Metrics]."""

import pytest
from inventory_samples import items, place_claim, place_hold
from prometheus_client import REGISTRY

from holdfast_inventory.repositories.due_holds import DueHoldRepository
from holdfast_inventory.services.inventory_hold_scheduler import InventoryHoldSchedulerService

pytestmark = pytest.mark.integration


def measured(name, **labels):
    return REGISTRY.get_sample_value(name, labels) or 0.0


def refused(reason):
    return measured("holdfast_claims_refused_total", reason=reason)


@pytest.mark.parametrize("place", [place_claim, place_hold])
async def test_each_refusal_counts_for_its_reason(shop, place):
    session, tier = await shop.evening(quantity=2)
    wish, foreign = {"sessionId": session, "items": items(tier)}, {"sessionId": tier, "items": items(tier)}
    before = {reason: refused(reason) for reason in ("SOLD_OUT", "NOT_FOUND")}

    answers = await shop.send(
        *(place(shop.tenant_id, wish, visitor=f"guest-{number}") for number in range(5)), place(shop.tenant_id, foreign)
    )

    assert sorted(answer.status for answer in answers)[-4:] == [404, 409, 409, 409]
    assert {reason: refused(reason) - count for reason, count in before.items()} == {"SOLD_OUT": 3, "NOT_FOUND": 1}


async def test_holds_are_counted_live_and_expired_at_each_sweep(shop, sweeper):
    repository = DueHoldRepository(sweeper)
    live, expired = await repository.count()
    session, tier = await shop.evening()
    holds = [
        await shop.do(place_hold(shop.tenant_id, {"sessionId": session, "items": items(tier)}, visitor=f"guest-{n}"))
        for n in range(3)
    ]
    await shop.age(holds[0]["id"])

    await InventoryHoldSchedulerService(repository, batcher=None, most=0).sweep()

    assert measured("holdfast_holds", state="live") == live + 2
    assert measured("holdfast_holds", state="expired") == expired + 1
