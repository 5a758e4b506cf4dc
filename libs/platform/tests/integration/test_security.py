"""Row-level security in batches of many tenants: the tenants are looked up once a statement, not once a row (I12)."""

from __future__ import annotations

from uuid import uuid4

import pytest

from holdfast_platform.database.security import CONSUMER, role_name
from holdfast_platform.testing import toy

pytestmark = pytest.mark.integration

ONCE_A_ROW = "tenant_id = ANY (nullif(current_setting('app.tenant_ids', true), '')::uuid[])"
"""The same policy without its sub-select."""


async def plan(database, table="counters"):
    async with database.batch([uuid4()]) as connection:
        rows = await connection.fetch(f"EXPLAIN (VERBOSE) SELECT id FROM {table}")
    return "\n".join(row[0] for row in rows)


async def test_the_tenants_of_a_batch_are_read_once_a_statement(consumer_database):
    shown = await plan(consumer_database)
    before, _, _ = shown.partition("InitPlan")
    assert before != shown, shown
    assert "current_setting" not in before, shown  # the rows are compared with what the InitPlan found


async def test_control_without_the_sub_select_they_are_read_for_each_row(admin, toy_url, new_owner):
    """Negative control of the test above."""
    await admin.execute("CREATE TABLE plain AS SELECT * FROM counters WITH NO DATA")
    try:
        await admin.execute("ALTER TABLE plain ENABLE ROW LEVEL SECURITY")
        role = role_name(toy.SERVICE, CONSUMER)
        await admin.execute(f"GRANT SELECT ON plain TO {role}")
        await admin.execute(f"CREATE POLICY consumer ON plain TO {role} USING ({ONCE_A_ROW})")
        shown = await plan((await new_owner()).database, "plain")
        assert "InitPlan" not in shown
        assert "current_setting" in shown
    finally:
        await admin.execute("DROP TABLE plain")
