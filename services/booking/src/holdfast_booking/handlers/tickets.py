"""`tickets.events.v1`: somebody was let in at a door."""

from __future__ import annotations

from typing import Any

from holdfast_booking.domain.ledger import Ledger
from holdfast_booking.handlers.work import UseCases
from holdfast_booking.usecases.check_in_booking import RecordAdmissionUseCase
from holdfast_contracts.tickets import TicketsCancelled, TicketScanned, TicketsIssued
from holdfast_platform.units.messages import Incoming, Outcome


def on_tickets() -> UseCases:
    """Return who decides the messages of the topic. What tickets issue or cancel does not change a booking."""
    return {TicketScanned: RecordAdmissionUseCase().execute, TicketsIssued: _seen, TicketsCancelled: _seen}


def _seen(_given: Incoming[Any], _ledger: Ledger) -> Outcome:
    return Outcome()
