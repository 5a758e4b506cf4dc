"""Selling tiers of a session: order limits, sale windows, seats, shared capacity."""

from contextlib import suppress
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast_contracts.enums import BookingMode, BookingType, ContentStatus, SessionStatus
from holdfast_contracts.problems import ProblemCode, Refusal
from holdfast_inventory.domain.content import Content
from holdfast_inventory.domain.sale import sell
from holdfast_inventory.domain.session import Counter, Session
from holdfast_inventory.domain.tier import Tier
from holdfast_inventory.domain.wish import Item, SessionWish

STANDARD, FAMILY = UUID(int=1), UUID(int=2)
NOW = 1_000
TENANT, CONTENT, SESSION = UUID(int=10), UUID(int=11), UUID(int=12)


def content(**standard: object) -> Content:
    tiers = [
        Tier(
            **{"id": STANDARD, "name": "Standard", "price": Decimal(25), "currency": "EUR", "decimals": 2, **standard}
        ),
        Tier(id=FAMILY, name="Family", price=Decimal(60), currency="EUR", decimals=2, admits=4),
    ]
    return Content(
        CONTENT, TENANT, BookingType.EVENT, BookingMode.SESSION, "Concert", "UTC", ContentStatus.PUBLISHED,
        tiers={tier.id: tier for tier in tiers},
    )  # fmt: skip


def session(standard: int | None = 10, family: int | None = 5, whole: int | None = None) -> Session:
    return Session(
        SESSION, TENANT, CONTENT, 5_000, 9_000, "UTC", SessionStatus.SCHEDULED, Counter(whole),
        {STANDARD: Counter(standard), FAMILY: Counter(family)},
    )  # fmt: skip


def wish(standard: int = 0, family: int = 0, seats: tuple[str, ...] = ()) -> SessionWish:
    items = [Item(STANDARD, standard, seats)] if standard else []
    return SessionWish(SESSION, (*items, *([Item(FAMILY, family)] if family else [])))


def buy(what: SessionWish, of: Session, c: Content | None = None, *, now: int = NOW, staff: bool = False) -> None:
    sell(c or content(), of, what, now, lambda: [{"sessionId": "other"}], staff=staff)


def refusal(*args: object, **more: object) -> Refusal:
    with pytest.raises(Refusal) as caught:
        buy(*args, **more)  # type: ignore[arg-type]
    return caught.value


def test_the_last_one_is_sold_once():
    evening = session(standard=1)
    buy(wish(1), evening)
    refused = refusal(wish(1), evening)
    assert refused.code == ProblemCode.SOLD_OUT
    assert refused.extras == {
        "left": [{"tierId": str(STANDARD), "remaining": 0}],
        "alternatives": [{"sessionId": "other"}],
    }


def test_a_refusal_says_how_many_are_left_and_takes_nothing():
    evening = session(standard=1)
    refused = refusal(wish(2), evening)
    assert refused.detail == "1 of 2 is left."
    assert evening.tiers[STANDARD].taken == 0


def test_the_capacity_of_the_session_bounds_all_its_tiers_together():
    evening = session(standard=10, family=5, whole=3)
    assert evening.left_of(STANDARD) == 3
    assert refusal(wish(2, 2), evening).code == ProblemCode.SOLD_OUT
    buy(wish(2, 1), evening)
    assert evening.left_of(FAMILY) == 0


def test_a_tier_without_quantity_is_unlimited():
    evening = session(standard=None)
    buy(wish(400), evening)
    assert evening.left_of(STANDARD) is None


def test_order_limits_are_kept_but_the_rest_can_be_bought():
    limited = content(min_per_order=4, max_per_order=6)
    assert refusal(wish(7), session(), limited).code == ProblemCode.OVER_MAX_PER_ORDER
    assert refusal(wish(3), session(), limited).code == ProblemCode.UNDER_MIN_PER_ORDER
    assert refusal(wish(2), session(standard=3), limited).code == ProblemCode.UNDER_MIN_PER_ORDER
    buy(wish(3), session(standard=3), limited)


@pytest.mark.parametrize(
    ("window", "code"), [({"sales_start": NOW + 1}, "SALES_CLOSED"), ({"sales_end": NOW}, "SALES_CLOSED")]
)
def test_outside_the_sale_window_nothing_is_sold(window, code):
    assert refusal(wish(1), session(), content(**window)).code == code


def test_a_session_that_has_begun_is_sold_by_staff_only():
    assert refusal(wish(1), session(), now=5_000).code == ProblemCode.SALES_CLOSED
    buy(wish(1), session(), now=5_000, staff=True)


def test_a_cancelled_session_is_not_sold():
    evening = session()
    evening.status = SessionStatus.CANCELLED
    assert refusal(wish(1), evening, staff=True).code == ProblemCode.SALES_CLOSED


def test_a_seat_is_sold_once_and_free_again_when_given_back():
    evening = session()
    buy(wish(2, seats=("A1", "A2")), evening)
    refused = refusal(wish(2, seats=("A2", "A3")), evening)
    assert refused.code == ProblemCode.SEAT_TAKEN
    assert refused.extras["left"] == [{"tierId": str(STANDARD), "remaining": 8, "seatLabels": ["A3"]}]
    evening.give_back(wish(2, seats=("A1", "A2")).items)
    buy(wish(1, seats=("A2",)), evening)


def test_a_tier_of_another_content_is_a_wrong_value():
    refused = refusal(SessionWish(SESSION, (Item(uuid4(), 1),)), session())
    assert refused.status == 422
    assert refused.errors[0].path == "schedulePayload.items[0].tierId"


@given(
    st.lists(st.tuples(st.booleans(), st.integers(0, 4), st.integers(0, 3)), max_size=40),
    st.integers(0, 12),
    st.integers(0, 6),
    st.one_of(st.none(), st.integers(0, 15)),
)
def test_counters_are_the_sum_of_what_was_taken_and_never_exceed(steps, standard, family, whole):
    evening, kept = session(standard, family, whole), []
    for gives_back, first, second in steps:
        if gives_back and kept:
            evening.give_back(kept.pop().items)
        elif first + second:
            with suppress(Refusal):
                buy(wish(first, second), evening)
                kept.append(wish(first, second))
        sums = {
            tier: sum(i.quantity for w in kept for i in w.items if i.tier_id == tier) for tier in (STANDARD, FAMILY)
        }
        assert {tier: counter.taken for tier, counter in evening.tiers.items()} == sums
        assert evening.whole.taken == sum(sums.values()) <= (whole if whole is not None else 10**6)
        assert all(counter.taken <= counter.capacity for counter in evening.tiers.values())
