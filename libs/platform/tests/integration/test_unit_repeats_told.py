"""What is told of a message that comes again, or that cannot be read: what was stored first stands (I5, I4)."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

import pytest

from holdfast_contracts import envelope
from holdfast_platform.messaging.reading import Unreadable
from holdfast_platform.testing.toy import take

pytestmark = pytest.mark.integration


def unreadable(given, **headers):
    """The same record, as a replica sees it that cannot read it."""
    told = {
        **given.headers,
        envelope.CE_ID: str(given.id),
        envelope.CE_TENANT: str(given.tenant_id),
        envelope.CE_TYPE: given.type,
        envelope.REPLY: "5:late",
        **headers,
    }
    return Unreadable(given.source, "unknown type", told)


async def waiting(admin):
    """Types of what waits in the outbox."""
    rows = await admin.fetch("SELECT headers ->> 'ce_type' AS type, topic FROM outbox ORDER BY id")
    return [row["type"] for row in rows], [row["topic"] for row in rows if row["topic"].endswith(".dlq")]


async def test_a_success_is_told_again_also_by_who_cannot_read_the_command(new_owner, new_counter, admin):
    """A replica of the version before takes over the partition of one that was killed before it had answered."""
    owner, given = await new_owner(), take(*await new_counter(), replies=["0:r0"])
    await owner.unit.run([given])
    await owner.unit.bury(unreadable(given))
    assert owner.heard() == {"0:r0": [201], "5:late": [201]}
    assert await waiting(admin) == (["Taken"], [])


async def test_what_cannot_be_read_gives_back_also_where_its_id_is_another_requests(new_owner, new_counter, admin):
    owner, given = await new_owner(), take(*await new_counter(), replies=["0:r0"])
    await owner.unit.run([given])
    held = str(uuid4())
    await owner.unit.bury(unreadable(given, **{envelope.HASH: "another", "toy-counter": held}))
    assert owner.heard() == {"0:r0": [201], "5:late": [422]}
    types, letters = await waiting(admin)
    assert types[:2] == ["Taken", "GivenBack"]
    assert len(letters) == 1
    assert await admin.fetchval("SELECT key FROM outbox WHERE headers ->> 'ce_type' = 'GivenBack'") == held


async def test_control_what_nobody_has_seen_is_told_to_have_failed_once(new_owner, new_counter):
    owner, given = await new_owner(), take(*await new_counter())
    for _ in range(2):
        await owner.unit.bury(unreadable(given))
    assert owner.heard() == {"5:late": [500, 500]}


@pytest.mark.parametrize("flaw", [None, "decide"], ids=["done", "given up"])
async def test_replies_to_a_message_that_says_of_what_kind_they_are_are_of_that_kind(new_owner, new_counter, flaw):
    """A release answers the gateway of a cancellation: what becomes of it is never the cancellation's own answer."""
    owner, plain = await new_owner(), take(*await new_counter(), flaw=flaw, replies=["0:r0"])
    given = replace(plain, headers={**plain.headers, envelope.REPLY_KIND: envelope.KIND_RELEASED})
    await owner.unit.run([given])
    await owner.unit.run([replace(given, replies=["0:r1"])])
    await owner.unit.bury(unreadable(given))
    assert [answer.kind for _, answer in owner.told] == [envelope.KIND_RELEASED] * 3
    assert len({answer.status for _, answer in owner.told}) == 1
