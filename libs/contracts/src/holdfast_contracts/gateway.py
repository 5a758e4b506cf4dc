"""Messages of the gateway, who owns tenants."""

from __future__ import annotations

from uuid import UUID

from holdfast_contracts.message import Message
from holdfast_contracts.public.tenants import CreateTenantDto, TenantDto, UpdateTenantDto


class TenantChanged(Message):
    """A tenant as it is now; published at each change and again every hour (compacted topic)."""

    tenant: TenantDto


class CreateTenant(Message):
    """Add a tenant. Decided in the gateway itself; never travels."""

    body: CreateTenantDto


class UpdateTenant(Message):
    """Change a tenant. Decided in the gateway itself; never travels."""

    tenant_id: UUID
    body: UpdateTenantDto
    if_match: int | None = None


EVENTS: tuple[type[Message], ...] = (TenantChanged,)
