"""A system at rest: nothing unsent, nothing changing."""

from __future__ import annotations

import asyncpg
import pytest
from reconcile_world import TENANT

from holdfast_cli.databases import Databases
from holdfast_cli.reconcile.rest import wait_for_rest

pytestmark = pytest.mark.integration


@pytest.mark.parametrize("seconds", [0, 5])
async def test_a_quiet_system_is_at_rest(filled, seconds):
    async with Databases(filled) as databases:
        assert await wait_for_rest(databases, None, seconds)


async def test_a_message_that_waits_is_no_rest_and_its_leaving_is(filled):
    connection = await asyncpg.connect(filled["calendar"])
    try:
        await connection.execute(
            "INSERT INTO outbox (tenant_id, topic, key, headers, payload) VALUES ($1, 't', 'k', '{}', '')", TENANT
        )
        async with Databases(filled) as databases:
            assert not await wait_for_rest(databases, None, 0)
            assert not await wait_for_rest(databases, None, 0.2)
            await connection.execute("DELETE FROM outbox")
            assert await wait_for_rest(databases, None, 5)
    finally:
        await connection.execute("DELETE FROM outbox")
        await connection.close()
