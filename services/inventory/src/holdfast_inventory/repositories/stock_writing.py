"""What a batch writes: what ended, counters, and what is new; each set-based, each counted.

The database has the last word: where it changes another number of rows than was decided, the batch is undone and
decided again (I1, I2).
"""

from collections.abc import Iterable, Sequence
from typing import Final
from uuid import UUID

import asyncpg

from holdfast_inventory import tables
from holdfast_inventory.domain.claim import Claim
from holdfast_inventory.domain.hold import Hold
from holdfast_inventory.domain.local_time import utc
from holdfast_inventory.domain.place import Place
from holdfast_inventory.domain.resource import Resource
from holdfast_inventory.domain.session import Session
from holdfast_inventory.domain.stock import Facts, Stock
from holdfast_inventory.domain.wish import SessionWish
from holdfast_platform.database.writing import Row, Writes

_END_CLAIMS: Final = """
UPDATE claims AS c SET status = r.status, ended_at = $4
FROM unnest($1::uuid[], $2::uuid[], $3::text[]) AS r(tenant_id, id, status)
WHERE c.tenant_id = r.tenant_id AND c.id = r.id AND c.status = 'live'
"""
_FREE_SEATS: Final = """
DELETE FROM claim_seats AS s USING unnest($1::uuid[], $2::uuid[]) AS r(tenant_id, id)
WHERE s.tenant_id = r.tenant_id AND s.claim_id = r.id
"""
_FREE_PLACES: Final = """
DELETE FROM claim_places AS p USING unnest($1::uuid[], $2::uuid[]) AS r(tenant_id, id)
WHERE p.tenant_id = r.tenant_id AND p.claim_id = r.id
"""
_DROP_HOLDS: Final = """
DELETE FROM inventory_holds AS h USING unnest($1::uuid[], $2::uuid[]) AS r(tenant_id, id)
WHERE h.tenant_id = r.tenant_id AND h.id = r.id
"""
_COUNT_TIERS: Final = """
UPDATE session_tiers AS t SET taken = t.taken + r.change
FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::int[]) AS r(tenant_id, session_id, tier_id, change)
WHERE t.tenant_id = r.tenant_id AND t.session_id = r.session_id AND t.tier_id = r.tier_id
  AND t.taken + r.change >= 0 AND (t.quantity IS NULL OR r.change <= 0 OR t.taken + r.change <= t.quantity)
"""
_COUNT_SESSIONS: Final = """
UPDATE sessions AS s SET taken = s.taken + r.change
FROM unnest($1::uuid[], $2::uuid[], $3::int[]) AS r(tenant_id, id, change)
WHERE s.tenant_id = r.tenant_id AND s.id = r.id
  AND s.taken + r.change >= 0 AND (s.capacity IS NULL OR r.change <= 0 OR s.taken + r.change <= s.capacity)
"""
_NOTHING: Final = "ON CONFLICT DO NOTHING"
"""A constraint that is hit is an outcome: the count differs, and the batch is decided again."""


def _ids(things: Iterable[Claim]) -> tuple[list[UUID], list[UUID]]:
    listed = list(things)
    return [thing.tenant_id for thing in listed], [thing.id for thing in listed]


def _run(writes: Writes, wanted: int, what: str, sql: str, *arguments: object) -> None:
    if wanted:
        writes.add(sql, arguments, wanted, what)


def write_endings(writes: Writes, stock: Stock) -> None:
    """End claims once, free their seats and places, and remove the holds that are gone."""
    ended = list(stock.ended.values())
    tenants, ids = _ids(ended)
    statuses = [str(claim.status) for claim in ended]
    _run(writes, len(ended), "ended claims", _END_CLAIMS, tenants, ids, statuses, utc(stock.now))
    seats = sum(len(item.seats) for c in ended if isinstance(c.wish, SessionWish) for item in c.wish.items)
    _run(writes, seats, "freed seats", _FREE_SEATS, tenants, ids)
    _run(writes, sum(c.place is not None for c in ended), "freed places", _FREE_PLACES, tenants, ids)
    gone = [hold for hold in stock.gone.values() if hold.id in stock.loaded_holds]
    keys = [hold.key.tenant_id for hold in gone], [hold.id for hold in gone]
    _run(writes, len(gone), "removed holds", _DROP_HOLDS, *keys)


def write_counters(writes: Writes, sessions: Iterable[Session]) -> None:
    """Change the counters by what was decided, where that is still within the capacity."""
    changed = [session for session in sessions if session.changes]
    tiers = [(s.tenant_id, s.id, tier, c.change) for s in changed for tier, c in s.tiers.items() if c.change]
    _run(writes, len(tiers), "counters of tiers", _COUNT_TIERS, *_columns(tiers, 4))
    whole = [(s.tenant_id, s.id, s.whole.change) for s in changed if s.whole.change]
    _run(writes, len(whole), "counters of sessions", _COUNT_SESSIONS, *_columns(whole, 3))


def _columns(rows: Sequence[tuple[object, ...]], width: int) -> list[list[object]]:
    return [[row[n] for row in rows] for n in range(width)]


def write_claims(writes: Writes, stock: Stock) -> None:
    """Insert the claims that were placed, with what each has."""
    placed = list(stock.placed.values())
    rows = [_claim_row(claim, stock.now) for claim in placed]
    writes.insert(tables.claims, rows)
    tiers = [row for claim in placed for row in _tier_rows(claim)]
    writes.insert(tables.claim_tiers, tiers)
    live = [claim for claim in placed if claim.live]
    seats = [row for claim in live for row in _seat_rows(claim)]
    writes.insert(tables.claim_seats, seats, on_conflict=_NOTHING)
    places = [_place_row(c, c.place, stock.calendars[c.contended].resource) for c in live if c.place is not None]
    writes.insert(tables.claim_places, places, on_conflict=_NOTHING)


def _claim_row(claim: Claim, now: int) -> Row:
    return {
        "tenant_id": claim.tenant_id,
        "id": claim.id,
        "booking_id": claim.booking_id,
        "hold_id": claim.hold_id,
        "content_id": claim.content_id,
        "session_id": claim.session_id,
        "resource_id": claim.resource_id,
        "status": str(claim.status),
        "quantity": claim.wish.quantity,
        "created_at": utc(now),
        "ended_at": None if claim.live else utc(now),
    }


def _tier_rows(claim: Claim) -> list[Row]:
    if not isinstance(claim.wish, SessionWish):
        return []
    return [
        {
            "tenant_id": claim.tenant_id,
            "claim_id": claim.id,
            "session_id": claim.wish.session_id,
            "tier_id": item.tier_id,
            "quantity": item.quantity,
        }
        for item in claim.wish.items
    ]


def _seat_rows(claim: Claim) -> list[Row]:
    if not isinstance(claim.wish, SessionWish):
        return []
    return [
        {
            "tenant_id": claim.tenant_id,
            "session_id": claim.wish.session_id,
            "label": label,
            "claim_id": claim.id,
            "tier_id": item.tier_id,
        }
        for item in claim.wish.items
        for label in item.seats
    ]


def _place_row(claim: Claim, place: Place, resource: Resource) -> Row:
    start, free_from = utc(place.start), utc(place.free_from)
    return {
        "tenant_id": claim.tenant_id,
        "claim_id": claim.id,
        "resource_id": resource.id,
        "unit": place.unit,
        "starts_at": start,
        "ends_at": utc(place.end),
        "free_from": free_from,
        "during": asyncpg.Range(start.isoformat(), free_from.isoformat()),
        "guests": place.guests,
        "shared": resource.shared,
        "held": claim.hold_id is not None,
    }


def write_holds(writes: Writes, stock: Stock) -> None:
    """Insert new holds and update changed ones."""
    changed = [stock.holds[hold_id] for hold_id in stock.changed_holds if hold_id in stock.holds]
    rows = [_hold_row(hold) for hold in changed if hold.id not in stock.loaded_holds]
    writes.insert(tables.inventory_holds, rows, on_conflict=_NOTHING)
    known = [_hold_row(hold) for hold in changed if hold.id in stock.loaded_holds]
    writes.update(tables.inventory_holds, known)


def _hold_row(hold: Hold) -> Row:
    return {
        "tenant_id": hold.key.tenant_id,
        "id": hold.id,
        "claim_id": hold.claim.id,
        "content_id": hold.key.content_id,
        "resource_id": hold.key.resource_id,
        "hold_type": str(hold.kind),
        "session_id": hold.key.visitor,
        "occurrence_id": hold.key.session_id,
        "subject": hold.subject,
        "quantity": hold.claim.wish.quantity,
        "schedule_payload": hold.payload,
        "quote": hold.quote,
        "starts_at": utc(hold.key.starts_at),
        "ends_at": utc(hold.key.ends_at),
        "expires_at": utc(hold.expires_at),
        "created_at": utc(hold.created_at),
        "updated_at": utc(hold.updated_at),
        "version": hold.version,
    }


def write_catalog(writes: Writes, stock: Stock) -> None:
    """Insert resources, contents with their tiers, and sessions with theirs."""
    writes.insert(tables.bookable_resources, stock.new_resources)
    writes.insert(tables.contents, [_without_tiers(facts) for facts in stock.new_contents])
    writes.insert(tables.content_tiers, [row for c in stock.new_contents for row in _content_tiers(c)])
    writes.insert(tables.sessions, [_without_tiers(facts) for facts in stock.new_sessions])
    writes.insert(tables.session_tiers, [row for s in stock.new_sessions for row in _session_tiers(s)])


def _without_tiers(facts: Facts) -> Row:
    return {name: value for name, value in facts.items() if name != "tiers"}


def _tiers(facts: Facts) -> list[Facts]:
    tiers = facts["tiers"]
    return [dict(tier) for tier in tiers] if isinstance(tiers, list) else []


def _content_tiers(content: Facts) -> list[Row]:
    belongs = {"tenant_id": content["tenant_id"], "content_id": content["id"]}
    return [{**tier, **belongs, "sort_order": number} for number, tier in enumerate(_tiers(content))]


def _session_tiers(session: Facts) -> list[Row]:
    belongs = {"tenant_id": session["tenant_id"], "session_id": session["id"]}
    return [
        {**belongs, "tier_id": tier["tier_id"], "quantity": tier["quantity"], "taken": 0} for tier in _tiers(session)
    ]
