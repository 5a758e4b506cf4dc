"""Signing keys of tenants: made with a tenant's first ticket, public parts remembered, private parts sealed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final
from uuid import UUID

from holdfast_platform.database.pool import Connection, Database
from holdfast_platform.database.writing import Writes
from holdfast_tickets.ports import KeyMaker, PayloadSigner
from holdfast_tickets.tables import signing_keys

FIRST_NUMBER: Final = 1
_MOST_REMEMBERED: Final = 10_000
_PUBLIC: Final = "SELECT tenant_id, number, public_key FROM signing_keys WHERE tenant_id = ANY($1::uuid[])"
_SEALED: Final = "SELECT number, sealed_seed FROM signing_keys WHERE tenant_id = $1 AND number = ANY($2::int[])"

PublicKeys = dict[tuple[UUID, int], bytes]


class SigningKeyRepository:
    """Keys never change once made, so what was read is remembered for the life of the process."""

    def __init__(self, maker: KeyMaker) -> None:
        self._maker = maker
        self._known: PublicKeys = {}
        self._signers: dict[tuple[UUID, int], PayloadSigner] = {}

    async def of_batch(
        self, connection: Connection, issuers: Iterable[UUID], verified: Iterable[tuple[UUID, int]], now: datetime
    ) -> PublicKeys:
        """Return the public keys that a batch needs; a tenant that issues for the first time gets one now.

        No statement where all are known; one to read, and two more for first keys.
        """
        issuing, asked = set(issuers), set(verified)
        tenants = {tenant for tenant, _ in asked} | issuing
        known = {tenant for tenant, _ in self._known}
        if issuing - known or asked - self._known.keys():
            keys = await self._read(connection, tenants)
            self._remember(keys)
            homeless = issuing - {tenant for tenant, _ in keys}
            if homeless:
                await self._make(connection, sorted(homeless), now)
                return await self._read(connection, tenants)  # not remembered: not yet committed
            return keys
        return {key: public for key, public in self._known.items() if key[0] in tenants}

    async def signers(self, database: Database, tenant_id: UUID, numbers: Iterable[int]) -> dict[int, PayloadSigner]:
        """Return the signers of a tenant's keys, for printing."""
        wanted = set(numbers)
        missing = sorted(number for number in wanted if (tenant_id, number) not in self._signers)
        if missing:
            async with database.tenant(tenant_id) as connection:
                rows = await connection.fetch(_SEALED, tenant_id, missing)
            for row in rows:
                signer = self._maker.open(row["sealed_seed"], tenant_id, row["number"])
                self._signers[tenant_id, row["number"]] = signer
        return {number: self._signers[tenant_id, number] for number in wanted}

    def _remember(self, keys: PublicKeys) -> None:
        if len(self._known) > _MOST_REMEMBERED:
            self._known.clear()
        self._known.update(keys)

    async def _read(self, connection: Connection, tenants: set[UUID]) -> PublicKeys:
        rows = await connection.fetch(_PUBLIC, sorted(tenants))
        return {(row["tenant_id"], row["number"]): row["public_key"] for row in rows}

    async def _make(self, connection: Connection, tenants: list[UUID], now: datetime) -> None:
        made = [(tenant, self._maker.make(tenant, FIRST_NUMBER)) for tenant in tenants]
        rows = [
            {
                "tenant_id": tenant,
                "number": FIRST_NUMBER,
                "public_key": key.public,
                "sealed_seed": key.sealed,
                "created_at": now,
            }
            for tenant, key in made
        ]
        # Two services may make a tenant's first key at once: whoever commits first made it, both read that one.
        writes = Writes()
        writes.insert(signing_keys, rows, on_conflict="ON CONFLICT DO NOTHING", exact=False)
        await writes.send(connection)
