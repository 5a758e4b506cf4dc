"""Under row-level security look-ups of a batch stay look-ups: among one tenant's many, and among many tenants."""

from __future__ import annotations

import pytest
from tickets_world import BOOKING, TENANT, told

from holdfast_platform.database.security import CONSUMER
from holdfast_platform.testing.plans import rows_read
from holdfast_platform.testing.units import decide
from holdfast_tickets.repositories import roster
from holdfast_tickets.repositories.wanted import Wanted

pytestmark = pytest.mark.integration

_MANY = 4000
_COPIES = """
INSERT INTO {table} SELECT (jsonb_populate_record(NULL::{table}, to_jsonb(t) || jsonb_build_object({drawn}))).*
FROM (SELECT * FROM {table} WHERE booking_id = $1 ORDER BY 1 LIMIT 1) AS t, generate_series(1, $2) AS n
"""
_STRANGER = "'tenant_id', '00000000-0000-4000-8000-' || lpad(n::text, 12, '0')"
_ADMISSION = "'booking_id', md5('b' || n)::uuid, 'ticket_code', 'B' || n, 'booking_number', 'BK-' || n"
_TICKET = "'id', md5('t' || n)::uuid, 'booking_id', md5('b' || n)::uuid, 'ticket_code', 'T' || n, 'position', 1"


@pytest.fixture(params=["one tenant's", "strangers'"])
async def crowded(unit, admin, request) -> bool:
    """Very many bookings and tickets, of one tenant or of as many others; tells whether they are one tenant's."""
    await decide(unit, told())
    ours = request.param == "one tenant's"
    for table, drawn in (("admissions", _ADMISSION), ("tickets", _TICKET)):
        await admin.execute(
            _COPIES.format(table=table, drawn=drawn if ours else f"{drawn}, {_STRANGER}"), BOOKING, _MANY
        )
        await admin.execute(f"ANALYZE {table}")
    return ours


async def wanted_from(admin, *, ours: bool) -> Wanted:
    """A batch that names bookings by id, by ticket, by code and by number."""
    wanted = Wanted(bookings={(TENANT, BOOKING)}, texts={(TENANT, "NOBODYS"), (TENANT, "BK-NOBODYS")})
    if ours:
        rows = await admin.fetch(
            "SELECT t.id, t.ticket_code, a.booking_number FROM tickets AS t JOIN admissions AS a USING (booking_id) "
            "ORDER BY t.id LIMIT 30"
        )
        wanted.tickets |= {(TENANT, row["id"]) for row in rows[:10]}
        wanted.texts |= {(TENANT, row["ticket_code"]) for row in rows[10:20]}
        wanted.texts |= {(TENANT, row["booking_number"]) for row in rows[20:]}
    return wanted


@pytest.mark.parametrize("table", ["admissions", "tickets"])
async def test_a_batch_finds_its_bookings_by_what_a_door_read(crowded, admin, databases, table) -> None:
    wanted = await wanted_from(admin, ours=crowded)
    assert await rows_read(databases[CONSUMER], [TENANT], table, roster._LOCK, *wanted.arguments) <= 200


async def test_a_batch_finds_its_parties_by_their_bookings(crowded, admin, databases) -> None:
    rows = await admin.fetch("SELECT booking_id FROM tickets WHERE tenant_id = $1 LIMIT 50", TENANT)
    bookings = [row["booking_id"] for row in rows]
    keys = [TENANT] * len(bookings), bookings
    assert await rows_read(databases[CONSUMER], [TENANT], "tickets", roster._TICKETS, *keys) <= 200


async def test_the_check_sees_a_statement_that_reads_everything(crowded, databases) -> None:
    everything = "SELECT * FROM tickets WHERE attendee_email = $1 AND tenant_id = $2"
    read = await rows_read(databases[CONSUMER], [TENANT], "tickets", everything, "nobody@example.com", TENANT)
    assert read >= (_MANY if crowded else 1)
