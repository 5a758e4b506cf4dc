"""`booking.events.v1`: a booking has a new version, and its tickets follow."""

from __future__ import annotations

from collections.abc import Mapping

from holdfast_contracts.booking import (
    EVENTS,
    BookingCancelled,
    BookingCheckedIn,
    BookingCheckInUndone,
    BookingExpired,
)
from holdfast_contracts.message import Message
from holdfast_platform.units.work import Decide
from holdfast_tickets.domain.roster import Roster
from holdfast_tickets.usecases.issue_tickets import (
    AdmitPartyUseCase,
    CancelTicketsUseCase,
    IssueTicketsUseCase,
    TakeBackCheckInUseCase,
)


def on_bookings() -> Mapping[type[Message], Decide[Roster]]:
    """Return who decides the messages of the topic."""
    return dict.fromkeys(EVENTS, IssueTicketsUseCase().execute) | {
        BookingCancelled: CancelTicketsUseCase().execute,
        BookingExpired: CancelTicketsUseCase().execute,
        BookingCheckedIn: AdmitPartyUseCase().execute,
        BookingCheckInUndone: TakeBackCheckInUseCase().execute,
    }
