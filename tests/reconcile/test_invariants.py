"""Every check finds the small world in order, and sees each way to break it: the negative controls of `reconcile`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pytest
from reconcile_world import (
    APPOINTMENT,
    CANCELLED,
    CONCERT,
    HOLD,
    HOLD_CLAIM,
    OTHER,
    REFUSED,
    RESOURCE,
    SESSION,
    TENANT,
    TICKETS,
    booking,
    claim,
    command,
)

from holdfast_cli.reconcile.findings import Allowed, Outcome

pytestmark = pytest.mark.integration


def differences(outcomes: list[Outcome]) -> list[tuple[str, str]]:
    return [
        (outcome.check.invariant, difference)
        for outcome in outcomes
        if outcome.finding is not None
        for difference in outcome.finding.differences
    ]


async def test_the_whole_world_is_in_order_and_every_check_looked(world):
    outcomes = await world.judged()
    assert differences(outcomes) == []
    unasked = [outcome.check.title for outcome in outcomes if outcome.finding is None]
    assert unasked == [outcome.check.title for outcome in outcomes if outcome.check.needs_ledger]
    idle = {outcome.check.title for outcome in outcomes if outcome.finding is not None and not outcome.finding.checked}
    assert idle == set()


@dataclass(frozen=True)
class Harm:
    """One way to break the world, and what must be said about it."""

    invariant: str
    says: str
    service: str
    statements: tuple[str, ...]


def harm(invariant: str, says: str, service: str, *statements: str) -> Harm:
    return Harm(invariant, says, service, statements)


SECOND_PLACE = f"""
INSERT INTO claim_places
SELECT tenant_id, '{claim(CANCELLED)}', resource_id, unit, starts_at, ends_at, free_from, during, guests, shared, held
FROM claim_places
"""
SECOND_SCAN = """
INSERT INTO scans SELECT (json_populate_record(s, json_build_object('id', gen_random_uuid(), 'nonce', 'again'))).*
FROM scans s
"""
HARMS = [
    # -- I1
    harm(
        "I1",
        "is taken twice",
        "inventory",
        "ALTER TABLE claim_places DROP CONSTRAINT claim_places_apart",
        SECOND_PLACE,
    ),
    harm(
        "I1",
        "exclusion constraint on claim_places is missing",
        "inventory",
        "ALTER TABLE claim_places DROP CONSTRAINT claim_places_apart",
    ),
    harm(
        "I1", "does not occupy", "inventory", "UPDATE claim_places SET during = tstzrange(ends_at, ends_at + '1 hour')"
    ),
    # -- I2
    harm(
        "I2",
        f"session {SESSION} counts 4 taken of 10, live claims have 3",
        "inventory",
        "UPDATE sessions SET taken = 4",
    ),
    harm("I2", "counts 2 taken of 10, live claims have 3", "inventory", "UPDATE session_tiers SET taken = 2"),
    harm(
        "I2",
        "counts 3 taken of 10, live claims have 1",
        "inventory",
        f"UPDATE claims SET status = 'released', ended_at = now() WHERE id = '{claim(CONCERT)}'",
    ),
    harm(
        "I2",
        "counts 3 taken of 2, live claims have 3",
        "inventory",
        "ALTER TABLE sessions DROP CONSTRAINT ck_sessions_taken_within_capacity",
        "UPDATE sessions SET capacity = 2",
    ),
    harm(
        "I2",
        "nothing bounds what is taken in sessions",
        "inventory",
        "ALTER TABLE sessions DROP CONSTRAINT ck_sessions_taken_within_capacity",
    ),
    harm(
        "I2",
        "nothing bounds what is taken in session_tiers",
        "inventory",
        "ALTER TABLE session_tiers DROP CONSTRAINT ck_session_tiers_taken_within_quantity",
    ),
    harm("I2", "its tiers have 2", "inventory", f"UPDATE claims SET quantity = 5 WHERE id = '{claim(CONCERT)}'"),
    harm(
        "I2",
        "seat A1 is still occupied by the ended claim",
        "inventory",
        f"UPDATE claims SET status = 'released', ended_at = now() WHERE id = '{claim(CONCERT)}'",
    ),
    harm(
        "I2",
        f"resource {RESOURCE} is still occupied by the ended claim",
        "inventory",
        f"UPDATE claims SET status = 'released', ended_at = now() WHERE id = '{claim(APPOINTMENT)}'",
    ),
    harm(
        "I2",
        "has 6 guests of 2 bookings",
        "inventory",
        "UPDATE bookable_resources SET capacity = 5",
        "UPDATE claim_places SET shared = true, guests = 3",
        SECOND_PLACE,
    ),
    harm(
        "I2",
        "nothing bounds the guests of shared resources",
        "inventory",
        "ALTER TABLE claim_places DISABLE TRIGGER claim_places_peak",
    ),
    # -- I4, I5
    harm(
        "I4",
        f"booking {booking(CONCERT)}, which does not exist",
        "booking",
        f"DELETE FROM bookings WHERE id = '{booking(CONCERT)}'",
    ),
    harm(
        "I4",
        f"booking {booking(CONCERT)}, which is cancelled",
        "booking",
        f"UPDATE bookings SET status = 'cancelled', cancelled_at = now() WHERE id = '{booking(CONCERT)}'",
    ),
    harm("I4", "has no live claim", "inventory", f"DELETE FROM claims WHERE id = '{claim(APPOINTMENT)}'"),
    harm(
        "I4",
        "is live for it",
        "booking",
        f"UPDATE bookings SET claim_id = '{claim(CANCELLED)}' WHERE id = '{booking(APPOINTMENT)}'",
    ),
    harm("I4, I5", "comes from no recorded claim", "booking", f"DELETE FROM inbox WHERE id = '{command(APPOINTMENT)}'"),
    harm(
        "I4, I5",
        "was refused",
        "booking",
        f"UPDATE bookings SET id = '{booking(REFUSED)}' WHERE id = '{booking(APPOINTMENT)}'",
    ),
    harm(
        "I4, I5",
        "was recorded and does not exist",
        "booking",
        f"DELETE FROM bookings WHERE id = '{booking(CANCELLED)}'",
    ),
    # -- I6, I7
    harm("I6", "admits 2, 1 tickets are live", "tickets", f"DELETE FROM tickets WHERE id = '{TICKETS[1]}'"),
    harm(
        "I6",
        "(cancelled) admits 0, 1 tickets are live",
        "tickets",
        f"UPDATE tickets SET status = 'valid' WHERE booking_id = '{booking(CANCELLED)}'",
    ),
    harm("I6", "which does not exist", "booking", f"DELETE FROM bookings WHERE id = '{booking(CONCERT)}'"),
    harm(
        "I6",
        "tickets know version 1 (confirmed) of booking BK-concert, it is 2 (checked_in)",
        "tickets",
        f"UPDATE admissions SET version = 1, status = 'confirmed' WHERE booking_id = '{booking(CONCERT)}'",
    ),
    harm(
        "I6",
        "2 tickets have the code same",
        "tickets",
        "ALTER TABLE tickets DROP CONSTRAINT uq_tickets_ticket_code",
        f"UPDATE tickets SET ticket_code = 'same' WHERE booking_id = '{booking(CONCERT)}'",
    ),
    harm(
        "I6",
        "nothing forbids two tickets with one code",
        "tickets",
        "ALTER TABLE tickets DROP CONSTRAINT uq_tickets_ticket_code",
    ),
    harm(
        "I7",
        f"ticket {TICKETS[0]} (once) was admitted 2 times",
        "tickets",
        SECOND_SCAN,
    ),
    harm(
        "I7",
        f"ticket {TICKETS[0]} (once_per_day) was admitted 2 times",
        "tickets",
        "UPDATE tickets SET entry_policy = 'once_per_day'",
        SECOND_SCAN,
    ),
    harm(
        "I7",
        "was admitted again without an exit",
        "tickets",
        "UPDATE tickets SET entry_policy = 're_entry_after_exit'",
        SECOND_SCAN,
    ),
    harm(
        "I7", "counts 2 entries and has 1 scans", "tickets", f"UPDATE tickets SET entries = 2 WHERE id = '{TICKETS[0]}'"
    ),
    # -- I8
    harm(
        "I8",
        "s ago and is still there",
        "inventory",
        "UPDATE inventory_holds SET expires_at = clock_timestamp() - interval '300 s'",
    ),
    harm("I8", f"live for the hold {HOLD}, which is gone", "inventory", "DELETE FROM inventory_holds"),
    harm(
        "I8",
        f"its claim {HOLD_CLAIM} is expired",
        "inventory",
        f"UPDATE claims SET status = 'expired', ended_at = now() WHERE id = '{HOLD_CLAIM}'",
    ),
    # -- I10
    harm(
        "I10",
        "calendar: 1 messages to t are unsent",
        "calendar",
        f"INSERT INTO outbox (tenant_id, topic, key, headers, payload) VALUES ('{TENANT}', 't', 'k', "
        f"'{{\"ce_tenantid\": \"{TENANT}\"}}', '')",
    ),
    harm(
        "I10",
        "can never be sent: too large",
        "booking",
        "INSERT INTO outbox_dead (id, tenant_id, topic, key, headers, payload, reason) "
        f"VALUES (7, '{TENANT}', 't', 'k', '{{}}', '', 'too large')",
    ),
    harm(
        "I10",
        "booking: booking.claims gave up ClaimPlaced",
        "booking",
        f"UPDATE inbox SET outcome = 'failed' WHERE id = '{command(CANCELLED)}'",
    ),
    # -- I11
    harm(
        "I11",
        "has version 2 after none",
        "booking",
        f"DELETE FROM booking_history WHERE booking_id = '{booking(CONCERT)}' AND version = 1",
    ),
    harm(
        "I11",
        "has version 3 after 1",
        "booking",
        f"UPDATE booking_history SET version = 3 WHERE booking_id = '{booking(CONCERT)}' AND version = 2",
    ),
    harm(
        "I11",
        "left pending in version 2 and was confirmed",
        "booking",
        f"UPDATE booking_history SET from_status = 'pending' WHERE booking_id = '{booking(CONCERT)}' AND version = 2",
    ),
    harm(
        "I11",
        "went from confirmed to waitlisted in version 2",
        "booking",
        f"UPDATE booking_history SET to_status = 'waitlisted' WHERE booking_id = '{booking(CONCERT)}' AND version = 2",
    ),
    harm(
        "I11",
        "went from None to completed in version 1",
        "booking",
        f"UPDATE booking_history SET to_status = 'completed' WHERE booking_id = '{booking(APPOINTMENT)}'",
    ),
    harm(
        "I11",
        "its history ends with checked_in in version 2",
        "booking",
        f"UPDATE bookings SET status = 'completed' WHERE id = '{booking(CONCERT)}'",
    ),
    harm(
        "I11",
        "is confirmed in version 4; its history ends with confirmed in version 1",
        "booking",
        f"UPDATE bookings SET version = 4 WHERE id = '{booking(APPOINTMENT)}'",
    ),
    # -- I12
    harm(
        "I12",
        "booking: row-level security of bookings is off",
        "booking",
        "ALTER TABLE bookings DISABLE ROW LEVEL SECURITY",
    ),
    harm("I12", "the owner of claims is not bound", "inventory", "ALTER TABLE claims NO FORCE ROW LEVEL SECURITY"),
    harm(
        "I12",
        "policy leak of entries shows holdfast_calendar_requests every tenant",
        "calendar",
        "CREATE POLICY leak ON entries FOR SELECT TO holdfast_calendar_requests USING (true)",
    ),
    harm(
        "I12",
        "rows of entries belong to the unknown tenant",
        "calendar",
        "UPDATE entries SET tenant_id = '00000000-0000-0000-0000-00000000ffff'",
    ),
    harm(
        "I12",
        f"says {OTHER}",
        "calendar",
        f"INSERT INTO outbox (tenant_id, topic, key, headers, payload) VALUES ('{TENANT}', 't', 'k', "
        f"'{{\"ce_tenantid\": \"{OTHER}\"}}', '')",
    ),
    harm(
        "I12",
        f"carries the facts of tenant {OTHER}",
        "booking",
        f"UPDATE bookings SET tenant = jsonb_build_object('id', '{OTHER}') WHERE id = '{booking(CONCERT)}'",
    ),
    harm(
        "I12",
        f"calendar entry {booking(CONCERT)} of tenant {OTHER} is about booking",
        "calendar",
        f"UPDATE entries SET tenant_id = '{OTHER}'",
    ),
    harm(
        "I12",
        f"claim {claim(CONCERT)} of tenant {OTHER} is about booking",
        "inventory",
        f"UPDATE claims SET tenant_id = '{OTHER}' WHERE id = '{claim(CONCERT)}'",
    ),
    harm(
        "I12",
        f"ticket {TICKETS[1]} of tenant {OTHER} is about booking",
        "tickets",
        f"UPDATE tickets SET tenant_id = '{OTHER}' WHERE id = '{TICKETS[1]}'",
    ),
]


@pytest.mark.parametrize("harmed", HARMS, ids=lambda harmed: f"{harmed.invariant}: {harmed.says}")
async def test_harm_is_seen(world, harmed: Harm):
    world.change(harmed.service, *harmed.statements)
    found = differences(await world.judged(only=harmed.invariant))
    assert [said for _, said in found if harmed.says in said], found


async def test_a_role_that_can_step_around_row_level_security_is_seen(world):
    world.change("calendar", "ALTER ROLE holdfast_calendar_sweeper BYPASSRLS")
    found = differences(await world.judged(only="I12"))
    assert ("I12", "calendar: role holdfast_calendar_sweeper can bypass row-level security") in found


async def test_what_was_broken_on_purpose_is_allowed_and_one_more_is_not(world):
    world.change("booking", "UPDATE inbox SET outcome = 'failed'")
    lenient = differences(await world.judged(allowed=Allowed(dead_letters=3), letters=3, only="I10"))
    assert lenient == []
    strict = differences(await world.judged(allowed=Allowed(dead_letters=2), letters=3))
    assert ("I10", "3 dead letters wait on the bus (holdfast dlq list)") in strict
    assert sum("gave up" in said for _, said in strict) == 1


async def test_a_hold_has_a_sweeps_time_to_end(world):
    world.change("inventory", "UPDATE inventory_holds SET expires_at = clock_timestamp() - interval '60 s'")
    assert differences(await world.judged()) == []
    impatient = differences(await world.judged(allowed=Allowed(sweep=timedelta(seconds=30))))
    assert [said for invariant, said in impatient if invariant == "I8"]


async def test_a_forced_admission_is_not_counted(world):
    world.change(
        "tickets",
        "INSERT INTO scans SELECT (json_populate_record(s, json_build_object("
        "'id', gen_random_uuid(), 'nonce', 'again', 'overridden', 'already_checked_in'))).* FROM scans s",
        f"UPDATE tickets SET entries = 2 WHERE id = '{TICKETS[0]}'",
    )
    assert differences(await world.judged()) == []
