"""Tiers from the largest `hoursBefore` down, and rounding."""

from datetime import timedelta
from decimal import Decimal

import pytest
from booking_samples import START, price
from hypothesis import given
from hypothesis import strategies as st

from holdfast_booking.domain.fees import Price, cancellable_until, cancellation_fee
from holdfast_booking.domain.policy import CancellationPolicy


def policy(free: int, *tiers: tuple[int, str, str]) -> CancellationPolicy:
    listed = [{"hoursBefore": hours, "feeType": kind, "value": value} for hours, kind, value in tiers]
    return CancellationPolicy.read({"cancellation": {"freeUntilHours": free, "tiers": listed}})


LADDER = policy(72, (0, "fixed", "40.00"), (48, "percent", "10"), (24, "deposit", "0"))


@pytest.mark.parametrize(
    ("hours", "fee"),
    [(72, "0.00"), (71, "5.01"), (48, "5.01"), (47, "15.00"), (24, "15.00"), (23, "40.00"), (0, "40.00"), (-1, "0.00")],
)
def test_the_first_tier_whose_limit_is_still_met_applies(hours: int, fee: str) -> None:
    of = Price.read(price("50.05", "15.00"))
    assert cancellation_fee(LADDER, of, START, START - timedelta(hours=hours)) == Decimal(fee)


@pytest.mark.parametrize(
    ("total", "percent", "fee"), [("0.05", "50", "0.03"), ("1001", "50", "501"), ("1.001", "50", "0.501")]
)
def test_fees_are_rounded_half_up_to_the_minor_unit(total: str, percent: str, fee: str) -> None:
    now = START - timedelta(hours=1)
    shown = cancellation_fee(policy(24, (0, "percent", percent)), Price.read(price(total)), START, now)
    assert f"{shown}" == fee


TIERS = st.lists(st.tuples(st.integers(0, 100), st.just("percent"), st.sampled_from(["10", "50", "100"])), max_size=5)


@given(free=st.integers(0, 100), tiers=TIERS, minutes=st.integers(0, 101 * 60))
def test_a_customer_who_may_cancel_is_told_a_fee_by_a_rule(
    free: int, tiers: list[tuple[int, str, str]], minutes: int
) -> None:
    of, now = policy(free, *tiers), START - timedelta(minutes=minutes)
    until = cancellable_until(of, START)
    assert until is not None
    ruled = minutes >= free * 60 or any(minutes >= hours * 60 for hours, _, _ in tiers)
    assert (now <= until) == ruled
    fee = cancellation_fee(of, Price.read(price("50.00")), START, now)
    assert Decimal(0) <= fee <= Decimal(50)
    if minutes >= free * 60 or not ruled:
        assert fee == 0
