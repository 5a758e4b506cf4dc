"""Wishes: the same thing may be named in another order, and is told in the order in which it was asked."""

from dataclasses import replace
from itertools import permutations
from uuid import uuid4

from holdfast_inventory.domain.wish import Item, SessionWish


def test_the_order_of_tiers_is_kept_and_does_not_make_another_wish():
    items = (Item(uuid4(), 1), Item(uuid4(), 2, ("A1", "A2")), Item(uuid4(), 3))
    wish = SessionWish(uuid4(), items)
    for order in permutations(items):
        assert wish.fulfils(replace(wish, items=order))
        assert replace(wish, items=order).items == order


def test_seats_may_be_chosen_later_and_are_not_forgotten():
    held, chosen = Item(uuid4(), 2), ("A1", "A2")
    wish = SessionWish(uuid4(), (held,))
    seated = replace(wish, items=(replace(held, seats=chosen),))
    assert seated.fulfils(wish)
    assert seated.unseated_of(wish) == seated.items
    assert not wish.fulfils(seated)
    assert seated.unseated_of(seated) == ()


def test_another_quantity_seat_session_or_tier_makes_another_wish():
    item = Item(uuid4(), 2, ("A1", "A2"))
    wish = SessionWish(uuid4(), (item,))
    for other in (replace(item, quantity=3), replace(item, seats=("A1", "A3")), replace(item, tier_id=uuid4())):
        assert not wish.fulfils(replace(wish, items=(other,)))
    assert not wish.fulfils(replace(wish, session_id=uuid4()))
    assert not wish.fulfils(None)
