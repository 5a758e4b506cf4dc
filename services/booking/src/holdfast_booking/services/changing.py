"""What all changes of a booking share: into the ledger, told to the world, shown to the caller."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from holdfast_booking.domain.booking import Change
from holdfast_booking.domain.ledger import Ledger
from holdfast_booking.services.showing import OK, BookingShowing, state_bytes
from holdfast_booking.services.telling import event_of, release_of
from holdfast_contracts import envelope
from holdfast_platform.units.messages import Incoming, Outcome, Outgoing


def entered(given: Incoming[Any], change: Change, ledger: Ledger, state: bytes | None = None) -> list[Outgoing]:
    """Take a change into the ledger and return what has to be told of it; nothing where nothing changed.

    Capacity is given back by the very step that ends the booking, and so once.
    """
    if change.step is None:
        return []
    ledger.enter(change)
    told = [event_of(given, change, state or state_bytes(change.booking))]
    if change.ends_claim:
        told.append(release_of(change.booking, str(change.booking.status), given.replies))
    return told


def answered(
    given: Incoming[Any], change: Change, ledger: Ledger, showing: BookingShowing, status: int = OK
) -> Outcome:
    """Enter and tell a change, and answer with the booking as it is now."""
    state = state_bytes(change.booking)
    told = entered(given, change, ledger, state)
    answer = showing.answer(change.booking, ledger.now, status, state)
    if change.ends_claim:
        answer = replace(answer, kind=envelope.KIND_RELEASING)
    return Outcome(answer, told)
