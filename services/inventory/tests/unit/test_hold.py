"""Holds: how long they live, whose they are, what they may become."""

from uuid import UUID, uuid4

import pytest

from holdfast_contracts.enums import HoldType
from holdfast_contracts.problems import ProblemCode, Refusal
from holdfast_inventory.domain.claim import Claim
from holdfast_inventory.domain.hold import Hold, HoldKey, HoldTimes, check_end, check_hold_type
from holdfast_inventory.domain.wish import Item, SessionWish

NOW = 10_000
TENANT, CONTENT, SESSION, TIER = (UUID(int=n) for n in range(1, 5))
TIMES = HoldTimes()


def hold(**more: object) -> Hold:
    claim = Claim(uuid4(), TENANT, CONTENT, SessionWish(SESSION, (Item(TIER, 2),)))
    key = HoldKey(TENANT, "visitor", CONTENT, None, SESSION, 20_000, 30_000)
    fields = {"created_at": NOW, "updated_at": NOW, "expires_at": NOW + 600}
    return Hold(uuid4(), key, HoldType.CART, "sub-1", claim, {}, {}, **{**fields, **more})


@pytest.mark.parametrize(("kind", "minutes"), [("cart", 10), ("checkout", 15), ("payment", 30)])
def test_a_hold_lives_as_long_as_its_type_says(kind, minutes):
    assert TIMES.first_end(HoldType(kind), None, NOW) == NOW + minutes * 60


def test_staff_name_the_end():
    assert TIMES.first_end(HoldType.STAFF, NOW + 86_400, NOW) == NOW + 86_400


def test_extending_adds_the_time_of_the_type_up_to_an_hour_from_creation():
    ends = [NOW + 600]
    for _ in range(7):
        ends.append(TIMES.later_end(HoldType.CART, ends[-1], NOW))
    assert ends[1] == NOW + 1200
    assert ends[-1] == ends[-2] == NOW + 3600


def test_extending_never_shortens():
    assert TIMES.later_end(HoldType.CART, NOW + 7200, NOW) == NOW + 7200


def test_a_hold_is_live_until_the_very_second_it_expires():
    assert hold().live(NOW + 599)
    assert not hold().live(NOW + 600)


def test_a_hold_is_of_who_made_it_or_for_whom_it_was_made():
    assert hold().belongs_to("sub-1")
    assert hold().belongs_to("visitor")
    assert not hold().belongs_to("sub-2")


@pytest.mark.parametrize(
    ("visitor", "content", "quantity"), [("other", CONTENT, 2), ("visitor", uuid4(), 2), ("visitor", CONTENT, 3)]
)
def test_converting_asks_for_the_same_visitor_and_the_same_wish(visitor, content, quantity):
    with pytest.raises(Refusal) as caught:
        hold().check_conversion(visitor, content, SessionWish(SESSION, (Item(TIER, quantity),)))
    assert caught.value.code == ProblemCode.HOLD_MISMATCH


def test_the_same_wish_converts():
    hold().check_conversion("visitor", CONTENT, SessionWish(SESSION, (Item(TIER, 2),)))


@pytest.mark.parametrize(
    ("kind", "staff", "end_given", "path"),
    [
        ("staff", False, False, "holdType"),
        ("waitlist_offer", True, False, "holdType"),
        ("cart", True, True, "expiresAt"),
    ],
)
def test_types_and_ends_that_the_caller_cannot_ask_for(kind, staff, end_given, path):
    with pytest.raises(Refusal) as caught:
        check_hold_type(HoldType(kind), staff=staff, end_given=end_given)
    assert caught.value.errors[0].path == path


def test_an_end_in_the_past_is_refused():
    with pytest.raises(Refusal):
        check_end(NOW, NOW)
