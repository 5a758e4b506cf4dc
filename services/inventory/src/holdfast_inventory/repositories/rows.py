"""From rows to domain objects."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from holdfast_contracts.enums import (
    BookingMode,
    BookingType,
    ContentStatus,
    HoldType,
    ResourceStatus,
    SessionStatus,
    TierVisibility,
)
from holdfast_contracts.money import exponent
from holdfast_contracts.public.price_rules import Bounds, PriceConditions, PriceRule
from holdfast_inventory.domain.claim import Claim, ClaimStatus
from holdfast_inventory.domain.content import Content
from holdfast_inventory.domain.hold import Hold, HoldKey
from holdfast_inventory.domain.local_time import seconds
from holdfast_inventory.domain.place import Interval, Place
from holdfast_inventory.domain.pricing import Conditions, Range, Rule, rounded
from holdfast_inventory.domain.resource import Resource
from holdfast_inventory.domain.schedule import WEEKDAYS, Schedule, minute_of_day
from holdfast_inventory.domain.session import Counter, Session
from holdfast_inventory.domain.tier import Tier
from holdfast_inventory.domain.wish import Item, SessionWish, SlotWish, Wish

Row = Mapping[str, Any] | asyncpg.Record
"""A record as asyncpg gives it: typed by the table."""


def resource_of(row: Row) -> Resource:
    """A resource of its row."""
    return Resource(
        id=row["id"],
        tenant_id=row["tenant_id"],
        name=row["name"],
        status=ResourceStatus(row["status"]),
        timezone=row["timezone"],
        currency=row["currency"],
        decimals=exponent(row["currency"]),
        schedule=Schedule.of(row["schedule"]) if row["schedule"] is not None else None,
        default_duration=row["default_duration_minutes"],
        slot_interval=row["slot_interval_minutes"],
        buffer_before=row["buffer_before_minutes"],
        buffer_after=row["buffer_minutes"],
        advance_days=row["advance_booking_days"],
        notice_hours=row["min_notice_hours"],
        max_bookings=row["max_bookings_per_slot"],
        capacity=row["capacity"],
        units=row["units"],
        price=row["price"],
        price_per_hour=row["price_per_hour"],
    )


def content_of(row: Row) -> Content:
    """A content of its row, with its tiers as a JSON array in their order."""
    tiers = [tier_of(tier) for tier in row["tiers"] or ()]
    return Content(
        id=row["id"],
        tenant_id=row["tenant_id"],
        kind=BookingType(row["kind"]),
        mode=BookingMode(row["mode"]),
        title=row["title"],
        timezone=row["timezone"],
        status=ContentStatus(row["status"]),
        venue=row["venue"],
        duration=row["duration_minutes"],
        tiers={tier.id: tier for tier in tiers},
        rules=tuple(rule_of(rule) for rule in row["price_rules"]),
        policies=row["policies"],
    )


def tier_of(row: Row) -> Tier:
    """A tier of its row as JSON."""
    return Tier(
        id=UUID(row["id"]),
        name=row["name"],
        price=rounded(Decimal(row["price"]), exponent(row["currency"])),
        currency=row["currency"],
        decimals=exponent(row["currency"]),
        quantity=row["quantity"],
        sales_start=_instant(row["sales_start"]),
        sales_end=_instant(row["sales_end"]),
        min_per_order=row["min_per_order"],
        max_per_order=row["max_per_order"],
        admits=row["admits"],
        visibility=TierVisibility(row["visibility"]),
        entry=(row["entry_policy"], row["check_in_from"], row["check_in_until"]),
    )


def _instant(text: str | None) -> int | None:
    return None if text is None else seconds(datetime.fromisoformat(text))


def rule_of(document: Mapping[str, object]) -> Rule:
    """A price rule of its stored public form."""
    rule = PriceRule.model_validate_json(orjson.dumps(document))
    return Rule(rule.name, rule.effect, rule.value, rule.priority, rule.exclusive_group, _conditions(rule.when))


def _conditions(when: PriceConditions) -> Conditions:
    return Conditions(
        weekdays=frozenset(WEEKDAYS.index(day) for day in when.weekdays) if when.weekdays is not None else None,
        dates=(when.dates.from_, when.dates.to) if when.dates else None,
        times=(minute_of_day(when.time.from_), minute_of_day(when.time.to)) if when.time else None,
        days_before=_range(when.days_before),
        occupancy_percent=_range(when.occupancy_percent),
        party_size=_range(when.party_size),
        duration_minutes=_range(when.duration_minutes),
        channels=frozenset(when.channels) if when.channels is not None else None,
        customer_tags=frozenset(when.customer_tags) if when.customer_tags is not None else None,
    )


def _range(bounds: Bounds | None) -> Range | None:
    return Range(bounds.min, bounds.max) if bounds is not None else None


def session_of(row: Row, seats: set[str]) -> Session:
    """A session of its row, with its tiers as a JSON array of (tier, quantity, taken)."""
    return Session(
        id=row["id"],
        tenant_id=row["tenant_id"],
        content_id=row["content_id"],
        starts_at=seconds(row["starts_at"]),
        ends_at=seconds(row["ends_at"]),
        timezone=row["timezone"],
        status=SessionStatus(row["status"]),
        whole=Counter(row["capacity"], row["taken"]),
        tiers={UUID(tier_id): Counter(quantity, taken) for tier_id, quantity, taken in row["tiers"] or ()},
        seats=seats,
    )


def claim_of(row: Row) -> Claim:
    """A claim of its row, with its tiers and seats as arrays, and its place beside it."""
    place = _place_of(row) if row["unit"] is not None else None
    return Claim(
        id=row["id"],
        tenant_id=row["tenant_id"],
        content_id=row["content_id"],
        wish=_wish_of(row, place),
        booking_id=row["booking_id"],
        hold_id=row["hold_id"],
        place=place,
        status=ClaimStatus(row["status"]),
    )


def _place_of(row: Row) -> Place:
    return Place(row["id"], row["unit"], row["start"], row["end"], row["free_from"], row["guests"], row["held"])


def _wish_of(row: Row, place: Place | None) -> Wish:
    if row["session_id"] is not None:
        seats: dict[str, list[str]] = {}
        for tier_id, label in row["seats"] or ():
            seats.setdefault(tier_id, []).append(label)
        items = [Item(UUID(t), quantity, tuple(sorted(seats.get(t, ())))) for t, quantity in row["tiers"] or ()]
        return SessionWish(row["session_id"], tuple(sorted(items, key=by_tier)))
    interval = Interval(place.start, place.end) if place is not None else Interval(0, 0)
    return SlotWish(row["resource_id"], interval, row["quantity"])


def by_tier(item: Item) -> UUID:
    """Items stand in the order of their tiers, so that equal wishes are equal."""
    return item.tier_id


def hold_of(row: Row, claim: Claim) -> Hold:
    """A hold of its row."""
    key = HoldKey(
        row["tenant_id"],
        row["session_id"],
        row["content_id"],
        row["resource_id"],
        row["occurrence_id"],
        seconds(row["starts_at"]),
        seconds(row["ends_at"]),
    )
    return Hold(
        id=row["id"],
        key=key,
        kind=HoldType(row["hold_type"]),
        subject=row["subject"],
        claim=claim,
        payload=row["schedule_payload"],
        quote=row["quote"],
        created_at=seconds(row["created_at"]),
        updated_at=seconds(row["updated_at"]),
        expires_at=seconds(row["expires_at"]),
        version=row["version"],
    )
