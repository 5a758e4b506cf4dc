"""The directory: all tenants in memory, by id, slug and domain."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from holdfast_contracts.public.tenants import TenantDto
from holdfast_gateway.domain.tenant import Tenant, make_tenant


class TenantDirectory:
    """Knows every tenant. Filled at the start, after each change here, and every few seconds for other replicas'."""

    def __init__(self, base_domain: str | None = None) -> None:
        self._suffix = f".{base_domain.lower().lstrip('.')}" if base_domain else None
        self._by_id: dict[UUID, Tenant] = {}
        self._by_slug: dict[str, Tenant] = {}
        self._by_domain: dict[str, Tenant] = {}

    def replace(self, states: Iterable[TenantDto]) -> None:
        """Take over what the database says; an unchanged tenant keeps its object."""
        known = self._by_id
        tenants = [self._kept(known.get(state.id), state) for state in states]
        self._by_id = {tenant.id: tenant for tenant in tenants}
        self._by_slug = {tenant.state.slug: tenant for tenant in tenants}
        self._by_domain = {domain: tenant for tenant in tenants for domain in tenant.state.domains}

    @staticmethod
    def _kept(known: Tenant | None, state: TenantDto) -> Tenant:
        return known if known is not None and known.state == state else make_tenant(state)

    def all(self) -> list[Tenant]:
        """Return every tenant."""
        return list(self._by_id.values())

    def by_id(self, tenant_id: UUID) -> Tenant | None:
        """Return the tenant of an id."""
        return self._by_id.get(tenant_id)

    def by_slug(self, slug: str) -> Tenant | None:
        """Return the tenant of a slug."""
        return self._by_slug.get(slug)

    def by_host(self, host: str) -> Tenant | None:
        """Return the tenant of a host: its custom domain, else its name under the base domain."""
        if not self._by_domain and self._suffix is None:
            return None
        name = host.rsplit(":", 1)[0].lower().rstrip(".") if not host.startswith("[") else host
        if (tenant := self._by_domain.get(name)) is not None:
            return tenant
        if self._suffix is not None and name.endswith(self._suffix):
            return self._by_slug.get(name.removesuffix(self._suffix))
        return None
