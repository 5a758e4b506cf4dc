"""Tickets from events: once, whatever is delivered twice or late."""

from __future__ import annotations

from contextlib import contextmanager
from types import SimpleNamespace
from uuid import uuid4

import orjson
import pytest
from tickets_world import (
    BOOKING,
    CANCELLED,
    CONTENT,
    FAMILY,
    GUESTS,
    OTHER_TENANT,
    STANDARD,
    TENANT,
    at,
    payload,
    tier,
    told,
)

from holdfast_contracts.booking import EVENTS
from holdfast_contracts.enums import BookingStatus
from holdfast_platform.database.migrate import differences, scripts_of
from holdfast_platform.database.roles import owner_name
from holdfast_platform.database.security import CONSUMER, REQUESTS
from holdfast_platform.testing.overlap import overlap
from holdfast_platform.testing.units import counted_statements, decide
from holdfast_tickets.tables import metadata

pytestmark = pytest.mark.integration


@contextmanager
def monkeyed(module, statements: list[str]):
    """Write down what a migration would execute."""
    original, module.op = module.op, SimpleNamespace(execute=statements.append)
    try:
        yield statements
    finally:
        module.op = original


async def rows_of(admin, booking=BOOKING, tenant=TENANT):
    return await admin.fetch(
        "SELECT * FROM tickets WHERE tenant_id = $1 AND booking_id = $2 ORDER BY position", tenant, booking
    )


async def events(admin) -> list[tuple[str, dict]]:
    rows = await admin.fetch("SELECT headers, payload FROM outbox ORDER BY id")
    return [(orjson.loads(row["headers"])["ce_type"], orjson.loads(row["payload"])) for row in rows]


async def test_a_confirmed_booking_has_a_ticket_for_each_admission(unit, admin) -> None:
    await decide(unit, told())
    first, second = await rows_of(admin)
    assert (first["seat_label"], first["attendee_name"], first["attendee_email"]) == (
        "A1",
        "Ida Berg",
        "ida@example.com",
    )
    assert (second["seat_label"], second["attendee_name"], second["attendee_email"]) == ("A2", "Ole Berg", None)
    assert {row["status"] for row in (first, second)} == {"valid"}
    assert {row["tier_id"] for row in (first, second)} == {STANDARD}
    ((kind, body),) = await events(admin)
    assert (kind, body["bookingId"], len(body["tickets"])) == ("TicketsIssued", str(BOOKING), 2)
    assert b"ida@example.com" not in orjson.dumps(body)


async def test_a_tier_that_admits_four_has_four_tickets(unit, admin) -> None:
    wish = payload((FAMILY, 2, None), (STANDARD, 1, ["B7"]))
    await decide(unit, told(schedulePayload=wish, guestCount=9, guests=GUESTS[:1]))
    rows = await rows_of(admin)
    assert [row["tier_id"] for row in rows] == [FAMILY] * 8 + [STANDARD]
    assert [row["attendee_name"] for row in rows] == ["Ida Berg"] + ["Eva Lund"] * 8
    assert rows[8]["seat_label"] == "B7"


async def test_without_tiers_each_guest_has_a_ticket(unit, admin) -> None:
    slot = {"date": "2027-03-22", "startTime": "09:00"}
    await decide(unit, told(bookingMode="time_slot", schedulePayload=slot, guestCount=3, guests=[], tiers=[]))
    assert [row["tier_id"] for row in await rows_of(admin)] == [None] * 3


@pytest.mark.parametrize("mode", ["open_date", "request"])
async def test_open_dates_and_requests_have_none(unit, admin, mode) -> None:
    await decide(unit, told(bookingMode=mode, schedulePayload={}, tiers=[]))
    assert await rows_of(admin) == []


@pytest.mark.parametrize("name", [event.type_name() for event in EVENTS])
async def test_every_event_of_a_booking_is_heard(unit, admin, name) -> None:
    await decide(unit, told(name, version=7))
    assert await admin.fetchval("SELECT version FROM admissions") == 7


async def test_a_pending_booking_has_no_tickets_until_it_is_confirmed(unit, admin) -> None:
    await decide(unit, told("BookingCreated", status=BookingStatus.PENDING))
    assert await rows_of(admin) == []
    await decide(unit, told(version=2))
    assert len(await rows_of(admin)) == 2


async def test_delivered_twice_or_late_it_is_issued_once(unit, admin) -> None:
    event = told()
    await decide(unit, event, told(message_id=event.id))
    await decide(unit, told(message_id=event.id), told())
    assert len(await rows_of(admin)) == 2
    assert [kind for kind, _ in await events(admin)] == ["TicketsIssued"]


async def test_a_cancelled_booking_stays_cancelled_when_older_events_come_again(unit, admin) -> None:
    await decide(unit, told(), told("BookingCancelled", **CANCELLED))
    await decide(unit, told(), told("BookingUpdated", version=2))
    assert {row["status"] for row in await rows_of(admin)} == {"cancelled"}
    assert [kind for kind, _ in await events(admin)] == ["TicketsIssued", "TicketsCancelled"]


async def test_a_cancellation_that_comes_first_leaves_no_tickets(unit, admin) -> None:
    await decide(unit, told("BookingCancelled", **CANCELLED))
    await decide(unit, told())
    assert await rows_of(admin) == []


async def test_staff_admit_all_the_door_only_its_own(unit, admin) -> None:
    door_booking = uuid4()
    await decide(unit, told(), told(booking=door_booking))
    checked_in = {"version": 2, "status": BookingStatus.CHECKED_IN}
    await decide(
        unit,
        told("BookingCheckedIn", via="staff", **checked_in),
        told("BookingCheckedIn", via="door", booking=door_booking, **checked_in),
    )
    assert [row["status"] for row in await rows_of(admin)] == ["checked_in"] * 2
    assert [row["first_at"] for row in await rows_of(admin)] == [at("2027-01-10T09:01:00Z")] * 2
    assert [row["status"] for row in await rows_of(admin, door_booking)] == ["valid"] * 2
    await decide(unit, told("BookingCheckInUndone", version=3))
    assert [(row["status"], row["entries"]) for row in await rows_of(admin)] == [("valid", 0)] * 2


async def test_a_renamed_guest_keeps_the_ticket(unit, admin) -> None:
    await decide(unit, told())
    before = await rows_of(admin)
    await decide(unit, told("BookingUpdated", version=2, guests=[{"name": "Ida Lund", "kind": "adult"}, GUESTS[1]]))
    after = await rows_of(admin)
    assert [row["attendee_name"] for row in after] == ["Ida Lund", "Ole Berg"]
    assert [row["ticket_code"] for row in after] == [row["ticket_code"] for row in before]
    assert [row["version"] for row in after] == [2, 1]


async def test_a_code_drawn_twice_is_drawn_again(unit, admin, monkeypatch) -> None:
    drawn = iter(["0123456789AB", "0123456789AB", "ABCDEFGHJKMN", "BCDEFGHJKMNP"])
    monkeypatch.setattr("holdfast_tickets.usecases.issue_tickets.draw_ticket_code", lambda: next(drawn))
    await decide(unit, told())
    assert sorted(row["ticket_code"] for row in await rows_of(admin)) == ["ABCDEFGHJKMN", "BCDEFGHJKMNP"]


async def test_a_tenant_has_one_key_that_only_the_secret_opens(unit, admin) -> None:
    await decide(unit, told(), told(booking=uuid4()), told(tenant=OTHER_TENANT, booking=uuid4()))
    rows = await admin.fetch("SELECT tenant_id, number, public_key, sealed_seed FROM signing_keys")
    assert {row["tenant_id"] for row in rows} == {TENANT, OTHER_TENANT}
    assert [(len(row["public_key"]), len(row["sealed_seed"])) for row in rows] == [(32, 60)] * 2


async def test_two_tenants_in_one_batch_do_not_meet(unit, admin) -> None:
    """Even with the same booking id (I12)."""
    await decide(unit, told(), told(tenant=OTHER_TENANT))
    await decide(unit, told("BookingCancelled", tenant=OTHER_TENANT, **CANCELLED))
    assert {row["status"] for row in await rows_of(admin)} == {"valid"}
    assert {row["status"] for row in await rows_of(admin, tenant=OTHER_TENANT)} == {"cancelled"}


async def test_two_members_hear_the_same_booking_at_once(unit, admin) -> None:
    """After a rebalance both may have it: the later one to commit decides again, and issues nothing."""
    event = told()
    met = await overlap(decide(unit, event), decide(unit, told(message_id=event.id)), admin)
    assert met.waited
    assert len(await rows_of(admin)) == 2
    assert len(await events(admin)) == 1


@pytest.mark.parametrize("size", [1, 2, 50, 300])
async def test_statements_do_not_depend_on_the_size_of_the_batch(unit, size) -> None:
    bookings = [uuid4() for _ in range(size)]
    await decide(unit, told(booking=uuid4()))
    with counted_statements() as seen:
        await decide(unit, *(told(booking=booking) for booking in bookings))
    # BEGIN, lock, inbox, parties, keys (once a process), all that is written, COMMIT
    assert len(seen) == 7, seen
    with counted_statements() as seen:
        await decide(unit, *(told("BookingCancelled", booking=booking, **CANCELLED) for booking in bookings))
    assert len(seen) == 6, seen


async def test_the_tiers_entry_policy_is_the_tickets(unit, admin) -> None:
    await decide(unit, told(tiers=[tier(entryPolicy="unlimited")]))
    assert {row["entry_policy"] for row in await rows_of(admin)} == {"unlimited"}


async def test_the_migrations_make_the_tables_that_the_code_knows(tickets_url) -> None:
    assert await differences("tickets", tickets_url) == []


async def test_what_was_known_before_a_migration_is_known_after_it(unit, admin, tickets_url) -> None:
    """Under forced policies an update by the owner would silently change nothing."""
    await decide(unit, told())
    scripts = {script.revision: script.module for script in scripts_of("tickets").walk_revisions()}
    await admin.execute(f"SET ROLE {owner_name('tickets')}")
    with monkeyed(scripts["0002"], []) as statements:
        scripts["0002"].downgrade()
        scripts["0002"].upgrade()
    for statement in statements:
        await admin.execute(statement)
    await admin.execute("RESET ROLE")
    assert await admin.fetchval("SELECT content_id FROM admissions") == CONTENT


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
            for table in ("admissions", "tickets", "signing_keys"):
                assert await connection.fetch(f"SELECT 1 FROM {table}") == []
