"""The state machine of a booking, written down a second time, from the specification [spec/03, State machine].

A checker that asked the checked code would find whatever that code does legal; a test holds both against each other.
"""

from __future__ import annotations

from typing import Final

from holdfast_contracts.enums import BookingMode
from holdfast_contracts.enums import BookingStatus as S

TRANSITIONS: Final[frozenset[tuple[S | None, S]]] = frozenset(
    {
        (None, S.PENDING),
        (None, S.CONFIRMED),
        (None, S.WAITLISTED),
        (S.PENDING, S.CONFIRMED),
        (S.PENDING, S.EXPIRED),
        (S.PENDING, S.CANCELLED),
        (S.WAITLISTED, S.PENDING),
        (S.WAITLISTED, S.CONFIRMED),
        (S.WAITLISTED, S.EXPIRED),
        (S.WAITLISTED, S.CANCELLED),
        (S.CONFIRMED, S.CANCELLED),
        (S.CONFIRMED, S.CHECKED_IN),
        (S.CONFIRMED, S.COMPLETED),
        (S.CONFIRMED, S.NO_SHOW),
        (S.CHECKED_IN, S.COMPLETED),
        (S.CHECKED_IN, S.CONFIRMED),
        (S.NO_SHOW, S.CHECKED_IN),
        (S.EXPIRED, S.CONFIRMED),
    }
)
"""Legal steps; None is the beginning."""

HOLDING: Final = (S.PENDING, S.CONFIRMED, S.CHECKED_IN, S.COMPLETED, S.NO_SHOW)
"""Statuses of a booking whose capacity is taken."""

ADMITTING: Final = (S.CONFIRMED, S.CHECKED_IN, S.COMPLETED, S.NO_SHOW)
"""Statuses of a booking that has its tickets."""

WITHOUT_TICKETS: Final = (BookingMode.OPEN_DATE, BookingMode.REQUEST)
"""Modes that have no tickets at confirmation [spec/10, Tickets]."""
