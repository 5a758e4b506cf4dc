"""Selling units of a session: what may be ordered, and whether it is left (I2)."""

from collections.abc import Callable, Sequence

from holdfast_contracts.problems import ProblemCode, Refusal
from holdfast_inventory.domain.content import Content
from holdfast_inventory.domain.refusals import Entry, seat_taken, sold_out
from holdfast_inventory.domain.session import Session
from holdfast_inventory.domain.wish import Item, SessionWish

Alternatives = Callable[[], Sequence[Entry]]
"""Asked only where something is refused."""


def sell(
    content: Content, session: Session, wish: SessionWish, now: int, alternatives: Alternatives, *, staff: bool
) -> None:
    """Take the wish from the session, or raise a refusal and take nothing.

    Customers may buy until the session begins, staff also after that.
    """
    check_open(session, now, staff=staff)
    for number, item in enumerate(wish.items):
        tier = content.tier(item.tier_id, f"schedulePayload.items[{number}].tierId")
        tier.check_sale(now)
        tier.check_order(item.quantity, session.left_of(item.tier_id))
    check_left(session, wish.items, alternatives)
    session.take(wish.items)


def check_open(session: Session, now: int, *, staff: bool) -> None:
    """Raise SALES_CLOSED for a cancelled session, and for customers once it has begun."""
    if not session.takes_place:
        raise Refusal(ProblemCode.SALES_CLOSED, "The session does not take place.")
    if session.starts_at <= now and not staff:
        raise Refusal(ProblemCode.SALES_CLOSED, "The session has begun.")


def check_left(session: Session, items: Sequence[Item], alternatives: Alternatives) -> None:
    """Raise SOLD_OUT or SEAT_TAKEN where not all of the wish is left."""
    if not session.has(items):
        raise sold_out(
            sum(item.quantity for item in items), most_of(session, items), left_of(session, items), alternatives()
        )
    check_seats(session, items, alternatives)


def check_seats(session: Session, items: Sequence[Item], alternatives: Alternatives) -> None:
    """Raise SEAT_TAKEN where somebody else has a seat of the wish."""
    taken = session.seats_taken(items)
    if taken:
        raise seat_taken(taken, left_of(session, items), alternatives())


def most_of(session: Session, items: Sequence[Item]) -> int:
    """How many of what was wanted could be had."""
    total = 0
    for item in items:
        left = session.tiers[item.tier_id].left
        total += item.quantity if left is None else min(item.quantity, left)
    whole = session.whole.left
    return total if whole is None else min(total, whole)


def left_of(session: Session, items: Sequence[Item]) -> list[Entry]:
    """What is free of each tier that was wanted, and which of the seats."""
    return [_left(session, item) for item in items]


def _left(session: Session, item: Item) -> Entry:
    entry: Entry = {"tierId": str(item.tier_id), "remaining": session.left_of(item.tier_id)}
    if item.seats:
        entry["seatLabels"] = [label for label in item.seats if label not in session.seats]
    return entry
