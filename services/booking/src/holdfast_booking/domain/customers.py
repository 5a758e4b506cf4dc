"""Customers as the limits know them: normalised e-mail and phone, and how many bookings they have under way."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from holdfast_contracts.problems import ProblemCode, Refusal


def email_key(email: str | None) -> str | None:
    """Return the key of an e-mail address: without case and compatibility forms."""
    return "email:" + unicodedata.normalize("NFKC", email).strip().casefold() if email else None


def phone_key(phone: str | None) -> str | None:
    """Return the key of a phone number: its digits."""
    return "phone:" + "".join(char for char in phone if char.isdecimal()) if phone else None


def customer_keys(email: str | None, phone: str | None) -> tuple[str, ...]:
    """Return the keys of a customer, sorted; none for somebody without contact."""
    return tuple(sorted(key for key in (email_key(email), phone_key(phone)) if key is not None))


@dataclass(slots=True)
class Standing:
    """What is known of some customers of one tenant: which bookings of each are active."""

    active: dict[str, set[UUID]] = field(default_factory=dict)

    def knows(self, keys: Iterable[str], booking_id: UUID) -> None:
        """Count a booking as active for its customer."""
        for key in keys:
            self.active.setdefault(key, set()).add(booking_id)

    def forgets(self, keys: Iterable[str], booking_id: UUID) -> None:
        """Stop counting a booking that has ended."""
        for key in keys:
            self.active.get(key, set()).discard(booking_id)

    def refuse_over(self, limit: int, keys: Iterable[str]) -> None:
        """Raise `TOO_MANY_ACTIVE` where the customer, by any of the keys, has as many as the policy allows."""
        own: set[UUID] = set().union(*(self.active.get(key, set()) for key in keys))
        if len(own) >= limit:
            raise Refusal(
                ProblemCode.TOO_MANY_ACTIVE,
                f"Only {limit} active booking{'' if limit == 1 else 's'} per customer.",
                {"limit": limit, "active": len(own)},
            )
