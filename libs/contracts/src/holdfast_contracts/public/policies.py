"""Policies of a content, and their snapshot in a booking [spec/03, Policies]."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, ValidationInfo
from pydantic_core import PydanticCustomError

from holdfast_contracts.money import Money
from holdfast_contracts.public.base import Body

Hours = Annotated[int, Field(ge=0, le=8760)]
PolicyMinutes = Annotated[int, Field(ge=0, le=525_600)]


def _part_of_the_price(value: Decimal, info: ValidationInfo) -> Decimal:
    if info.data.get("fee_type") == "percent" and value > 100:
        raise PydanticCustomError("out_of_range", "must be at most 100 percent")
    return value


FeeValue = Annotated[Money, AfterValidator(_part_of_the_price)]
"""An amount, or a share of the price where the fee before it is in percent."""


class FeeTier(Body):
    """A fee that applies while at least `hoursBefore` hours are left to the start."""

    hours_before: Hours
    fee_type: Literal["percent", "fixed", "deposit"]
    value: FeeValue


class NoShowFee(Body):
    """A fee for not coming."""

    fee_type: Literal["percent", "fixed", "deposit"]
    value: FeeValue


class CancellationPolicy(Body):
    """Who may cancel until when, and for what fee."""

    customer_cancel: bool | None = None
    free_until_hours: Hours | None = None
    tiers: Annotated[list[FeeTier], Field(max_length=20)] | None = None
    no_show_fee: NoShowFee | None = None
    refund_to: Literal["original", "credit"] | None = None


class ReschedulePolicy(Body):
    """Who may move a booking, until when and how often."""

    customer_reschedule: bool | None = None
    notice_hours: Hours | None = None
    max_reschedules: Annotated[int, Field(ge=0, le=100)] | None = None
    reprice: Literal["keep", "requote"] | None = None


class BookingPolicy(Body):
    """How a booking begins, is checked in and ends."""

    auto_confirm: bool | None = None
    approval: Literal["none", "always", "over_party_size"] | None = None
    approval_party_size: Annotated[int, Field(ge=1, le=500)] | None = None
    pending_minutes: Annotated[int, Field(ge=1, le=43_200)] | None = None
    max_active_per_customer: Annotated[int, Field(ge=1, le=1000)] | None = None
    check_in_from_minutes: PolicyMinutes | None = None
    check_in_until_minutes: PolicyMinutes | None = None
    auto_complete_after_minutes: PolicyMinutes | None = None
    no_show_grace_minutes: PolicyMinutes | None = None
    auto_no_show: bool | None = None


class LadderStep(Body):
    """What happens from this many strikes on."""

    strikes: Annotated[int, Field(ge=1, le=100)]
    action: Literal["warn", "require_deposit", "require_approval", "block"]


class NoShowPolicy(Body):
    """Protection against customers who do not come."""

    mode: Literal["none", "card_hold", "deposit", "prepay"] | None = None
    when: Literal["always", "first_time", "strikes", "party_size"] | None = None
    threshold: Annotated[int, Field(ge=0, le=1000)] | None = None
    deposit: Money | None = None
    window_days: Annotated[int, Field(ge=1, le=3650)] | None = None
    ladder: Annotated[list[LadderStep], Field(max_length=20)] | None = None
    late_cancel_counts: Annotated[float, Field(ge=0, le=1)] | None = None
    charge_delay_minutes: PolicyMinutes | None = None


class Policies(Body):
    """Each part and each field may be left out: then the tenant's value holds, then the default [spec/10]."""

    cancellation: CancellationPolicy | None = None
    reschedule: ReschedulePolicy | None = None
    booking: BookingPolicy | None = None
    no_show: NoShowPolicy | None = None


DEFAULT_POLICIES = Policies(
    cancellation=CancellationPolicy(customer_cancel=True, free_until_hours=24, tiers=[], refund_to="original"),
    reschedule=ReschedulePolicy(customer_reschedule=True, notice_hours=24, max_reschedules=3, reprice="keep"),
    booking=BookingPolicy(
        auto_confirm=True,
        approval="none",
        pending_minutes=30,
        check_in_from_minutes=120,
        no_show_grace_minutes=15,
        auto_no_show=False,
    ),
    no_show=NoShowPolicy(mode="none", window_days=180, ladder=[], late_cancel_counts=0.5, charge_delay_minutes=30),
)
"""What holds where neither the content nor the tenant says anything [spec/03, spec/10]."""
