"""Publishes the state of tenants again, so that the compacted topic heals by itself [spec/10, Events]."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from holdfast_contracts.gateway import TenantChanged
from holdfast_contracts.ids import new_id
from holdfast_contracts.public.tenants import TenantDto
from holdfast_contracts.topics import TENANT_EVENTS
from holdfast_gateway.repositories.tenants import locked_tenants
from holdfast_platform.database.pool import Database
from holdfast_platform.database.writing import Writes
from holdfast_platform.outbox import store as outbox
from holdfast_platform.outbox.store import OutboxRow
from holdfast_platform.units.messages import Incoming, Outgoing


async def announce_again(consumer: Database, source: str, tenant_ids: Sequence[UUID]) -> None:
    """Write one event for each of these tenants into the outbox, with what it is under the lock of its row.

    A change that is under way is waited for and told as it became; one that comes later waits, and so gets the higher
    place in the outbox: nobody hears an older version after a newer one.
    """
    if not tenant_ids:
        return
    async with consumer.batch(tenant_ids) as connection:
        tenants = await locked_tenants(connection, tenant_ids)
        writes = Writes()
        outbox.write(writes, [_row(source, tenant) for tenant in tenants])
        await writes.send(connection)


def _row(source: str, tenant: TenantDto) -> OutboxRow:
    message = TenantChanged(tenant=tenant)
    cause = Incoming(new_id(), tenant.id, message)
    return outbox.event_row(
        source, Outgoing(TENANT_EVENTS, str(tenant.id), message, cause.derive("TenantChanged")), cause
    )
