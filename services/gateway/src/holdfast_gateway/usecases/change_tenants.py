"""Add and change tenants; decided in memory, written by the unit of work like every command."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from holdfast_contracts import envelope
from holdfast_contracts.gateway import CreateTenant, TenantChanged, UpdateTenant
from holdfast_contracts.public.tenants import TenantDto
from holdfast_contracts.topics import TENANT_EVENTS
from holdfast_gateway.domain.registry import Registry
from holdfast_platform.units.messages import Answer, Incoming, Outcome, Outgoing

PLATFORM: Final = UUID(int=0)
"""Whose inbox the platform's own commands are in: they are no tenant's."""


def tenant_id_of(given: Incoming[Any]) -> UUID:
    """Return the id of the tenant that a command makes or changes."""
    return given.message.tenant_id if isinstance(given.message, UpdateTenant) else given.derive("tenant")


def tenant_body(tenant: TenantDto) -> bytes:
    """Return a tenant as it is shown."""
    return tenant.__pydantic_serializer__.to_json(tenant, by_alias=True)


class CreateTenantUseCase:
    """Add a tenant, or say that its slug or domain is taken."""

    def execute(self, given: Incoming[CreateTenant], registry: Registry) -> Outcome:
        """Decide one command. Raises Refusal."""
        tenant = registry.add(tenant_id_of(given), given.message.body)
        return Outcome(_answer(201, tenant), [_changed(given, tenant)])


class UpdateTenantUseCase:
    """Change a tenant; what was not sent stays."""

    def execute(self, given: Incoming[UpdateTenant], registry: Registry) -> Outcome:
        """Decide one command. Raises Refusal."""
        message = given.message
        before = registry.tenants.get(message.tenant_id)
        tenant = registry.change(message.tenant_id, message.body, message.if_match)
        return Outcome(_answer(200, tenant), [] if tenant is before else [_changed(given, tenant)])


def _answer(status: int, tenant: TenantDto) -> Answer:
    return Answer(status, tenant_body(tenant), f'"{tenant.version}"')


def _changed(given: Incoming[Any], tenant: TenantDto) -> Outgoing:
    return Outgoing(
        topic=TENANT_EVENTS,
        key=str(tenant.id),
        message=TenantChanged(tenant=tenant),
        id=given.derive("TenantChanged", tenant.id, tenant.version),
        headers={envelope.CE_TENANT: str(tenant.id)},
    )
