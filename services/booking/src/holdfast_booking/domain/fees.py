"""What a cancellation costs, and until when customers may cancel or move [spec/03, Policies].

Windows are elapsed time in UTC: 24 hours are 24 hours, also across a change of the clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Self

from holdfast_booking.domain.policy import CancellationPolicy, Document, FeeTier, FeeType, ReschedulePolicy
from holdfast_contracts.problems import ProblemCode, Refusal


@dataclass(frozen=True, slots=True)
class Price:
    """What of a quote fees depend on. The exponent of `total` is the currency's (ISO 4217)."""

    total: Decimal
    deposit: Decimal
    currency: str

    @classmethod
    def read(cls, quote: Document) -> Self:
        """Read it from a quote as it is sent."""
        return cls(Decimal(str(quote["total"])), Decimal(str(quote["deposit"])), str(quote["currency"]))

    def rounded(self, amount: Decimal) -> Decimal:
        """Return the amount in whole minor units, rounded half up."""
        return amount.quantize(self.total, rounding=ROUND_HALF_UP)


def cancellation_fee(policy: CancellationPolicy, price: Price, starts_at: datetime, now: datetime) -> Decimal:
    """Return what cancelling costs now, at most the price; 0 in the free window, and where no tier's limit is met."""
    tier = policy.tier_at(starts_at - now)
    return price.rounded(Decimal(0) if tier is None else min(_tier_fee(tier, price), price.total))


def _tier_fee(tier: FeeTier, price: Price) -> Decimal:
    if tier.type is FeeType.PERCENT:
        return price.total * tier.value / 100
    return price.deposit if tier.type is FeeType.DEPOSIT else tier.value


def cancellable_until(policy: CancellationPolicy, starts_at: datetime) -> datetime | None:
    """Return the last moment at which a customer may cancel; None where customers may not at all."""
    return starts_at - policy.least_notice if policy.customer_cancel else None


def reschedulable_until(policy: ReschedulePolicy, starts_at: datetime) -> datetime | None:
    """Return the last moment at which a customer may move it; None where customers may not at all."""
    return starts_at - policy.notice if policy.customer_reschedule else None


def refuse_late_cancel(policy: CancellationPolicy, starts_at: datetime, now: datetime) -> None:
    """Raise where a customer may not cancel (`CANCEL_NOT_ALLOWED`) or not any more (`CANCEL_TOO_CLOSE`)."""
    until = cancellable_until(policy, starts_at)
    if until is None:
        raise Refusal(ProblemCode.CANCEL_NOT_ALLOWED, "Customers cannot cancel this booking; ask the business.")
    if now > until:
        raise Refusal(ProblemCode.CANCEL_TOO_CLOSE, "The last moment to cancel this booking has passed.")
