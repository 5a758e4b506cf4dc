"""Under row-level security look-ups of a batch stay look-ups: among one tenant's many, and among many tenants."""

from __future__ import annotations

import pytest
from calendar_samples import BOOKING, TENANT
from calendar_world import told

from holdfast_calendar.repositories import entries
from holdfast_platform.database.security import CONSUMER
from holdfast_platform.testing.plans import rows_read
from holdfast_platform.testing.units import decide

pytestmark = pytest.mark.integration

_MANY = 4000
_COPIES = """
INSERT INTO entries SELECT (jsonb_populate_record(NULL::entries, to_jsonb(e) || jsonb_build_object({drawn}))).*
FROM (SELECT * FROM entries WHERE booking_id = $1) AS e, generate_series(1, $2) AS n
"""
_BOOKING = "'booking_id', md5('b' || n)::uuid"
_STRANGER = "'tenant_id', '00000000-0000-4000-8000-' || lpad(n::text, 12, '0')"


@pytest.fixture(params=["one tenant's", "strangers'"])
async def crowded(unit, admin, request) -> bool:
    """Very many entries, of one tenant or of as many others; tells whether they are one tenant's."""
    await decide(unit, told())
    ours = request.param == "one tenant's"
    await admin.execute(_COPIES.format(drawn=_BOOKING if ours else f"{_BOOKING}, {_STRANGER}"), BOOKING, _MANY)
    await admin.execute("ANALYZE entries")
    return ours


async def test_a_batch_finds_its_entries_by_the_primary_key(crowded, admin, databases) -> None:
    rows = await admin.fetch("SELECT booking_id FROM entries WHERE tenant_id = $1 LIMIT 50", TENANT)
    bookings = [row["booking_id"] for row in rows]
    keys = [TENANT] * len(bookings), bookings
    assert await rows_read(databases[CONSUMER], [TENANT], "entries", entries._LOCK, *keys) <= 100


async def test_the_check_sees_a_statement_that_reads_everything(crowded, databases) -> None:
    everything = "SELECT * FROM entries WHERE title = $1 AND tenant_id = $2"
    read = await rows_read(databases[CONSUMER], [TENANT], "entries", everything, "nothing", TENANT)
    assert read >= (_MANY if crowded else 1)
