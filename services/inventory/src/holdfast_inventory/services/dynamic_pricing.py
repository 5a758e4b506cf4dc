"""Dynamic pricing: what a wish costs now, rule by rule [spec/04, Pricing]."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from holdfast_contracts.public.bookings import Quote, QuoteLine, QuoteRule
from holdfast_inventory.domain.content import Content
from holdfast_inventory.domain.local_time import local, utc
from holdfast_inventory.domain.place import Interval
from holdfast_inventory.domain.pricing import Circumstances, Line, Price, line, price, rounded, started_hours
from holdfast_inventory.domain.resource import Resource
from holdfast_inventory.domain.session import Session
from holdfast_inventory.domain.wish import Item


class DynamicPricingService:
    """Prices of sessions and of times of a resource. Pure: the same circumstances give the same price."""

    def of_items(
        self, content: Content, session: Session, items: Sequence[Item], now: int, channel: str, *, own: int = 0
    ) -> Price:
        """Price of units of a session's tiers. `own`: how many of what is taken are the order's, and do not count.

        So an order costs what availability, which takes nothing, shows for it.
        """
        tiers = [content.tiers[item.tier_id] for item in items]
        lines = [
            line(tier.name, tier.price, item.quantity, tier.decimals, tier.id)
            for tier, item in zip(tiers, items, strict=True)
        ]
        around = Circumstances(
            start=local(session.starts_at, session.timezone),
            today=local(now, session.timezone).date(),
            party_size=sum(item.quantity * tier.admits for tier, item in zip(tiers, items, strict=True)),
            duration_minutes=(session.ends_at - session.starts_at) // 60,
            occupancy_percent=_occupancy(session, own),
            channel=channel,
        )
        return price(lines, content.rules, around, tiers[0].currency, tiers[0].decimals)

    def cheapest(
        self, content: Content, session: Session, tier_id: UUID | None, now: int, channel: str
    ) -> Price | None:
        """Price of one unit of a tier, or of the cheapest that can be bought (of all on sale where nothing is left)."""
        tiers = [tier for tier in content.tiers.values() if tier_id in (None, tier.id) and tier.id in session.tiers]
        on_sale = [tier for tier in tiers if tier.on_sale(now)] or tiers
        free = [tier for tier in on_sale if session.left_of(tier.id) != 0] or on_sale
        if not content.rules:  # then the tiers say it all, for thousands of sessions at once
            free = sorted(free, key=lambda tier: tier.price)[:1]
            return Price(free[0].price, (), (), free[0].price, free[0].currency) if free else None
        prices = [self.of_items(content, session, [Item(tier.id, 1)], now, channel) for tier in free]
        return min(prices, key=lambda found: found.total, default=None)

    def of_time(
        self, content: Content | None, resource: Resource, wish: Interval, guests: int, now: int, channel: str
    ) -> Price:
        """Price of a time of a resource: its `price` for each booking, else `pricePerHour` for each started hour."""
        around = Circumstances(
            start=local(wish.start, resource.timezone),
            today=local(now, resource.timezone).date(),
            party_size=guests,
            duration_minutes=(wish.end - wish.start) // 60,
            channel=channel,
        )
        rules = content.rules if content is not None else ()
        lines = [_time_line(content, resource, wish)]
        return price(lines, rules, around, resource.currency, resource.decimals)


def _time_line(content: Content | None, resource: Resource, wish: Interval) -> Line:
    label = content.title if content is not None else resource.name
    if resource.price is None and resource.price_per_hour is not None:
        return line(label, resource.price_per_hour, started_hours(wish.end - wish.start), resource.decimals)
    return line(label, resource.price or Decimal(0), 1, resource.decimals)


def _occupancy(session: Session, own: int) -> int | None:
    """Percentage that others have of what the session has in all; None where it has no limit."""
    return None if not session.total else (session.whole.taken - own) * 100 // session.total


def quote_of(found: Price, now: int) -> Quote:
    """A price as it is told. Fees, tax and deposit are none yet."""
    nothing = rounded(Decimal(0), max(0, -int(found.total.as_tuple().exponent)))
    moment: datetime = utc(now)
    return Quote.model_construct(
        base=found.base,
        lines=[
            QuoteLine.model_construct(
                label=each.label,
                tier_id=each.tier_id,
                quantity=each.quantity,
                unit_price=each.unit_price,
                total=each.total,
            )
            for each in found.lines
        ],
        rules=[
            QuoteRule.model_construct(
                name=each.rule.name, effect=each.rule.effect, value=each.rule.value, amount=each.amount
            )
            for each in found.rules
        ],
        fees=[],
        tax=nothing,
        total=found.total,
        currency=found.currency,
        deposit=nothing,
        quoted_at=moment,
    )
