"""Reads what availability needs: in a constant number of statements, however many resources, days and claims."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from holdfast_inventory.domain.calendar import Calendar
from holdfast_inventory.domain.content import Content
from holdfast_inventory.domain.local_time import utc
from holdfast_inventory.domain.place import Interval, Place
from holdfast_inventory.domain.session import Session
from holdfast_inventory.repositories.catalog import SESSION_TIERS, find_content
from holdfast_inventory.repositories.lapsed import take_off_lapsed
from holdfast_inventory.repositories.rows import resource_of, session_of
from holdfast_inventory.repositories.stock_reading import PLACES
from holdfast_platform.database.pool import Connection, Database

_RESOURCES: Final = """
SELECT r.* FROM bookable_resources r
WHERE r.tenant_id = $1 AND r.id = ANY($2::uuid[]) AND r.deleted_at IS NULL ORDER BY r.sort_order, r.id
"""
# Holds that have expired take nothing any more, swept or not (I8).
_PLACES: Final = f"""
SELECT p.* FROM ({PLACES}) p WHERE NOT EXISTS (
  SELECT FROM inventory_holds h WHERE p.held AND h.tenant_id = $5 AND h.claim_id = p.claim_id
     AND h.expires_at <= clock_timestamp())
"""  # noqa: S608 - put together from constants
_SESSIONS: Final = f"""
SELECT s.*, {SESSION_TIERS} FROM sessions s
WHERE s.tenant_id = $1 AND s.content_id = $2 AND s.starts_at >= $3 AND s.starts_at < $4
ORDER BY s.starts_at, s.id LIMIT $5
"""  # noqa: S608 - put together from constants


@dataclass(frozen=True, slots=True)
class Candidates:
    """Calendars of the resources that could serve, and the database clock at which they were read."""

    now: datetime
    calendars: Sequence[Calendar]


class AvailabilityRepository:
    """Reads of one tenant, on the primary; no call to anybody outside."""

    def __init__(self, requests: Database) -> None:
        self._requests = requests

    async def content(self, tenant_id: UUID, content_id: UUID) -> Content | None:
        """A content, None where there is no such."""
        async with self._requests.tenant(tenant_id) as connection:
            return await find_content(connection, tenant_id, content_id)

    async def calendars(self, tenant_id: UUID, resource_ids: Sequence[UUID], span: Interval) -> Candidates:
        """Calendars of resources with what is taken of them in a span, by the database's clock."""
        async with self._requests.tenant(tenant_id) as connection:
            now = await connection.fetchval("SELECT clock_timestamp()")
            rows = await connection.fetch(_RESOURCES, tenant_id, list(resource_ids))
            places = await _places(connection, tenant_id, [row["id"] for row in rows], span)
        calendars = [Calendar(resource_of(row), places[row["id"]]) for row in rows]
        return Candidates(now, calendars)

    async def sessions(
        self, tenant_id: UUID, content_id: UUID, span: Interval, most: int
    ) -> tuple[datetime, list[Session]]:
        """Sessions that start in a span, without what expired holds still count, and the database's clock."""
        async with self._requests.tenant(tenant_id) as connection:
            now = await connection.fetchval("SELECT clock_timestamp()")
            rows = await connection.fetch(_SESSIONS, tenant_id, content_id, utc(span.start), utc(span.end), most)
            found = [session_of(row, set()) for row in rows]
            await take_off_lapsed(connection, found)
        return now, found


async def _places(
    connection: Connection, tenant_id: UUID, resource_ids: list[UUID], span: Interval
) -> dict[UUID, list[Place]]:
    found: defaultdict[UUID, list[Place]] = defaultdict(list)
    many = len(resource_ids)
    arrays = [tenant_id] * many, resource_ids, [utc(span.start)] * many, [utc(span.end)] * many
    for row in await connection.fetch(_PLACES, *arrays, tenant_id):
        found[row[0]].append(Place(*row[1:]))
    return found
