"""Messages of booking: commands to one booking, and one event for each of its versions."""

from __future__ import annotations

from uuid import UUID

from holdfast_contracts.enums import BookingStatus, CheckInVia
from holdfast_contracts.message import Command, Message, TenantFacts
from holdfast_contracts.public.bookings import BookingState, CancelBookingDto
from holdfast_contracts.public.contents import ContentSnapshot
from holdfast_contracts.values import Instant

# -- commands -------------------------------------------------------------------------------------------------


class ConfirmBooking(Command):
    """Staff confirm a pending booking."""

    booking_id: UUID


class CancelBooking(Command):
    """Cancel, by the policy for customers and always for staff."""

    booking_id: UUID
    body: CancelBookingDto


class CheckInBooking(Command):
    """Staff check the whole party in."""

    booking_id: UUID


class ExpireBooking(Message):
    """The time of a pending booking is up. Made by booking's own sweeper; never travels."""

    booking_id: UUID


# -- events ---------------------------------------------------------------------------------------------------


class BookingEvent(Message):
    """One version of a booking: the whole state, what it is for, and whose it is."""

    booking_id: UUID
    version: int
    occurred_at: Instant
    previous_status: BookingStatus | None
    status: BookingStatus
    booking: BookingState
    content: ContentSnapshot
    tenant: TenantFacts
    subject: str
    reason: str | None = None


class BookingCreated(BookingEvent):
    """A booking began as pending."""


class BookingConfirmed(BookingEvent):
    """A booking is confirmed, or began as such."""


class BookingUpdated(BookingEvent):
    """A change without a transition."""


class BookingRescheduled(BookingEvent):
    """A booking has new times."""


class BookingCheckedIn(BookingEvent):
    """The party, or the first of it, is in. Only `via: staff` admits all tickets."""

    via: CheckInVia


class BookingCheckInUndone(BookingEvent):
    """A check-in by staff was taken back."""


class BookingCompleted(BookingEvent):
    """The booking took place."""


class BookingNoShowMarked(BookingEvent):
    """Nobody came."""


class BookingCancelled(BookingEvent):
    """The booking is cancelled; its capacity is on its way back."""


class BookingExpired(BookingEvent):
    """A pending booking was not paid or approved in time."""


class BookingWaitlisted(BookingEvent):
    """An entry of the waiting list."""


COMMANDS: tuple[type[Message], ...] = (ConfirmBooking, CancelBooking, CheckInBooking)
EVENTS: tuple[type[Message], ...] = (
    BookingCreated,
    BookingConfirmed,
    BookingUpdated,
    BookingRescheduled,
    BookingCheckedIn,
    BookingCheckInUndone,
    BookingCompleted,
    BookingNoShowMarked,
    BookingCancelled,
    BookingExpired,
    BookingWaitlisted,
)
