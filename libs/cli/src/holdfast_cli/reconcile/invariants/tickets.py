"""I6 and I7: tickets match bookings, and each admits as often as it may."""

from __future__ import annotations

from typing import Final

from holdfast_cli.reconcile.findings import Check, Finding, Sight
from holdfast_cli.reconcile.graph import ADMITTING, WITHOUT_TICKETS

_BOOKINGS: Final = "SELECT tenant_id, id, booking_number, status, booking_mode, guest_count, version FROM bookings"
_LIVE: Final = """
SELECT tenant_id, booking_id, count(*)::int AS live FROM tickets
WHERE status IN ('reserved', 'valid', 'checked_in') GROUP BY tenant_id, booking_id
"""
_KNOWN: Final = "SELECT tenant_id, booking_id, version, status FROM admissions"
_SAME_CODE: Final = "SELECT ticket_code, count(*)::int AS n FROM tickets GROUP BY ticket_code HAVING count(*) > 1"
_UNIQUE: Final = """
SELECT indexrelid FROM pg_index WHERE indrelid = 'tickets'::regclass AND indisunique AND indisvalid
  AND indkey::text = (SELECT attnum::text FROM pg_attribute WHERE attrelid = 'tickets'::regclass
                      AND attname = 'ticket_code')
"""

_ENTRIES: Final = """
WITH passages AS (
  SELECT s.tenant_id, passed.ticket_id, s.direction, s.recorded_at, s.overridden IS NOT NULL AS forced,
         (s.scanned_at AT TIME ZONE coalesce(a.facts ->> 'timezone', 'UTC'))::date AS day, t.entry_policy
  FROM scans s CROSS JOIN LATERAL unnest(s.passed) AS passed(ticket_id)
  JOIN tickets t ON t.tenant_id = s.tenant_id AND t.id = passed.ticket_id
  JOIN admissions a ON a.tenant_id = t.tenant_id AND a.booking_id = t.booking_id
  WHERE NOT s.dry_run AND (s.admitted OR s.direction = 'exit')
)
"""
_TOO_OFTEN: Final = (
    _ENTRIES
    + """
SELECT ticket_id, entry_policy, count(*)::int AS n FROM passages
WHERE direction = 'entry' AND NOT forced AND entry_policy IN ('once', 'once_per_day')
GROUP BY tenant_id, ticket_id, entry_policy, CASE WHEN entry_policy = 'once_per_day' THEN day END
HAVING count(*) > 1
"""
)
_WITHOUT_EXIT: Final = (
    _ENTRIES
    + """
, steps AS (
  SELECT ticket_id, direction, forced,
         lag(direction) OVER (PARTITION BY tenant_id, ticket_id ORDER BY recorded_at) AS before
  FROM passages WHERE entry_policy = 're_entry_after_exit'
)
SELECT ticket_id FROM steps WHERE direction = 'entry' AND before = 'entry' AND NOT forced
"""
)
_UNSCANNED: Final = """
SELECT t.id, t.entries, count(s.id)::int AS scans FROM tickets t
LEFT JOIN scans s ON s.tenant_id = t.tenant_id AND t.id = ANY (s.passed) AND s.booking_id = t.booking_id
  AND s.admitted AND s.direction = 'entry' AND NOT s.dry_run
WHERE t.entry_policy = 'once' AND t.entries > 1
GROUP BY t.tenant_id, t.id
HAVING t.entries > 1 + count(s.id) FILTER (WHERE s.overridden IS NOT NULL) + t.by_staff::int
"""


async def tickets_match(sight: Sight) -> Finding:
    """Compare live tickets with the guests of bookings that admit, and what tickets know with what booking says."""
    live = {(row["tenant_id"], row["booking_id"]): row["live"] for row in await sight.rows("tickets", _LIVE)}
    known = {(row["tenant_id"], row["booking_id"]): row for row in await sight.rows("tickets", _KNOWN)}
    wrong, stale = [], []
    bookings = {(row["tenant_id"], row["id"]): row for row in await sight.rows("booking", _BOOKINGS)}
    for key, row in bookings.items():
        admits = row["status"] in ADMITTING and row["booking_mode"] not in WITHOUT_TICKETS
        due, there = row["guest_count"] if admits else 0, live.get(key, 0)
        if due != there:
            wrong.append(f"booking {row['booking_number']} ({row['status']}) admits {due}, {there} tickets are live")
        heard = known.get(key)
        if heard is not None and (heard["status"], heard["version"]) != (row["status"], row["version"]):
            stale.append(
                f"tickets know version {heard['version']} ({heard['status']}) of booking {row['booking_number']}, "
                f"it is {row['version']} ({row['status']})"
            )
    strays = [
        f"{n} live tickets of booking {key[1]}, which does not exist" for key, n in live.items() if key not in bookings
    ]
    return Finding.of(len(bookings), wrong, stale, strays)


async def codes_are_unique(sight: Sight) -> Finding:
    """See that no two tickets have a code, and that the database forbids it."""
    same = [f"{row['n']} tickets have the code {row['ticket_code']}" for row in await sight.rows("tickets", _SAME_CODE)]
    unique = await sight.rows("tickets", _UNIQUE)
    missing = [] if unique else ["nothing forbids two tickets with one code"]
    return Finding.of(await sight.count("tickets", "tickets"), same, missing)


async def admitted_as_often_as_allowed(sight: Sight) -> Finding:
    """Count the admissions of each ticket, leaving out those that staff forced."""
    often = [
        f"ticket {row['ticket_id']} ({row['entry_policy']}) was admitted {row['n']} times"
        for row in await sight.rows("tickets", _TOO_OFTEN)
    ]
    inside = [
        f"ticket {row['ticket_id']} (re_entry_after_exit) was admitted again without an exit"
        for row in await sight.rows("tickets", _WITHOUT_EXIT)
    ]
    unscanned = [
        f"ticket {row['id']} (once) counts {row['entries']} entries and has {row['scans']} scans"
        for row in await sight.rows("tickets", _UNSCANNED)
    ]
    return Finding.of(await sight.count("tickets", "scans"), often, inside, unscanned)


CHECKS = (
    Check("I6", "live tickets are the admissions of bookings", frozenset({"tickets", "booking"}), tickets_match),
    Check("I6", "ticket codes are unique", frozenset({"tickets"}), codes_are_unique),
    Check("I7", "each ticket admits as often as it may", frozenset({"tickets"}), admitted_as_often_as_allowed),
)
