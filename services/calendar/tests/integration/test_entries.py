"""Entries from events: redelivery, old versions, two tenants, races."""

from __future__ import annotations

from uuid import uuid4

import pytest
from calendar_samples import BOOKING, TENANT, at
from calendar_world import OTHER_TENANT, told

from holdfast_calendar.tables import metadata
from holdfast_contracts.booking import EVENTS
from holdfast_contracts.enums import BookingStatus
from holdfast_platform.database import writing
from holdfast_platform.database.migrate import differences
from holdfast_platform.database.security import CONSUMER, REQUESTS
from holdfast_platform.testing.overlap import overlap
from holdfast_platform.testing.units import counted_statements, decide

pytestmark = pytest.mark.integration

CANCELLED = {"status": BookingStatus.CANCELLED, "version": 2, "occurred_at": "2027-02-01T10:00:00Z"}


async def entry_of(admin, booking=BOOKING, tenant=TENANT):
    return await admin.fetchrow("SELECT * FROM entries WHERE tenant_id = $1 AND booking_id = $2", tenant, booking)


async def test_an_event_becomes_an_entry(unit, admin) -> None:
    await decide(unit, told())
    row = await entry_of(admin)
    assert (row["version"], row["sequence"], row["status"]) == (1, 0, "confirmed")
    assert (row["uid"], row["title"], row["venue"]) == (f"{BOOKING}@demo.example", "Harbour concert", "Pier 7")
    assert (row["starts_at"], row["changed_at"]) == (at("2027-06-12T18:00:00Z"), at("2027-01-10T09:01:00Z"))


async def test_the_calendar_keeps_no_contacts_and_no_notes(unit, admin) -> None:
    await decide(unit, told())
    text = str(dict(await entry_of(admin)))
    assert not [secret for secret in ("ida@example.com", "+4930123456", "aisle", "late", "Ida Berg") if secret in text]


@pytest.mark.parametrize("name", [event.type_name() for event in EVENTS])
async def test_every_event_of_a_booking_is_heard(unit, admin, name) -> None:
    await decide(unit, told(name, version=7))
    assert (await entry_of(admin))["version"] == 7


async def test_a_redelivered_event_changes_nothing(unit, admin) -> None:
    first, second = told(), told("BookingCancelled", **CANCELLED)
    await decide(unit, first, second)
    before = await entry_of(admin)
    await decide(unit, told(message_id=first.id), told("BookingCancelled", message_id=second.id, **CANCELLED))
    assert await entry_of(admin) == before
    assert (before["sequence"], await admin.fetchval("SELECT count(*) FROM inbox")) == (1, 2)


async def test_an_older_version_is_ignored_though_the_inbox_forgot_it(unit, admin) -> None:
    """A replayed dead letter, or a lost relay that sends late (v1, v2, v1)."""
    await decide(unit, told("BookingCancelled", **CANCELLED))
    before = await entry_of(admin)
    await decide(unit, told(version=1), told(version=2))
    assert await entry_of(admin) == before


async def test_an_event_twice_in_one_batch_has_one_effect(unit, admin) -> None:
    event = told()
    await decide(unit, event, told(message_id=event.id))
    assert await admin.fetchval("SELECT count(*) FROM entries") == 1


async def test_changes_follow_each_other_within_and_across_batches(unit, admin) -> None:
    pending = {"status": BookingStatus.PENDING}
    await decide(unit, told("BookingCreated", **pending), told(version=2))
    await decide(
        unit,
        told("BookingUpdated", version=3, guestCount=3),
        told("BookingUpdated", version=4, guestCount=3, venue="Hall"),
    )
    row = await entry_of(admin)
    # Higher for confirmed and for the other venue, not for one more guest.
    assert (row["version"], row["sequence"], row["guest_count"], row["venue"]) == (4, 2, 3, "Hall")


async def test_two_tenants_in_one_batch_do_not_meet(unit, admin) -> None:
    """Even with the same booking id (I12)."""
    await decide(unit, told(), told(tenant=OTHER_TENANT, venue="Elsewhere"))
    await decide(unit, told("BookingCancelled", tenant=OTHER_TENANT, venue="Elsewhere", **CANCELLED))
    assert (await entry_of(admin))["status"] == "confirmed"
    other = await entry_of(admin, tenant=OTHER_TENANT)
    assert (other["status"], other["venue"]) == ("cancelled", "Elsewhere")


async def test_two_members_record_the_same_booking_at_once(unit, admin) -> None:
    """After a rebalance both may have its first versions: the later one to commit decides again."""
    met = await overlap(decide(unit, told("BookingCancelled", **CANCELLED)), decide(unit, told(version=1)), admin)
    assert met.waited
    row = await entry_of(admin)
    assert (row["version"], row["status"]) == (2, "cancelled")
    assert await admin.fetchval("SELECT count(*) FROM inbox") == 2


async def test_control_without_a_look_at_the_count_one_of_them_is_lost(unit, admin, monkeypatch) -> None:
    """Negative control of the test above: the later one to commit wrote nothing, and does not notice."""
    monkeypatch.setattr(writing, "expect", lambda *_: None)
    cancelled, confirmed = told("BookingCancelled", **CANCELLED), told(version=1)
    met = await overlap(decide(unit, confirmed), decide(unit, cancelled), admin)
    assert met.waited
    row = await entry_of(admin)
    assert (row["version"], row["status"]) == (1, "confirmed")


@pytest.mark.parametrize("size", [1, 2, 50, 300])
async def test_statements_do_not_depend_on_the_size_of_the_batch(unit, size) -> None:
    bookings = [uuid4() for _ in range(size)]
    await decide(unit, *(told(booking=booking) for booking in bookings[::2]))
    batch = [told("BookingCancelled", booking=booking, **CANCELLED) for booking in bookings]
    with counted_statements() as seen:
        await decide(unit, *batch)
    # BEGIN with the tenants, lock, inbox, all that is written, COMMIT
    assert len(seen) == 5, seen


async def test_the_migrations_make_the_tables_that_the_code_knows(calendar_url) -> None:
    assert await differences("calendar", calendar_url) == []


async def test_every_table_with_a_tenant_is_under_forced_row_level_security(admin) -> None:
    rows = await admin.fetch(
        "SELECT c.relname, c.relrowsecurity AND c.relforcerowsecurity AS secured FROM pg_class c "
        "JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id' WHERE c.relkind = 'r'"
    )
    assert {row["relname"]: row["secured"] for row in rows} == dict.fromkeys(metadata.tables, True)


async def test_without_a_tenant_nothing_is_seen(unit, databases) -> None:
    await decide(unit, told())
    for role in (REQUESTS, CONSUMER):
        async with databases[role].connection() as connection:
            assert await connection.fetch("SELECT 1 FROM entries") == []
