"""Tiers: classes of ticket of a content, and how many of each an order may hold."""

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from holdfast_contracts.enums import TierVisibility
from holdfast_contracts.problems import ProblemCode, Refusal


@dataclass(frozen=True, slots=True)
class Tier:
    """A class of ticket; the sale window is in instants, `quantity` is for each session (None: unlimited)."""

    id: UUID
    name: str
    price: Decimal
    currency: str
    decimals: int
    quantity: int | None = None
    sales_start: int | None = None
    sales_end: int | None = None
    min_per_order: int = 1
    max_per_order: int | None = None
    admits: int = 1
    visibility: TierVisibility = TierVisibility.PUBLIC
    entry: tuple[str, str | None, str | None] = ("once", None, None)
    """Entry policy, and from and until when a door lets in (instants as text): for tickets only."""

    def on_sale(self, now: int) -> bool:
        """Whether the sale window `[salesStart, salesEnd)` is open."""
        return (self.sales_start is None or self.sales_start <= now) and (
            self.sales_end is None or now < self.sales_end
        )

    def check_sale(self, now: int) -> None:
        """Raise SALES_CLOSED outside the sale window."""
        if not self.on_sale(now):
            raise Refusal(ProblemCode.SALES_CLOSED, f"{self.name} is not on sale now.")

    def check_order(self, quantity: int, left: int | None) -> None:
        """Raise where an order has too many or too few.

        Where fewer than `minPerOrder` are left, the rest can be bought.
        """
        if self.max_per_order is not None and quantity > self.max_per_order:
            raise Refusal(
                ProblemCode.OVER_MAX_PER_ORDER,
                f"At most {self.max_per_order} of {self.name} in one order.",
                {"tierId": str(self.id), "maxPerOrder": self.max_per_order},
            )
        least = self.min_per_order if left is None else min(self.min_per_order, left)
        if quantity < least:
            raise Refusal(
                ProblemCode.UNDER_MIN_PER_ORDER,
                f"At least {least} of {self.name} in one order.",
                {"tierId": str(self.id), "minPerOrder": least},
            )
