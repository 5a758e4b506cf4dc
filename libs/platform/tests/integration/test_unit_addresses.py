"""Who is answered: every gateway that waits, once, and never by a try that was rolled back [interleavings, (1), M1]."""

from __future__ import annotations

from uuid import uuid4

import pytest

from holdfast_platform import checkpoints
from holdfast_platform.testing.toy import Take, TakeUseCase, ToyWork, take
from holdfast_platform.units import unit as units

pytestmark = pytest.mark.integration


async def effects(admin, counter):
    return await admin.fetchval("SELECT taken FROM counters WHERE id = $1", counter)


async def two_gateways(owner, tenant, counter):
    """One command that two gateways sent, in one batch."""
    message_id = uuid4()
    sent = [take(tenant, counter, message_id=message_id, replies=[address]) for address in ("3:r1", "4:r2")]
    await owner.unit.run(sent)


async def test_all_gateways_that_sent_one_command_are_answered_by_its_one_execution(new_owner, new_counter, admin):
    owner = await new_owner()
    tenant, counter = await new_counter()
    await two_gateways(owner, tenant, counter)
    ((addresses, answer),) = owner.told
    assert (addresses, answer.status) == (["3:r1", "4:r2"], 201)
    assert await effects(admin, counter) == 1


async def test_control_a_batch_that_drops_repeats_leaves_a_gateway_without_its_answer(
    new_owner, new_counter, monkeypatch
):
    """Negative control of the test above: each id once, and the addresses of the repeats forgotten."""
    monkeypatch.setattr(units, "deduplicated", lambda batch: (list({one.id: one for one in batch[::-1]}.values()), []))
    owner = await new_owner()
    await two_gateways(owner, *await new_counter())
    assert owner.heard() == {"3:r1": [201]}


async def test_a_repeat_from_another_gateway_is_answered_there_with_the_same_bytes(new_owner, new_counter, admin):
    """Two repeats in one batch of what was done before: each address hears the stored result once."""
    owner = await new_owner()
    tenant, counter = await new_counter()
    first = take(tenant, counter, replies=["1:r1"])
    await owner.unit.run([first])
    repeats = [take(tenant, counter, message_id=first.id, replies=[address]) for address in ("2:r2", "3:r3")]
    await owner.unit.run([*repeats, take(tenant, counter, replies=["4:r4"])])
    assert owner.heard() == {"1:r1": [201], "2:r2": [201], "3:r3": [201], "4:r4": [201]}
    bodies = {address: answer.body for addresses, answer in owner.told for address in addresses}
    assert bodies["1:r1"] == bodies["2:r2"] == bodies["3:r3"] != bodies["4:r4"]
    assert await effects(admin, counter) == 2


async def test_of_two_requests_with_one_id_each_gateway_hears_its_own_answer(new_owner, new_counter):
    owner = await new_owner()
    tenant, counter = await new_counter()
    message_id = uuid4()
    await owner.unit.run(
        [
            take(tenant, counter, message_id=message_id, replies=["1:r1"]),
            take(tenant, counter, 5, message_id=message_id, request_hash="another", replies=["2:r2"]),
            take(tenant, counter, message_id=message_id, replies=["3:r3"]),
        ]
    )
    assert owner.heard() == {"1:r1": [201], "2:r2": [422], "3:r3": [201]}


def ten_with_a_bad_one(tenant, counter):
    flaws = [None] * 5 + ["write"] + [None] * 4
    return [take(tenant, counter, flaw=flaw, replies=[f"0:r{n}"]) for n, flaw in enumerate(flaws)]


ONCE_EACH = {f"0:r{n}": [500 if n == 5 else 201] for n in range(10)}


async def test_no_reply_of_a_try_that_failed_leaves_the_process(new_owner, new_counter, admin):
    """Whatever was told when a transaction commits is the result of transactions that had committed before it."""
    owner = await new_owner()
    told_and_stored = []

    async def compare():
        stored = await admin.fetchval("SELECT count(*) FROM inbox")
        told_and_stored.append((len(owner.told), stored))

    remove = checkpoints.install("unit.before_commit", compare)
    await owner.unit.run(ten_with_a_bad_one(*await new_counter()))
    remove()
    assert owner.heard() == ONCE_EACH
    assert told_and_stored
    assert all(told == stored for told, stored in told_and_stored), told_and_stored


class HastyWork(ToyWork):
    """Answers while it decides, instead of leaving that to the unit of work after its commit."""

    def __init__(self):
        self.told = []
        self.usecases = {Take: self.decide}

    def decide(self, given, state):
        outcome = TakeUseCase().execute(given, state)
        self.told.append((given.replies[0], outcome.answer.status))
        return outcome


async def test_control_replies_at_deciding_tell_what_was_rolled_back(new_owner, new_counter):
    """Negative control of the test above: the bad one hears 201, and others hear twice."""
    work = HastyWork()
    owner = await new_owner(work)
    await owner.unit.run(ten_with_a_bad_one(*await new_counter()))
    told = [status for address, status in work.told if address == "0:r5"]
    assert 201 in told
    assert owner.heard()["0:r5"] == [500]
    assert len(work.told) > len(ONCE_EACH)
