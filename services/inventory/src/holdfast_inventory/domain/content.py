"""A content: what a customer chooses, with its tiers, price rules and policies."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from holdfast_contracts.enums import BookingMode, BookingType, ContentStatus
from holdfast_contracts.problems import ProblemCode, Refusal, invalid
from holdfast_inventory.domain.pricing import Rule
from holdfast_inventory.domain.tier import Tier


@dataclass(frozen=True, slots=True)
class Content:
    """What the rules of capacity and price need of a content; `duration` in minutes."""

    id: UUID
    tenant_id: UUID
    kind: BookingType
    mode: BookingMode
    title: str
    timezone: str
    status: ContentStatus
    venue: str | None = None
    duration: int | None = None
    tiers: Mapping[UUID, Tier] = field(default_factory=dict)
    rules: tuple[Rule, ...] = ()
    policies: Mapping[str, object] = field(default_factory=dict)

    @property
    def published(self) -> bool:
        """Whether it can be booked: drafts and archived contents cannot."""
        return self.status == ContentStatus.PUBLISHED

    def check_published(self) -> None:
        """Raise NOT_PUBLISHED for a draft and an archived content."""
        if not self.published:
            raise Refusal(ProblemCode.NOT_PUBLISHED, f"{self.title} is not on sale.")

    def check_mode(self, mode: BookingMode, path: str) -> None:
        """Raise 422 where it is booked in another mode."""
        if self.mode != mode:
            raise invalid(path, f"the content is booked in mode {self.mode}", "WRONG_MODE")

    def tier(self, tier_id: UUID, path: str) -> Tier:
        """A tier by its id; an id that is none of its tiers is wrong at any time: 422."""
        tier = self.tiers.get(tier_id)
        if tier is None:
            raise invalid(path, "is no tier of this content", "UNKNOWN_TIER")
        return tier
