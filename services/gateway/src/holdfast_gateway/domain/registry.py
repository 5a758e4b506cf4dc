"""The tenants that a batch of changes concerns, and the rules of changing them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from holdfast_contracts.problems import ProblemCode, Refusal, not_found
from holdfast_contracts.public.tenants import CreateTenantDto, TenantDto, TenantSettings, UpdateTenantDto


@dataclass(slots=True)
class Registry:
    """What is known of tenants, slugs and domains, and what a batch changed. `now` is the database's clock."""

    now: datetime
    tenants: dict[UUID, TenantDto] = field(default_factory=dict)
    domains: dict[str, UUID] = field(default_factory=dict)
    added: list[TenantDto] = field(default_factory=list)
    changed: dict[UUID, TenantDto] = field(default_factory=dict)

    def add(self, tenant_id: UUID, wish: CreateTenantDto) -> TenantDto:
        """Add a tenant. Raises Refusal: SLUG_TAKEN, DOMAIN_TAKEN."""
        if any(tenant.slug == wish.slug for tenant in self.tenants.values()):
            raise Refusal(ProblemCode.SLUG_TAKEN, f"Another tenant has the slug {wish.slug}.")
        self._refuse_taken_domains(tenant_id, wish.domains)
        tenant = TenantDto(
            id=tenant_id,
            slug=wish.slug,
            name=wish.name,
            timezone=wish.timezone,
            currency=wish.currency,
            status=wish.status,
            domains=_each_once(wish.domains),
            settings=wish.settings,
            created_at=self.now,
            updated_at=self.now,
            version=1,
        )
        self._remember(tenant)
        self.added.append(tenant)
        return tenant

    def change(self, tenant_id: UUID, wish: UpdateTenantDto, if_match: int | None) -> TenantDto:
        """Change what was sent. Raises Refusal: 404, VERSION_MISMATCH, DOMAIN_TAKEN."""
        tenant = self.tenants.get(tenant_id)
        if tenant is None:
            raise not_found("tenant")
        if if_match is not None and if_match != tenant.version:
            raise Refusal(ProblemCode.VERSION_MISMATCH, f"The tenant is at version {tenant.version}.")
        wanted = {name: getattr(wish, name) for name in wish.model_fields_set if getattr(wish, name) is not None}
        if wish.settings is not None:
            wanted["settings"] = _merged(tenant.settings, wish.settings)
        if "domains" in wanted:
            wanted["domains"] = _each_once(wanted["domains"])
            self._refuse_taken_domains(tenant_id, wanted["domains"])
        if all(getattr(tenant, name) == value for name, value in wanted.items()):
            return tenant
        changed = tenant.model_copy(update={**wanted, "updated_at": self.now, "version": tenant.version + 1})
        self._remember(changed)
        self.changed[tenant_id] = changed
        return changed

    def _refuse_taken_domains(self, tenant_id: UUID, domains: Iterable[str]) -> None:
        for domain in domains:
            if self.domains.get(domain, tenant_id) != tenant_id:
                raise Refusal(ProblemCode.DOMAIN_TAKEN, f"Another tenant has the domain {domain}.")

    def _remember(self, tenant: TenantDto) -> None:
        self.tenants[tenant.id] = tenant
        self.domains = {domain: owner for domain, owner in self.domains.items() if owner != tenant.id}
        self.domains.update(dict.fromkeys(tenant.domains, tenant.id))


def _merged(settings: TenantSettings, wish: TenantSettings) -> TenantSettings:
    """Return the settings with what was sent of them."""
    return settings.model_copy(update={name: getattr(wish, name) for name in wish.model_fields_set})


def _each_once(domains: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(domains))
