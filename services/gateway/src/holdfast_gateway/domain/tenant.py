"""A tenant as the gateway keeps it in memory: its facts ready to travel in every command."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from holdfast_contracts.enums import AssetLinks, TenantStatus
from holdfast_contracts.message import TenantFacts
from holdfast_contracts.public.tenants import TenantDto

OPEN_STATUSES: Final = frozenset({TenantStatus.ACTIVE, TenantStatus.PENDING})
"""Only these are served [spec/07]: a suspended or closed tenant answers like one that does not exist."""


@dataclass(frozen=True, slots=True)
class Tenant:
    """One business; `facts_json` is what every command of its callers carries, `id_text` its id."""

    state: TenantDto
    facts: TenantFacts
    facts_json: bytes
    id_text: str

    @property
    def id(self) -> UUID:
        """The tenant's id."""
        return self.state.id

    @property
    def is_open(self) -> bool:
        """Whether it is served at all."""
        return self.state.status in OPEN_STATUSES

    @property
    def opens_assets_by_id(self) -> bool:
        """Whether a bare booking id opens an asset, without a signature."""
        return self.state.settings.asset_links is AssetLinks.OPEN


def make_tenant(state: TenantDto) -> Tenant:
    """Return the tenant of its row; the first domain is the one that links and calendars show."""
    facts = TenantFacts(
        id=state.id,
        slug=state.slug,
        name=state.name,
        domain=state.domains[0] if state.domains else None,
        timezone=state.timezone,
        currency=state.currency,
        policies=state.settings.policies,
    )
    return Tenant(state, facts, facts.encode(), str(state.id))
