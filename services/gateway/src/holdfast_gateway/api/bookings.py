"""BookingController, the part about bookings themselves."""

from __future__ import annotations

from functools import partial
from typing import Final

from holdfast_contracts.booking import CancelBooking, CheckInBooking, ConfirmBooking
from holdfast_contracts.inventory import PlaceClaim
from holdfast_contracts.public.base import Page
from holdfast_contracts.public.bookings import (
    BookingResponseDto,
    CancelBookingDto,
    CreateBookingDto,
    HistoryEntryDto,
)
from holdfast_contracts.topics import BOOKING_COMMANDS, INVENTORY_COMMANDS
from holdfast_gateway.api import examples
from holdfast_gateway.api.booking_rules import (
    check_cancel,
    check_create,
    staff_field_of_cancel,
    staff_field_of_create,
    unbuilt_booking,
)
from holdfast_gateway.api.queries import ListBookings
from holdfast_gateway.api.vocabulary import (
    BY_CODE,
    CAPACITY,
    CREATE,
    EXPORTS,
    READ_ANY,
    READ_OWN,
    STATS,
    VERSIONED,
    WRITE_ANY,
    WRITE_OWN,
    C,
    contended,
    of_path,
    planned,
    visitor,
)
from holdfast_gateway.pipeline.routes import Controller, ListOf, Owner, Read, Write

_CREATE: Final = Write(
    method="POST",
    path="/bookings",
    owner=Owner.BOOKING,
    operation="CreateBooking",
    summary="Create a booking",
    notes="Capacity is taken first, then the booking is recorded. `sessionId` is the visitor's, for a hold.",
    scopes=CREATE,
    body=CreateBookingDto,
    check=check_create,
    for_staff=staff_field_of_create,
    unbuilt=unbuilt_booking,
    command=PlaceClaim,
    topic=INVENTORY_COMMANDS,
    key=contended,
    fields=visitor,
    placed=True,
    status=201,
    shape=BookingResponseDto,
    errors=(
        C.NOT_FOUND,
        *CAPACITY,
        C.HOLD_EXPIRED,
        C.HOLD_MISMATCH,
        C.TOO_MANY_ACTIVE,
        C.NOT_IMPLEMENTED,
    ),
    example=examples.CREATE_BOOKING,
    answer_example=examples.BOOKING_ANSWER,
)

_CONFIRM: Final = Write(
    method="PATCH",
    path="/bookings/:id/confirm",
    owner=Owner.BOOKING,
    operation="ConfirmBooking",
    summary="Confirm a pending booking",
    scopes=WRITE_ANY,
    command=ConfirmBooking,
    topic=BOOKING_COMMANDS,
    key=of_path,
    fields=lambda call: {"bookingId": of_path(call)},
    body_required=False,
    versioned=True,
    shape=BookingResponseDto,
    errors=(*VERSIONED, C.INVALID_TRANSITION),
    answer_example=examples.BOOKING_ANSWER,
)

_CANCEL: Final = Write(
    method="PATCH",
    path="/bookings/:id/cancel",
    owner=Owner.BOOKING,
    operation="CancelBooking",
    summary="Cancel a booking",
    notes="Customers by the policy, staff always. The answer waits a little until the place is free.",
    scopes=WRITE_OWN,
    body=CancelBookingDto,
    body_required=False,
    check=check_cancel,
    for_staff=staff_field_of_cancel,
    command=CancelBooking,
    topic=BOOKING_COMMANDS,
    key=of_path,
    fields=lambda call: {"bookingId": of_path(call)},
    versioned=True,
    shape=BookingResponseDto,
    errors=(*VERSIONED, C.INVALID_TRANSITION, C.CANCEL_NOT_ALLOWED, C.CANCEL_TOO_CLOSE),
    example=examples.CANCEL,
    answer_example=examples.BOOKING_ANSWER,
)

_CHECK_IN: Final = Write(
    method="PATCH",
    path="/bookings/:id/check-in",
    owner=Owner.BOOKING,
    operation="CheckInBooking",
    summary="Check the whole party in",
    scopes=WRITE_ANY,
    command=CheckInBooking,
    topic=BOOKING_COMMANDS,
    key=of_path,
    fields=lambda call: {"bookingId": of_path(call)},
    body_required=False,
    versioned=True,
    shape=BookingResponseDto,
    errors=(*VERSIONED, C.INVALID_TRANSITION, C.TOO_EARLY, C.TOO_LATE),
    answer_example=examples.BOOKING_ANSWER,
)

_LIST: Final = Read(
    method="GET",
    path="/bookings",
    owner=Owner.BOOKING,
    operation="ListBookings",
    summary="List bookings",
    scopes=READ_ANY,
    internal="/internal/bookings",
    query=ListBookings,
    local_days=True,
    shape=Page[BookingResponseDto],
    answer_example=examples.page_of(examples.BOOKING_ANSWER),
)

_GET: Final = Read(
    method="GET",
    path="/bookings/:id",
    owner=Owner.BOOKING,
    operation="GetBookingById",
    summary="One booking",
    scopes=READ_OWN,
    internal="/internal/bookings/{id}",
    coalesced=True,
    shape=BookingResponseDto,
    errors=(C.NOT_FOUND,),
    answer_example=examples.BOOKING_ANSWER,
)

_BY_NUMBER: Final = Read(
    method="GET",
    path="/bookings/number/:bookingNumber",
    owner=Owner.BOOKING,
    operation="GetBookingByNumber",
    summary="One booking by its number",
    scopes=READ_OWN,
    internal="/internal/bookings/number/{bookingNumber}",
    shape=BookingResponseDto,
    errors=(C.NOT_FOUND,),
    answer_example=examples.BOOKING_ANSWER,
)

_HISTORY: Final = Read(
    method="GET",
    path="/bookings/:id/history",
    owner=Owner.BOOKING,
    operation="GetBookingHistory",
    summary="Every transition: who, when, why",
    scopes=READ_ANY,
    reference=False,
    internal="/internal/bookings/{id}/history",
    shape=ListOf(HistoryEntryDto),
    errors=(C.NOT_FOUND,),
    answer_example=[
        {
            "version": 1,
            "at": "2027-01-10T09:01:00Z",
            "from": None,
            "to": "confirmed",
            "actorType": "guest",
            "actor": examples.VISITOR,
            "reason": None,
            "reasonCode": None,
            "note": None,
        }
    ],
)

_planned: Final = partial(planned, Owner.BOOKING)


BOOKINGS: Final = Controller(
    "bookings",
    "Bookings",
    (
        _LIST,
        _CREATE,
        _GET,
        _BY_NUMBER,
        _HISTORY,
        _CONFIRM,
        _CANCEL,
        _CHECK_IN,
        _planned("GET", "/bookings/by-code/:ticketCode", "GetBookingByCode", "The booking of a code", BY_CODE),
        _planned("GET", "/bookings/calendar-events", "GetCalendarEvents", "What a calendar view draws", READ_ANY),
        _planned("GET", "/bookings/export", "ExportBookings", "All bookings as CSV", EXPORTS),
        _planned("GET", "/bookings/stats", "GetBookingStats", "Figures of a range of days", STATS),
        _planned("GET", "/bookings/upcoming", "GetUpcomingBookings", "From now on, soonest first", READ_ANY),
        _planned("POST", "/bookings/:id/pay", "InitializeBookingPayment", "Start a payment", WRITE_OWN),
        _planned("POST", "/bookings/waitlist", "JoinWaitlist", "Join the waiting list", CREATE),
        _planned("POST", "/bookings/walk-in", "CreateWalkInBooking", "Confirmed and checked in at once", WRITE_ANY),
        _planned("PUT", "/bookings/:id", "UpdateBooking", "Update customer, notes, guests", WRITE_ANY),
        _planned("PATCH", "/bookings/:id/complete", "CompleteBooking", "Complete a booking", WRITE_ANY),
        _planned("PATCH", "/bookings/:id/no-show", "MarkNoShow", "Mark that nobody came", WRITE_ANY),
        _planned("PATCH", "/bookings/:id/reschedule", "RescheduleBooking", "Move a booking", WRITE_OWN),
        _planned("POST", "/bookings/recurring/preview", "PreviewSeries", "Each date of a series", CREATE, ours=True),
        _planned(
            "PATCH", "/bookings/series/:seriesId/cancel", "CancelSeries", "Cancel of a series", WRITE_ANY, ours=True
        ),
        _planned(
            "PATCH", "/bookings/series/:seriesId/reschedule", "MoveSeries", "Move of a series", WRITE_ANY, ours=True
        ),
        _planned("POST", "/bookings/:id/waitlist/accept", "AcceptOffer", "Accept an offer", WRITE_OWN, ours=True),
        _planned("POST", "/bookings/:id/waitlist/decline", "DeclineOffer", "Decline an offer", WRITE_OWN, ours=True),
        _planned(
            "GET", "/members/:memberId/bookings", "GetMemberBookings", "Bookings of a member", READ_ANY, ours=True
        ),
        _planned("POST", "/bookings/:id/reminders", "SendBookingReminder", "Send one now", WRITE_ANY, ours=True),
        _planned("POST", "/bookings/:id/check-in/undo", "UndoCheckIn", "Take a check-in back", WRITE_ANY, ours=True),
        _planned("GET", "/bookings/no-shows", "ListNoShows", "The ledger of no-shows", READ_ANY, ours=True),
        _planned("GET", "/bookings/no-shows/:customerKey", "GetNoShows", "No-shows of a customer", READ_ANY, ours=True),
        _planned(
            "DELETE", "/bookings/no-shows/:customerKey", "WaiveNoShows", "Waive a customer's", WRITE_ANY, ours=True
        ),
    ),
)
