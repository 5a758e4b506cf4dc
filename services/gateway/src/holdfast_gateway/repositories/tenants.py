"""Tenants in the database: read for the directory and the routes, written by the unit of work."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import asyncpg

from holdfast_contracts.public.tenants import TenantDto, TenantSettings
from holdfast_gateway.domain.registry import Registry
from holdfast_gateway.tables import tenant_domains, tenants
from holdfast_platform.database.pool import Connection, Database
from holdfast_platform.database.writing import Writes

_SELECT: Final = """
SELECT t.id, t.slug, t.name, t.timezone, t.currency, t.status, t.settings::text AS settings, t.created_at, t.updated_at,
       t.version,
       coalesce((SELECT array_agg(d.domain ORDER BY d.position) FROM tenant_domains d WHERE d.tenant_id = t.id), '{}')
       AS domains
FROM tenants t
"""
_LEAVE_DOMAINS: Final = "DELETE FROM tenant_domains WHERE tenant_id = ANY($1::uuid[])"
_LOCK: Final = "SELECT id FROM tenants WHERE id = ANY($1::uuid[]) ORDER BY id FOR NO KEY UPDATE"


def _tenant(row: asyncpg.Record) -> TenantDto:
    settings = TenantSettings.model_validate_json(row["settings"])
    return TenantDto.model_validate({**dict(row), "id": plain_uuid(row["id"]), "settings": settings})


def plain_uuid(value: UUID) -> UUID:
    """Return the standard library's UUID for the driver's own kind, which others cannot encode."""
    return UUID(int=value.int)


class TenantRepository:
    """Reads tenants, all of them: the platform's view, in the role that may see it."""

    def __init__(self, sweeper: Database) -> None:
        self._database = sweeper

    async def ids(self) -> list[UUID]:
        """Return the id of every tenant, sorted."""
        async with self._database.connection() as connection:
            return [plain_uuid(row["id"]) for row in await connection.fetch("SELECT id FROM tenants ORDER BY id")]

    async def all(self) -> list[TenantDto]:
        """Return every tenant."""
        async with self._database.connection() as connection:
            return [_tenant(row) for row in await connection.fetch(_SELECT)]

    async def find(self, tenant_id: UUID) -> TenantDto | None:
        """Return one tenant."""
        async with self._database.connection() as connection:
            row = await connection.fetchrow(f"{_SELECT} WHERE t.id = $1", tenant_id)
        return _tenant(row) if row is not None else None

    async def page(self, page: int, limit: int) -> tuple[list[TenantDto], int]:
        """Return a page of tenants, oldest first, and how many there are."""
        async with self._database.connection() as connection:
            rows = await connection.fetch(
                f"{_SELECT} ORDER BY t.created_at, t.id LIMIT $1 OFFSET $2", limit, (page - 1) * limit
            )
            total = await connection.fetchval("SELECT count(*) FROM tenants")
        return [_tenant(row) for row in rows], total


async def locked_tenants(connection: Connection, tenant_ids: Sequence[UUID]) -> list[TenantDto]:
    """Lock tenants, sorted, then return them as they are: in a later statement, which sees whom the lock waited for."""
    await connection.execute(_LOCK, tenant_ids)
    return [_tenant(row) for row in await connection.fetch(f"{_SELECT} WHERE t.id = ANY($1::uuid[])", tenant_ids)]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a batch of changes is about."""

    tenants: Sequence[UUID]
    slugs: Sequence[str]
    domains: Sequence[str]


class RegistryRepository:
    """Locks, reads and writes the tenants that a batch of changes is about."""

    async def lock(self, connection: Connection, visible: Iterable[UUID], concerned: Sequence[UUID]) -> None:
        """Let the transaction see these tenants, and lock those it is about, sorted."""
        listed = ",".join(str(tenant_id) for tenant_id in visible)
        await connection.execute("SELECT set_config('app.tenant_ids', $1, true)", f"{{{listed}}}")
        await connection.execute(_LOCK, concerned)

    async def load(self, connection: Connection, wanted: Wanted, now: datetime) -> Registry:
        """Read the tenants, and who has the slugs and domains that are wanted."""
        concerned = list(wanted.tenants)
        rows = await connection.fetch(
            f"{_SELECT} WHERE t.id = ANY($1::uuid[]) OR t.slug = ANY($2::text[])", concerned, list(wanted.slugs)
        )
        owners = await connection.fetch(
            "SELECT domain, tenant_id FROM tenant_domains "
            "WHERE domain = ANY($1::text[]) OR tenant_id = ANY($2::uuid[])",
            list(wanted.domains),
            concerned,
        )
        return Registry(
            now.replace(microsecond=0),
            {row["id"]: _tenant(row) for row in rows},
            {row["domain"]: row["tenant_id"] for row in owners},
        )

    def flush(self, writes: Writes, state: Registry) -> None:
        """Say what was added and changed; a slug or domain that another process took meanwhile fails the batch."""
        added = [state.changed.pop(tenant.id, tenant) for tenant in state.added]
        changed = list(state.changed.values())
        writes.insert(tenants, [_row(one) for one in added])
        writes.update(tenants, [_row(one) for one in changed], keys=("id",))
        if changed:
            writes.add(_LEAVE_DOMAINS, [[one.id for one in changed]], None, "domains left")
            writes.after()
        writes.insert(tenant_domains, _domain_rows([*added, *changed]))


def _row(tenant: TenantDto) -> dict[str, object]:
    return {
        "id": tenant.id,
        "slug": tenant.slug,
        "name": tenant.name,
        "timezone": tenant.timezone,
        "currency": tenant.currency,
        "status": tenant.status,
        "settings": tenant.settings.model_dump(mode="json", by_alias=True, exclude_none=True),
        "created_at": tenant.created_at,
        "updated_at": tenant.updated_at,
        "version": tenant.version,
    }


def _domain_rows(changed: Sequence[TenantDto]) -> list[dict[str, object]]:
    return [
        {"domain": domain, "tenant_id": tenant.id, "position": position}
        for tenant in changed
        for position, domain in enumerate(tenant.domains)
    ]
