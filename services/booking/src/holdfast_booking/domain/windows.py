"""Time guards: when a booking may be checked in [spec/03, State machine; spec/10, Bookings]."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from holdfast_booking.domain.policy import BookingPolicy
from holdfast_contracts.enums import BookingStatus
from holdfast_contracts.problems import ProblemCode, Refusal


def shown(instant: datetime | None) -> str | None:
    """Return an instant as it is sent: UTC with `Z` and whole seconds."""
    return None if instant is None else _text(instant)


@lru_cache(maxsize=4096)
def _text(instant: datetime) -> str:
    """The bookings of a batch share most of their instants."""
    return f"{instant.astimezone(UTC).isoformat()[:19]}Z"


@dataclass(frozen=True, slots=True)
class Window:
    """An interval `[opens, closes)` in which something may be done, as at the doors; None is open."""

    opens: datetime | None
    closes: datetime | None

    def refuse_outside(self, what: str, now: datetime, wish: tuple[BookingStatus, BookingStatus]) -> None:
        """Raise `TOO_EARLY` or `TOO_LATE` where `now` lies outside.

        `from` and `to` are the statuses of the wished transition, as in `INVALID_TRANSITION`; `at` is the instant at
        which the window begins, or ended [spec/10, Bookings].
        """
        before, after = wish
        if self.opens is not None and now < self.opens:
            told = {"from": before, "to": after, "at": shown(self.opens)}
            raise Refusal(ProblemCode.TOO_EARLY, f"{what} begins at {shown(self.opens)}.", told)
        if self.closes is not None and now >= self.closes:
            told = {"from": before, "to": after, "at": shown(self.closes)}
            raise Refusal(ProblemCode.TOO_LATE, f"{what} ended at {shown(self.closes)}.", told)


def check_in_window(policy: BookingPolicy, starts_at: datetime, ends_at: datetime | None) -> Window:
    """Return when the party may be checked in: `checkInUntilMinutes` counts from the start, else until the end."""
    closes = ends_at if policy.check_in_until is None else starts_at + policy.check_in_until
    return Window(starts_at - policy.check_in_from, closes)
