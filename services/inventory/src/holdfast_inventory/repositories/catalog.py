"""Reads resources, contents and sessions for answers; a constant number of statements each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

import asyncpg

from holdfast_contracts.money import exponent
from holdfast_contracts.public.contents import ContentResponseDto
from holdfast_contracts.public.resources import ResourceResponseDto
from holdfast_inventory.domain.content import Content
from holdfast_inventory.domain.pricing import rounded
from holdfast_inventory.domain.session import Session
from holdfast_inventory.repositories.lapsed import take_off_lapsed
from holdfast_inventory.repositories.rows import content_of, session_of
from holdfast_platform.database.pool import Connection, Database

TIERS: Final = """
(SELECT jsonb_agg(to_jsonb(t) || jsonb_build_object('price', t.price::text) ORDER BY t.sort_order)
   FROM content_tiers t WHERE t.tenant_id = c.tenant_id AND t.content_id = c.id) AS tiers
"""
SESSION_TIERS: Final = """
(SELECT jsonb_agg(jsonb_build_array(t.tier_id, t.quantity, t.taken)) FROM session_tiers t
  WHERE t.tenant_id = s.tenant_id AND t.session_id = s.id) AS tiers
"""
# One row more than a page may be needed to tell the total of an empty page, hence the outer join.
_RESOURCES: Final = """
WITH found AS (
  SELECT r.* FROM bookable_resources r WHERE r.tenant_id = $1 AND r.deleted_at IS NULL
    AND ($2::uuid IS NULL OR r.category_id = $2) AND ($3::text[] IS NULL OR r.type = ANY($3))
    AND ($4::text[] IS NULL OR r.status = ANY($4)) AND ($5::text IS NULL OR $5 = ANY(r.skills))
    AND ($6::text IS NULL OR r.name ILIKE $6 OR r.short_name ILIKE $6 OR r.description ILIKE $6)
), page AS (SELECT * FROM found ORDER BY sort_order, name, id LIMIT $7 OFFSET $8)
SELECT (SELECT count(*) FROM found) AS total, page.* FROM (SELECT) one LEFT JOIN page ON true
"""
_RESOURCE: Final = "SELECT * FROM bookable_resources WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NULL"
_CONTENT: Final = f"SELECT c.*, {TIERS} FROM contents c WHERE c.tenant_id = $1 AND c.id = $2"  # noqa: S608 - constants
_CONTENTS: Final = f"""
WITH found AS (
  SELECT c.* FROM contents c WHERE c.tenant_id = $1
    AND ($2::text[] IS NULL OR c.kind = ANY($2)) AND ($3::text[] IS NULL OR c.mode = ANY($3))
    AND ($4::text[] IS NULL OR c.status = ANY($4)) AND ($5::text IS NULL OR c.title ILIKE $5 OR c.description ILIKE $5)
), page AS (SELECT c.*, {TIERS} FROM found c ORDER BY c.created_at, c.id LIMIT $6 OFFSET $7)
SELECT (SELECT count(*) FROM found) AS total, page.* FROM (SELECT) one LEFT JOIN page ON true ORDER BY created_at, id
"""  # noqa: S608 - put together from constants
_SESSIONS: Final = f"""
WITH found AS (
  SELECT s.* FROM sessions s WHERE s.tenant_id = $1 AND s.content_id = $2
    AND ($3::timestamptz IS NULL OR s.starts_at >= $3) AND ($4::timestamptz IS NULL OR s.starts_at < $4)
    AND ($5::text[] IS NULL OR s.status = ANY($5))
), page AS (SELECT s.*, {SESSION_TIERS} FROM found s ORDER BY s.starts_at, s.id LIMIT $6 OFFSET $7)
SELECT (SELECT count(*) FROM found) AS total, page.* FROM (SELECT) one LEFT JOIN page ON true ORDER BY starts_at, id
"""  # noqa: S608 - put together from constants


@dataclass(frozen=True, slots=True)
class ResourceFilter:
    """What a list of resources is narrowed to; None is everything."""

    category_id: UUID | None = None
    types: Sequence[str] | None = None
    statuses: Sequence[str] | None = None
    skill: str | None = None
    search: str | None = None


@dataclass(frozen=True, slots=True)
class ContentFilter:
    """What a list of contents is narrowed to; None is everything."""

    kinds: Sequence[str] | None = None
    modes: Sequence[str] | None = None
    statuses: Sequence[str] | None = None
    search: str | None = None


@dataclass(frozen=True, slots=True)
class SessionFilter:
    """What a list of sessions is narrowed to: starts in `[since, until)`; None is everything."""

    since: datetime | None = None
    until: datetime | None = None
    statuses: Sequence[str] | None = None


@dataclass(frozen=True, slots=True)
class Slice:
    """Which page of a list, from 1, and how many to a page."""

    page: int
    limit: int

    @property
    def offset(self) -> int:
        """How many come before it."""
        return (self.page - 1) * self.limit


@dataclass(frozen=True, slots=True)
class SessionRead:
    """A session with what its answer needs besides."""

    session: Session
    created_at: datetime
    updated_at: datetime
    version: int


class CatalogRepository:
    """Reads of one tenant, on the primary: a caller sees their own completed writes (I13)."""

    def __init__(self, requests: Database) -> None:
        self._requests = requests

    async def resource(self, tenant_id: UUID, resource_id: UUID) -> ResourceResponseDto | None:
        """One resource, None where there is no such."""
        async with self._requests.tenant(tenant_id) as connection:
            row = await connection.fetchrow(_RESOURCE, tenant_id, resource_id)
        return None if row is None else shown_resource(row)

    async def resources(
        self, tenant_id: UUID, only: ResourceFilter, part: Slice
    ) -> tuple[list[ResourceResponseDto], int]:
        """A page of resources by `sortOrder` and name, and how many there are."""
        async with self._requests.tenant(tenant_id) as connection:
            rows = await connection.fetch(
                _RESOURCES, tenant_id, only.category_id, only.types, only.statuses, only.skill, like(only.search),
                part.limit, part.offset,
            )  # fmt: skip
        return [shown_resource(row) for row in rows if row["id"] is not None], rows[0]["total"]

    async def content(self, tenant_id: UUID, content_id: UUID) -> ContentResponseDto | None:
        """One content with its tiers, None where there is no such."""
        async with self._requests.tenant(tenant_id) as connection:
            row = await connection.fetchrow(_CONTENT, tenant_id, content_id)
        return None if row is None else shown_content(row)

    async def contents(self, tenant_id: UUID, only: ContentFilter, part: Slice) -> tuple[list[ContentResponseDto], int]:
        """A page of contents, oldest first, and how many there are."""
        async with self._requests.tenant(tenant_id) as connection:
            rows = await connection.fetch(
                _CONTENTS, tenant_id, only.kinds, only.modes, only.statuses, like(only.search), part.limit, part.offset
            )
        return [shown_content(row) for row in rows if row["id"] is not None], rows[0]["total"]

    async def sessions(
        self, tenant_id: UUID, content_id: UUID, only: SessionFilter, part: Slice
    ) -> tuple[Content, list[SessionRead], int] | None:
        """The content, a page of its sessions by start, and how many there are; None for an unknown content."""
        async with self._requests.tenant(tenant_id) as connection:
            content = await find_content(connection, tenant_id, content_id)
            rows = await connection.fetch(
                _SESSIONS, tenant_id, content_id, only.since, only.until, only.statuses, part.limit, part.offset
            )
            found = [_session_read(row) for row in rows if row["id"] is not None]
            await take_off_lapsed(connection, [read.session for read in found])
        return None if content is None else (content, found, rows[0]["total"])


def _session_read(row: asyncpg.Record) -> SessionRead:
    return SessionRead(session_of(row, set()), row["created_at"], row["updated_at"], row["version"])


async def find_content(connection: Connection, tenant_id: UUID, content_id: UUID) -> Content | None:
    """A content as a domain object."""
    row = await connection.fetchrow(_CONTENT, tenant_id, content_id)
    return None if row is None else content_of(row)


def like(text: str | None) -> str | None:
    """A pattern that finds the text anywhere, taken literally."""
    if text is None:
        return None
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def shown_resource(row: asyncpg.Record) -> ResourceResponseDto:
    """A resource as it is answered."""
    facts = dict(row)
    for name in ("price", "price_per_hour"):
        if facts[name] is not None:
            facts[name] = rounded(facts[name], exponent(facts["currency"]))
    return ResourceResponseDto.model_validate(facts)


def shown_content(row: asyncpg.Record) -> ContentResponseDto:
    """A content as it is answered."""
    tiers = [_shown_tier(tier) for tier in row["tiers"] or ()]
    return ContentResponseDto.model_validate(dict(row) | {"tiers": tiers})


def _shown_tier(tier: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**tier, "price": rounded(Decimal(tier["price"]), exponent(tier["currency"]))}
