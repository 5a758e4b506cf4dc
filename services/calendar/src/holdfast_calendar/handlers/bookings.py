"""`booking.events.v1`: a booking has a new version."""

from __future__ import annotations

from collections.abc import Mapping

from holdfast_calendar.domain.entries import Entries
from holdfast_calendar.usecases.record_entry import RecordEntryUseCase
from holdfast_contracts.booking import EVENTS
from holdfast_contracts.message import Message
from holdfast_platform.units.work import Decide


def on_bookings() -> Mapping[type[Message], Decide[Entries]]:
    """Return who decides the messages of the topic: a calendar shows whatever state a booking is in."""
    return dict.fromkeys(EVENTS, RecordEntryUseCase().execute)
