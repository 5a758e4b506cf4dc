"""What a batch reads: first the locks, then in later statements what the locked things hold.

Every statement takes arrays, so their number does not depend on the size of the batch. A statement is left out where
the batch has nothing of its kind.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import asyncpg

from holdfast_inventory.domain.calendar import Calendar
from holdfast_inventory.domain.claim import Claim, ClaimStatus
from holdfast_inventory.domain.content import Content
from holdfast_inventory.domain.hold import Hold
from holdfast_inventory.domain.local_time import utc
from holdfast_inventory.domain.place import Place, merged
from holdfast_inventory.domain.session import Session
from holdfast_inventory.repositories.lapsed import take_off_lapsed
from holdfast_inventory.repositories.rows import claim_of, content_of, hold_of, resource_of, session_of
from holdfast_inventory.repositories.wanted import Key, Wanted, around
from holdfast_platform.database.pool import Connection

# Lateral sub-selects are looked up key by key in the order of the arrays: rows are locked in that order, and a table
# without statistics is never read as a whole.
_WANTED: Final = "unnest($1::uuid[], $2::uuid[]) AS w(tenant_id, id)"
_RESOLVE: Final = f"""
SELECT f.* FROM {_WANTED}, LATERAL (
  SELECT h.tenant_id, h.occurrence_id AS session_id, h.resource_id FROM inventory_holds h
   WHERE h.tenant_id = w.tenant_id AND h.id = w.id OFFSET 0) f
UNION ALL
SELECT f.* FROM unnest($3::uuid[], $4::uuid[]) AS w(tenant_id, id), LATERAL (
  SELECT c.tenant_id, c.session_id, c.resource_id FROM claims c
   WHERE c.tenant_id = w.tenant_id AND c.id = w.id OFFSET 0) f
UNION ALL
SELECT f.* FROM unnest($5::uuid[], $6::uuid[], $7::timestamptz[]) AS w(tenant_id, content_id, starts_at), LATERAL (
  SELECT s.tenant_id, s.id, NULL::uuid FROM sessions s
   WHERE s.tenant_id = w.tenant_id AND s.content_id = w.content_id AND s.starts_at = w.starts_at OFFSET 0) f
"""  # noqa: S608 - put together from constants
LOCK_SESSIONS: Final = f"""
SELECT f.* FROM {_WANTED}, LATERAL (
  SELECT s.tenant_id, s.id FROM sessions s WHERE s.tenant_id = w.tenant_id AND s.id = w.id FOR NO KEY UPDATE%s) f
"""  # noqa: S608 - put together from constants
LOCK_RESOURCES: Final = f"""
SELECT f.* FROM {_WANTED}, LATERAL (
  SELECT r.tenant_id, r.id FROM bookable_resources r
   WHERE r.tenant_id = w.tenant_id AND r.id = w.id FOR NO KEY UPDATE%s) f
"""  # noqa: S608 - put together from constants
SESSIONS: Final = f"""
SELECT f.* FROM {_WANTED}, LATERAL (
  SELECT s.*, (SELECT jsonb_agg(jsonb_build_array(t.tier_id, t.quantity, t.taken)) FROM session_tiers t
                WHERE t.tenant_id = s.tenant_id AND t.session_id = s.id) AS tiers
  FROM sessions s WHERE s.tenant_id = w.tenant_id AND s.id = w.id OFFSET 0) f
"""  # noqa: S608 - put together from constants
_RESOURCES: Final = f"""
SELECT f.* FROM {_WANTED}, LATERAL (
  SELECT r.* FROM bookable_resources r
   WHERE r.tenant_id = w.tenant_id AND r.id = w.id AND r.deleted_at IS NULL OFFSET 0) f
"""  # noqa: S608 - put together from constants
_SEATS: Final = """
SELECT f.* FROM unnest($1::uuid[], $2::uuid[], $3::text[]) AS w(tenant_id, id, label), LATERAL (
  SELECT c.session_id, c.label FROM claim_seats c
   WHERE c.tenant_id = w.tenant_id AND c.session_id = w.id AND c.label = w.label OFFSET 0) f
"""
_CONTENTS: Final = f"""
SELECT f.* FROM {_WANTED}, LATERAL (
  SELECT c.*, (SELECT jsonb_agg(to_jsonb(t) || jsonb_build_object('price', t.price::text) ORDER BY t.sort_order)
                 FROM content_tiers t WHERE t.tenant_id = c.tenant_id AND t.content_id = c.id) AS tiers
  FROM contents c WHERE c.tenant_id = w.tenant_id AND c.id = w.id OFFSET 0) f
"""  # noqa: S608 - put together from constants
HOLDS: Final = f"""
SELECT f.* FROM {_WANTED}, LATERAL (
  SELECT h.* FROM inventory_holds h WHERE h.tenant_id = w.tenant_id AND h.id = w.id OFFSET 0) f
UNION ALL SELECT f.* FROM unnest($3::uuid[], $4::text[]) AS w(tenant_id, visitor), LATERAL (
  SELECT h.* FROM inventory_holds h WHERE h.tenant_id = w.tenant_id AND h.session_id = w.visitor OFFSET 0) f
UNION ALL SELECT f.* FROM unnest($5::uuid[], $6::uuid[]) AS w(tenant_id, id), LATERAL (
  SELECT h.* FROM inventory_holds h
   WHERE h.tenant_id = w.tenant_id AND h.occurrence_id = w.id AND h.expires_at <= $9 OFFSET 0) f
UNION ALL SELECT f.* FROM unnest($7::uuid[], $8::uuid[]) AS w(tenant_id, id), LATERAL (
  SELECT h.* FROM inventory_holds h
   WHERE h.tenant_id = w.tenant_id AND h.resource_id = w.id AND h.expires_at <= $9 OFFSET 0) f
"""  # noqa: S608 - put together from constants
CLAIMS: Final = f"""
SELECT f.* FROM {_WANTED}, LATERAL (
  SELECT c.*, p.unit, p.guests, p.held, extract(epoch FROM p.starts_at)::bigint AS start,
         extract(epoch FROM p.ends_at)::bigint AS "end", extract(epoch FROM p.free_from)::bigint AS free_from,
    (SELECT jsonb_agg(jsonb_build_array(t.tier_id, t.quantity)) FROM claim_tiers t
      WHERE t.tenant_id = c.tenant_id AND t.claim_id = c.id) AS tiers,
    (SELECT jsonb_agg(jsonb_build_array(s.tier_id, s.label)) FROM claim_seats s
      WHERE s.tenant_id = c.tenant_id AND s.claim_id = c.id) AS seats
  FROM claims c LEFT JOIN LATERAL (
    SELECT * FROM claim_places o WHERE o.tenant_id = c.tenant_id AND o.claim_id = c.id OFFSET 0) p ON true
  WHERE c.tenant_id = w.tenant_id AND c.id = w.id OFFSET 0) f
"""  # noqa: S608 - put together from constants
_ENDED_HOLDS: Final = f"""
SELECT f.* FROM {_WANTED}, LATERAL (
  SELECT c.tenant_id, c.hold_id, c.status FROM claims c
   WHERE c.tenant_id = w.tenant_id AND c.hold_id = w.id AND c.status <> 'live' ORDER BY c.created_at DESC LIMIT 1) f
"""  # noqa: S608 - put together from constants
# No stay is longer than a year: that bounds the look-up on both sides, so that no past is read.
PLACES: Final = """
SELECT f.* FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::timestamptz[]) AS w(tenant_id, id, since, until),
LATERAL (
  SELECT p.resource_id, p.claim_id, p.unit, extract(epoch FROM p.starts_at)::bigint AS start,
         extract(epoch FROM p.ends_at)::bigint AS "end", extract(epoch FROM p.free_from)::bigint AS free_from,
         p.guests, p.held
  FROM claim_places p WHERE p.tenant_id = w.tenant_id AND p.resource_id = w.id
   AND p.starts_at < w.until AND p.starts_at > w.since - interval '367 days' AND p.free_from > w.since OFFSET 0) f
"""
_OTHERS: Final = """
SELECT w.id AS beside, o.*,
  (SELECT jsonb_agg(jsonb_build_array(t.tier_id, t.quantity, t.taken)) FROM session_tiers t
    WHERE t.tenant_id = o.tenant_id AND t.session_id = o.id) AS tiers
FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::timestamptz[]) AS w(tenant_id, id, content_id, starts_at),
LATERAL (
  (SELECT s.* FROM sessions s WHERE s.tenant_id = w.tenant_id AND s.content_id = w.content_id
     AND s.starts_at >= w.starts_at AND s.starts_at > $5 AND s.id <> w.id AND s.status = 'scheduled'
   ORDER BY s.starts_at LIMIT 12)
  UNION ALL
  (SELECT s.* FROM sessions s WHERE s.tenant_id = w.tenant_id AND s.content_id = w.content_id
     AND s.starts_at < w.starts_at AND s.starts_at > $5 AND s.status = 'scheduled'
   ORDER BY s.starts_at DESC LIMIT 12)
) o
"""


def _split(keys: Iterable[Key]) -> tuple[list[UUID], list[UUID]]:
    pairs = list(keys)
    return [tenant for tenant, _ in pairs], [identity for _, identity in pairs]


def _in_order(keys: set[Key]) -> tuple[list[UUID], list[UUID]]:
    """Keys by id: the one order in which everybody locks."""
    return _split(sorted(keys, key=_identity))


def _identity(key: Key) -> UUID:
    return key[1]


async def resolve(connection: Connection, wanted: Wanted) -> None:
    """Find the sessions and resources of what is named by hold, by claim, or by content and start."""
    starts = list(wanted.starts)
    rows = await connection.fetch(
        _RESOLVE, *_split(wanted.holds), *_split(wanted.claims), [s[0] for s in starts], [s[1] for s in starts],
        [s[2] for s in starts],
    )  # fmt: skip
    for row in rows:
        if row["session_id"] is not None:
            wanted.sessions.add((row["tenant_id"], row["session_id"]))
        if row["resource_id"] is not None:
            wanted.resources.add((row["tenant_id"], row["resource_id"]))


async def lock(connection: Connection, wanted: Wanted) -> None:
    """Lock the sessions, then the resources, each sorted by id."""
    if wanted.sessions:
        await connection.execute(LOCK_SESSIONS % "", *_in_order(wanted.sessions))
    if wanted.resources:
        await connection.execute(LOCK_RESOURCES % "", *_in_order(wanted.resources))


async def lock_free(connection: Connection, wanted: Wanted) -> set[Key]:
    """Lock those sessions and resources that nobody else has locked, and tell which."""
    found: set[Key] = set()
    for sql, keys in ((LOCK_SESSIONS, wanted.sessions), (LOCK_RESOURCES, wanted.resources)):
        rows = await connection.fetch(sql % " SKIP LOCKED", *_in_order(keys)) if keys else []
        found.update((row["tenant_id"], row["id"]) for row in rows)
    return found


async def read_sessions(connection: Connection, wanted: Wanted) -> dict[UUID, Session]:
    """The locked sessions with their counters, and which of the wanted seats are taken."""
    if not wanted.sessions:
        return {}
    rows = await connection.fetch(SESSIONS, *_split(wanted.sessions))
    asked = [
        (row["tenant_id"], row["id"], label)
        for row in rows
        for label in (wanted.seats(row["id"], row["content_id"]) if wanted.labels else ())
    ]
    seats: defaultdict[UUID, set[str]] = defaultdict(set)
    if asked:
        columns = [[each[n] for each in asked] for n in range(3)]
        for row in await connection.fetch(_SEATS, *columns):
            seats[row["session_id"]].add(row["label"])
    return {row["id"]: session_of(row, seats[row["id"]]) for row in rows}


async def read_contents(connection: Connection, keys: Iterable[Key]) -> dict[UUID, Content]:
    """Contents with their tiers."""
    tenants, ids = _split(keys)
    if not ids:
        return {}
    return {row["id"]: content_of(row) for row in await connection.fetch(_CONTENTS, tenants, ids)}


async def read_calendars(connection: Connection, wanted: Wanted, contents: Iterable[Content]) -> dict[UUID, Calendar]:
    """The locked resources with what is taken of them around the wishes.

    A wish that does not say how long it lasts may last as long as its content or resource says.
    """
    if not wanted.resources:
        return {}
    rows = await connection.fetch(_RESOURCES, *_split(wanted.resources))
    resources = {row["id"]: resource_of(row) for row in rows}
    longest = max((content.duration or 0 for content in contents), default=0)
    places: defaultdict[UUID, list[Place]] = defaultdict(list)
    spans = [
        (key, span)
        for key, wishes in wanted.slots.items()
        if key[1] in resources
        for span in merged(around(wish, max(longest, resources[key[1]].default_duration)) for wish in wishes)
    ]
    if spans:
        since, until = [utc(span[0]) for _, span in spans], [utc(span[1]) for _, span in spans]
        for row in await connection.fetch(PLACES, *_split(key for key, _ in spans), since, until):
            places[row[0]].append(Place(*row[1:]))
    return {resource_id: Calendar(resource, places[resource_id]) for resource_id, resource in resources.items()}


async def read_holds(connection: Connection, wanted: Wanted, now: datetime) -> dict[UUID, asyncpg.Record]:
    """Rows of the holds that are named, that the visitors have, and that have expired on what is locked."""
    visitors = list(wanted.visitors)
    rows = await connection.fetch(
        HOLDS, *_split(wanted.holds), [v[0] for v in visitors], [v[1] for v in visitors],
        *_split(wanted.sessions), *_split(wanted.resources), now,
    )  # fmt: skip
    locked = {identity for _, identity in wanted.sessions | wanted.resources}
    return {row["id"]: row for row in rows if row["occurrence_id"] in locked or row["resource_id"] in locked}


async def read_claims(connection: Connection, keys: set[Key]) -> dict[UUID, Claim]:
    """Claims with all that they have."""
    if not keys:
        return {}
    return {row["id"]: claim_of(row) for row in await connection.fetch(CLAIMS, *_split(keys))}


def holds_with(rows: dict[UUID, asyncpg.Record], claims: dict[UUID, Claim]) -> dict[UUID, Hold]:
    """Holds whose claims are live."""
    return {
        hold_id: hold_of(row, claims[row["claim_id"]])
        for hold_id, row in rows.items()
        if row["claim_id"] in claims and claims[row["claim_id"]].status is ClaimStatus.LIVE
    }


async def read_ended(connection: Connection, keys: set[Key]) -> dict[Key, ClaimStatus]:
    """Those holds that are gone, and how their last claim ended."""
    rows = await connection.fetch(_ENDED_HOLDS, *_split(keys)) if keys else []
    return {(row["tenant_id"], row["hold_id"]): ClaimStatus(row["status"]) for row in rows}


async def read_others(connection: Connection, around: Sequence[Session], now: datetime) -> dict[UUID, list[Session]]:
    """Sessions of the same content near each of these, as a snapshot: alternatives are advice."""
    found: defaultdict[UUID, list[Session]] = defaultdict(list)
    if around:
        rows = await connection.fetch(
            _OTHERS, *_split((s.tenant_id, s.id) for s in around), [s.content_id for s in around],
            [utc(s.starts_at) for s in around], now,
        )  # fmt: skip
        for row in rows:
            found[row["beside"]].append(session_of(row, set()))
        await take_off_lapsed(connection, [other for others in found.values() for other in others])
    return dict(found)
