"""Taking what was asked, and what it costs: the same for bookings and for holds."""

from collections.abc import Sequence
from typing import Any, cast

from holdfast_contracts.problems import ProblemCode, Refusal, not_found
from holdfast_contracts.public.bookings import Quote
from holdfast_inventory.domain.place import Place
from holdfast_inventory.domain.refusals import Entry
from holdfast_inventory.domain.sale import check_seats, sell
from holdfast_inventory.domain.slot_sale import reserve
from holdfast_inventory.domain.stock import Stock
from holdfast_inventory.domain.wish import SessionWish, SlotWish
from holdfast_inventory.services.dynamic_pricing import quote_of
from holdfast_inventory.services.offers import offers, pricing
from holdfast_inventory.services.wishes import Asked
from holdfast_platform.units.messages import Incoming

CAPACITY_CODES = (ProblemCode.SOLD_OUT, ProblemCode.SLOT_UNAVAILABLE, ProblemCode.SEAT_TAKEN)


def take(given: Incoming[Any], asked: Asked, stock: Stock, *, staff: bool, held: bool, channel: str) -> Place | None:
    """Take the wish for a claim or hold; a time of a resource gives its place.

    Raises a refusal with what is left and alternatives, and then has taken nothing (I1, I2). Many who want the same
    of the same thing are refused in the same words, which are made once.
    """
    content_id = asked.content.id if asked.content is not None else None
    key = ("refused", content_id, asked.wish, _changes(asked), staff, channel)
    known = stock.memo.get(key)
    if known is not None:
        raise cast("Refusal", known).with_traceback(None)
    try:
        return _take(given, asked, stock, staff=staff, held=held, channel=channel)
    except Refusal as refusal:
        stock.memo[key] = refusal
        raise


def _changes(asked: Asked) -> int:
    thing = asked.session or asked.calendar
    return thing.changes if thing is not None else 0


def _take(given: Incoming[Any], asked: Asked, stock: Stock, *, staff: bool, held: bool, channel: str) -> Place | None:
    def alternatives() -> Sequence[Entry]:
        return offers(asked, stock, channel)

    if asked.content is not None:
        asked.content.check_published()
    if isinstance(asked.wish, SlotWish):
        if asked.calendar is None:
            raise not_found("resource")
        claim_id = given.derive("claim")
        return reserve(asked.calendar, asked.wish, claim_id, stock.now, alternatives, staff=staff, held=held)
    if asked.content is None or asked.session is None:
        raise not_found("session")
    sell(asked.content, asked.session, asked.wish, stock.now, alternatives, staff=staff)
    return None


def check_late_seats(asked: Asked, held: SessionWish, stock: Stock, channel: str) -> None:
    """Raise SEAT_TAKEN where a booking chooses seats that its hold had not chosen, and somebody else has them."""
    if isinstance(asked.wish, SessionWish) and asked.session is not None:
        chosen = asked.wish.unseated_of(held) or ()
        check_seats(asked.session, chosen, lambda: offers(asked, stock, channel))


def quote(asked: Asked, stock: Stock, channel: str) -> Quote:
    """What the wish, which was taken, costs now.

    Without price rules it is the same for all who want the same, and made once.
    """
    if asked.content is not None and asked.content.rules:
        return _quote(asked, stock, channel)
    key = ("quote", asked.content and asked.content.id, asked.wish)
    if key not in stock.memo:
        stock.memo[key] = _quote(asked, stock, channel)
    return cast("Quote", stock.memo[key])


def _quote(asked: Asked, stock: Stock, channel: str) -> Quote:
    now, wish = stock.now, asked.wish
    if isinstance(wish, SessionWish) and asked.content is not None and asked.session is not None:
        found = pricing.of_items(asked.content, asked.session, wish.items, now, channel, own=wish.quantity)
        return quote_of(found, now)
    if asked.calendar is None:
        raise not_found("resource")
    resource = asked.calendar.resource
    return quote_of(pricing.of_time(asked.content, resource, asked.interval, asked.guest_count, now, channel), now)
