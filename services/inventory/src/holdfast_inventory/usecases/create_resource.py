"""Add a bookable resource."""

from decimal import Decimal

from holdfast_contracts.inventory import CreateResource, ResourceCreated
from holdfast_contracts.money import exponent
from holdfast_contracts.problems import invalid
from holdfast_contracts.public.resources import ResourceResponseDto
from holdfast_inventory.domain.local_time import utc
from holdfast_inventory.domain.stock import Stock
from holdfast_inventory.services.telling import answer, event
from holdfast_platform.units.messages import Incoming, Outcome


class CreateResourceUseCase:
    """Add a resource; zone and currency come from the tenant unless given."""

    def execute(self, given: Incoming[CreateResource], stock: Stock) -> Outcome:
        """Answer 201 with all fields. Raises 422 for an amount that its currency does not have."""
        body, tenant = given.message.body, given.message.tenant
        now = utc(stock.now)
        currency = body.currency or tenant.currency
        facts = body.model_dump(mode="python", by_alias=False) | {
            "id": given.derive("resource"),
            "tenant_id": given.tenant_id,
            "timezone": body.timezone or tenant.timezone,
            "currency": currency,
            "price": amount("price", body.price, currency),
            "price_per_hour": amount("pricePerHour", body.price_per_hour, currency),
            "schedule": body.schedule and body.schedule.model_dump(mode="json", by_alias=True, exclude_none=True),
            "created_at": now,
            "updated_at": now,
            "deleted_at": None,
            "version": 1,
        }
        stock.new_resources.append(facts)
        shown = ResourceResponseDto.model_validate(facts | {"schedule": body.schedule})
        return Outcome(answer(201, shown, 1), [event(given, ResourceCreated(resource=shown), shown.id)])


def amount(path: str, value: Decimal | None, currency: str) -> Decimal | None:
    """An amount with the decimals of its currency (ISO 4217). Raises 422 where it has more."""
    if value is None:
        return None
    exact = value.quantize(Decimal(1).scaleb(-exponent(currency)))
    if exact != value:
        raise invalid(path, f"has more decimals than {currency} has", "TOO_PRECISE")
    return exact
