"""How long results are kept: a late repeat has no second effect, and nothing that comes again comes later (A8)."""

from __future__ import annotations

import pytest

from holdfast_platform.inbox import store as inbox
from holdfast_platform.settings import ServiceSettings
from holdfast_platform.testing.toy import take

pytestmark = pytest.mark.integration

DAYS = ServiceSettings.model_fields["inbox_retention_days"].default


async def repeated_after(age, owner, new_counter, admin, sweeper_database):
    """Do a command, let so much time pass and the sweeper look; then it comes again. Return how often it was done."""
    tenant, counter = await new_counter()
    command = take(tenant, counter, replies=["0:r0"])
    await owner.unit.run([command])
    await admin.execute(f"UPDATE inbox SET received_at = received_at - interval '{age}'")
    async with sweeper_database.transaction() as connection:
        await inbox.forget_before(connection, DAYS)
    await owner.unit.run([command])
    assert owner.heard() == {"0:r0": [201, 201]}
    return await admin.fetchval("SELECT taken FROM counters WHERE id = $1", counter)


@pytest.mark.parametrize("age", ["25 hours", "6 days 23 hours"])
async def test_a_repeat_within_the_retention_gets_the_same_bytes_and_has_no_effect(
    new_owner, new_counter, admin, sweeper_database, age
):
    owner = await new_owner()
    assert await repeated_after(age, owner, new_counter, admin, sweeper_database) == 1
    (_, first), (_, again) = owner.told
    assert first == again


async def test_control_a_repeat_after_the_retention_is_done_again(new_owner, new_counter, admin, sweeper_database):
    """Negative control of the test above, and of what the topics' retention is for: that it never comes so late."""
    assert await repeated_after("7 days 1 hour", await new_owner(), new_counter, admin, sweeper_database) == 2


async def test_the_sweeper_forgets_a_bounded_number_at_a_time(admin, sweeper_database):
    await admin.execute(
        "INSERT INTO inbox (consumer, id, tenant_id, type, outcome, received_at) "
        "SELECT 'toy', gen_random_uuid(), gen_random_uuid(), 'Take', 'done', now() - make_interval(days => n % 10) "
        "FROM generate_series(1, 20010) AS n"
    )
    forgotten = []
    while not forgotten or forgotten[-1]:
        async with sweeper_database.transaction() as connection:
            forgotten.append(await inbox.forget_before(connection, 4))
    assert max(forgotten) == 10_000
    assert await admin.fetchval("SELECT count(*) FROM inbox") == 20_010 - sum(forgotten) == 8_004
