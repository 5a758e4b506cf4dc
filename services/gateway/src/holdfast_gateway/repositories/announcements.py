"""Publishes the state of tenants again, so that the compacted topic heals by itself [spec/10, Events]."""

from __future__ import annotations

from collections.abc import Sequence

from holdfast_contracts.gateway import TenantChanged
from holdfast_contracts.ids import new_id
from holdfast_contracts.public.tenants import TenantDto
from holdfast_contracts.topics import TENANT_EVENTS
from holdfast_platform.database.pool import Database
from holdfast_platform.outbox import store as outbox
from holdfast_platform.units.messages import Incoming, Outgoing


async def announce_again(consumer: Database, source: str, tenants: Sequence[TenantDto]) -> None:
    """Write one event for each tenant into the outbox."""
    if not tenants:
        return
    rows = []
    for tenant in tenants:
        message = TenantChanged(tenant=tenant)
        cause = Incoming(new_id(), tenant.id, message)
        event = Outgoing(TENANT_EVENTS, str(tenant.id), message, cause.derive("TenantChanged"))
        rows.append(outbox.event_row(source, event, cause))
    async with consumer.batch({tenant.id for tenant in tenants}) as connection:
        await outbox.write(connection, rows)
