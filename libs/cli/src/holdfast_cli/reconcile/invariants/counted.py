"""I2: no oversell. Counters are the sums of live claims, and within the capacity."""

from __future__ import annotations

from typing import Final

from holdfast_cli.reconcile.findings import Check, Finding, Sight

_SESSIONS: Final = """
SELECT s.id, s.taken, s.capacity, coalesce(sum(t.quantity), 0)::int AS claimed
FROM sessions s
LEFT JOIN (claim_tiers t JOIN claims c ON c.tenant_id = t.tenant_id AND c.id = t.claim_id AND c.status = 'live')
  ON t.tenant_id = s.tenant_id AND t.session_id = s.id
GROUP BY s.tenant_id, s.id
HAVING s.taken <> coalesce(sum(t.quantity), 0) OR s.taken > s.capacity OR coalesce(sum(t.quantity), 0) > s.capacity
"""
_TIERS: Final = """
SELECT s.session_id, s.tier_id, s.taken, s.quantity, coalesce(sum(t.quantity), 0)::int AS claimed
FROM session_tiers s
LEFT JOIN (claim_tiers t JOIN claims c ON c.tenant_id = t.tenant_id AND c.id = t.claim_id AND c.status = 'live')
  ON t.tenant_id = s.tenant_id AND t.session_id = s.session_id AND t.tier_id = s.tier_id
GROUP BY s.tenant_id, s.session_id, s.tier_id
HAVING s.taken <> coalesce(sum(t.quantity), 0) OR s.taken > s.quantity OR coalesce(sum(t.quantity), 0) > s.quantity
"""
_QUANTITIES: Final = """
SELECT c.id, c.quantity, sum(t.quantity)::int AS parts
FROM claims c JOIN claim_tiers t ON t.tenant_id = c.tenant_id AND t.claim_id = c.id
WHERE c.status = 'live' GROUP BY c.tenant_id, c.id HAVING c.quantity <> sum(t.quantity)
"""
_CHECKS: Final = """
SELECT name FROM unnest(ARRAY['sessions', 'session_tiers']) AS name
WHERE NOT EXISTS (SELECT FROM pg_constraint WHERE conrelid = name::regclass AND contype = 'c' AND convalidated
                  AND pg_get_constraintdef(oid) LIKE '%taken%')
"""
_LEFT_OVER: Final = """
SELECT 'seat ' || s.label AS what, s.claim_id FROM claim_seats s
JOIN claims c ON c.tenant_id = s.tenant_id AND c.id = s.claim_id WHERE c.status <> 'live'
UNION ALL
SELECT 'resource ' || p.resource_id, p.claim_id FROM claim_places p
JOIN claims c ON c.tenant_id = p.tenant_id AND c.id = p.claim_id WHERE c.status <> 'live'
"""
_SHARED: Final = """
SELECT a.resource_id, a.starts_at, sum(b.guests)::int AS guests, count(*)::int AS bookings, r.capacity,
       r.max_bookings_per_slot
FROM claim_places a
JOIN claim_places b ON b.tenant_id = a.tenant_id AND b.resource_id = a.resource_id AND b.shared
  AND b.starts_at <= a.starts_at AND b.ends_at > a.starts_at
JOIN bookable_resources r ON r.tenant_id = a.tenant_id AND r.id = a.resource_id
WHERE a.shared
GROUP BY a.tenant_id, a.claim_id, a.resource_id, a.starts_at, r.capacity, r.max_bookings_per_slot
HAVING sum(b.guests) > r.capacity OR count(*) > r.max_bookings_per_slot
"""


_PEAK: Final = """
SELECT tgname FROM pg_trigger
WHERE tgrelid = 'claim_places'::regclass AND tgname = 'claim_places_peak' AND tgenabled <> 'D'
"""


async def counters(sight: Sight) -> Finding:
    """Compare the counters of sessions and tiers with the live claims, and see that the database bounds them."""
    sessions = [
        f"session {row['id']} counts {row['taken']} taken of {row['capacity']}, live claims have {row['claimed']}"
        for row in await sight.rows("inventory", _SESSIONS)
    ]
    tiers = [
        f"tier {row['tier_id']} of session {row['session_id']} counts {row['taken']} taken of {row['quantity']}, "
        f"live claims have {row['claimed']}"
        for row in await sight.rows("inventory", _TIERS)
    ]
    parts = [
        f"claim {row['id']} is for {row['quantity']}, its tiers have {row['parts']}"
        for row in await sight.rows("inventory", _QUANTITIES)
    ]
    unbounded = [f"nothing bounds what is taken in {row['name']}" for row in await sight.rows("inventory", _CHECKS)]
    checked = await sight.count("inventory", "sessions") + await sight.count("inventory", "session_tiers")
    return Finding.of(checked, sessions, tiers, parts, unbounded)


async def places(sight: Sight) -> Finding:
    """See that ended claims occupy nothing, and that shared resources are never fuller than they may be."""
    left = [
        f"{row['what']} is still occupied by the ended claim {row['claim_id']}"
        for row in await sight.rows("inventory", _LEFT_OVER)
    ]
    shared = [
        f"resource {row['resource_id']} has {row['guests']} guests of {row['bookings']} bookings at "
        f"{row['starts_at']:%Y-%m-%dT%H:%M}Z; it takes {row['capacity']} guests, "
        f"{row['max_bookings_per_slot'] or 'any number of'} bookings"
        for row in await sight.rows("inventory", _SHARED)
    ]
    guarded = await sight.rows("inventory", _PEAK)
    missing = [] if guarded else ["nothing bounds the guests of shared resources in claim_places"]
    checked = await sight.count("inventory", "claim_places") + await sight.count("inventory", "claim_seats")
    return Finding.of(checked, left, shared, missing)


CHECKS = (
    Check("I2", "counters are the sums of live claims, within capacity", frozenset({"inventory"}), counters),
    Check("I2", "ended claims occupy nothing, shared resources are not overfull", frozenset({"inventory"}), places),
)
