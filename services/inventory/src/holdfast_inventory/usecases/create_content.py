"""Add a content with its tiers."""

from decimal import Decimal
from typing import Any

from pydantic import BaseModel

from holdfast_contracts.enums import BookingMode, TierKind
from holdfast_contracts.inventory import ContentCreated, CreateContent
from holdfast_contracts.problems import invalid
from holdfast_contracts.public.contents import ContentResponseDto, TierDto
from holdfast_inventory.domain.local_time import utc
from holdfast_inventory.domain.stock import Stock
from holdfast_inventory.services.telling import answer, event
from holdfast_inventory.usecases.create_resource import amount
from holdfast_platform.units.messages import Incoming, Outcome


class CreateContentUseCase:
    """Add a content; the zone and the currency of its tiers come from the tenant unless given."""

    def execute(self, given: Incoming[CreateContent], stock: Stock) -> Outcome:
        """Answer 201 with all fields and an id for each tier. Raises 422 for tiers that cannot be."""
        body, tenant = given.message.body, given.message.tenant
        now = utc(stock.now)
        if body.tiers and body.mode != BookingMode.SESSION:
            raise invalid("tiers", f"a content of mode {body.mode} has no tiers", "WRONG_MODE")
        tiers = [_tier(given, number, tier) for number, tier in enumerate(body.tiers)]
        _one_currency(tiers)
        facts = body.model_dump(mode="python", by_alias=False) | {
            "id": given.derive("content"),
            "tenant_id": given.tenant_id,
            "timezone": body.timezone or tenant.timezone,
            "price_rules": [
                rule.model_dump(mode="json", by_alias=True, exclude_none=True) for rule in body.price_rules
            ],
            "policies": _document(body.policies),
            "restrictions": _document(body.restrictions),
            "tiers": tiers,
            "created_at": now,
            "updated_at": now,
            "version": 1,
        }
        stock.new_contents.append(facts)
        own = {"price_rules": body.price_rules, "policies": body.policies, "restrictions": body.restrictions}
        shown = ContentResponseDto.model_validate(facts | own)
        return Outcome(answer(201, shown, 1), [event(given, ContentCreated(content=shown), shown.id)])


def _document(part: BaseModel) -> dict[str, Any]:
    return part.model_dump(mode="json", by_alias=True, exclude_none=True)


def _tier(given: Incoming[CreateContent], number: int, tier: TierDto) -> dict[str, Any]:
    """A tier with the server's id. A tier that is paid needs a price; others have none unless given."""
    path = f"tiers[{number}]"
    if tier.id is not None:
        raise invalid(f"{path}.id", "is made by the server", "NOT_ALLOWED")
    if tier.price is None and tier.kind is TierKind.PAID:
        raise invalid(f"{path}.price", "is needed for a paid tier", "REQUIRED")
    currency = tier.currency or given.message.tenant.currency
    return tier.model_dump(mode="python", by_alias=False) | {
        "id": given.derive("tier", number),
        "currency": currency,
        "price": amount(f"{path}.price", tier.price or Decimal(0), currency),
    }


def _one_currency(tiers: list[dict[str, Any]]) -> None:
    """A price has one currency, so all tiers of a content have the same."""
    for number, tier in enumerate(tiers):
        if tier["currency"] != tiers[0]["currency"]:
            raise invalid(f"tiers[{number}].currency", "differs from that of the first tier", "MIXED_CURRENCIES")
