"""Alternatives: up to five slots near the one that could not be had, of the same shape as in availability.

They are the same for all who want the same of the same thing, so each is made once for a batch.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import cast

from holdfast_inventory.domain.calendar import Calendar, Search
from holdfast_inventory.domain.content import Content
from holdfast_inventory.domain.local_time import local
from holdfast_inventory.domain.refusals import ALTERNATIVE_DAYS, MOST_ALTERNATIVES, Entry
from holdfast_inventory.domain.session import Session
from holdfast_inventory.domain.slot import Slot
from holdfast_inventory.domain.stock import Stock
from holdfast_inventory.domain.wish import SessionWish, SlotWish
from holdfast_inventory.services.dynamic_pricing import DynamicPricingService
from holdfast_inventory.services.showing import session_offer, show_session_slot, show_slot, slot_price
from holdfast_inventory.services.wishes import Asked

pricing = DynamicPricingService()


def offers(asked: Asked, stock: Stock, channel: str) -> Sequence[Entry]:
    """What else is free, nearest to the wish, by start."""
    changes = asked.calendar.changes if asked.calendar is not None else 0
    key = ("offers", asked.content and asked.content.id, asked.wish, changes, channel)
    if key not in stock.memo:
        found = _sessions if asked.session is not None else _times
        stock.memo[key] = found(asked, stock, channel)
    return cast("Sequence[Entry]", stock.memo[key])


def _sessions(asked: Asked, stock: Stock, channel: str) -> Sequence[Entry]:
    session, wish, content = asked.session, asked.wish, asked.content
    if session is None or content is None or not isinstance(wish, SessionWish):
        return []
    near = {other.id: stock.as_it_stands(other) for other in stock.others.get(session.id, ())}
    free = [other for other in near.values() if _could_serve(other, content, wish, stock.now)]
    nearest = sorted(free, key=lambda other: abs(other.starts_at - session.starts_at))[:MOST_ALTERNATIVES]
    return [
        _session_entry(other, content, asked.guest_count, stock.now, channel)
        for other in sorted(nearest, key=lambda other: other.starts_at)
    ]


def _session_entry(session: Session, content: Content, guests: int, now: int, channel: str) -> Entry:
    cost = pricing.cheapest(content, session, None, now, channel)
    offer = session_offer(session, content, None, guests, now)
    shown = show_session_slot(session, content, session.timezone, offer, cost)
    return shown.model_dump(mode="json", by_alias=True)


def _could_serve(other: Session, content: Content, wish: SessionWish, now: int) -> bool:
    """Tell whether all of the wish can be bought there: a hold may have outlived the sale of what it has."""
    if not (content.published and other.takes_place and other.starts_at > now):
        return False
    sold = all(item.tier_id in other.tiers and content.tiers[item.tier_id].on_sale(now) for item in wish.items)
    return sold and other.has(wish.items)


def _times(asked: Asked, stock: Stock, channel: str) -> Sequence[Entry]:
    calendar, wish = asked.calendar, asked.wish
    if calendar is None or not isinstance(wish, SlotWish):
        return []
    free = calendar.slots(_search(calendar, wish, stock.now))
    nearest = sorted(free, key=lambda slot: abs(slot.start - wish.interval.start))[:MOST_ALTERNATIVES]
    return [_entry(slot, asked, calendar, stock.now, channel) for slot in sorted(nearest)]


def _search(calendar: Calendar, wish: SlotWish, now: int) -> Search:
    zone = calendar.resource.timezone
    first = local(wish.interval.start, zone).date()
    duration = wish.interval.end - wish.interval.start
    return Search(first, first + timedelta(days=ALTERNATIVE_DAYS), zone, duration, wish.guests, now)


def _entry(slot: Slot, asked: Asked, calendar: Calendar, now: int, channel: str) -> Entry:
    resource = calendar.resource
    cost = pricing.of_time(asked.content, resource, slot.interval, asked.guest_count, now, channel)
    return show_slot(slot, resource, resource.timezone, slot_price(cost)).model_dump(mode="json", by_alias=True)
