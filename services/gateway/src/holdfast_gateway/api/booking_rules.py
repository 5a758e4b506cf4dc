"""What the edge knows of the bodies of bookings and holds: who may send what, and what is not built yet.

Fields for staff only are 403 for others: the value may be right, the scope lacks. A contact that is missing, or an
end that a hold's type cannot have, is 422.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from holdfast_contracts.enums import BookingMode, HoldType
from holdfast_contracts.problems import FieldError
from holdfast_contracts.public.bookings import CancelBookingDto, CreateBookingDto
from holdfast_contracts.public.holds import CreateHoldDto, ExtendHoldDto
from holdfast_contracts.public.schedules import SessionSchedule
from holdfast_gateway.api.vocabulary import refuse_unless_staff
from holdfast_gateway.domain.caller import Caller

BUILT_MODES: Final = frozenset({BookingMode.SESSION, BookingMode.TIME_SLOT})
"""Modes of a booking that can be made; the others answer 501."""
_OF_UNBUILT_MODES: Final = {
    BookingMode.DATE_RANGE: {"startDate", "endDate", "endTime"},
    BookingMode.NIGHTS: {"checkIn", "checkOut", "adults", "children"},
    BookingMode.TABLE: {"partySize", "area"},
    BookingMode.OPEN_DATE: {"validFrom", "validUntil", "visits"},
    BookingMode.REQUEST: {"preferred"},
}
"""Fields of a `schedulePayload` that only this mode has: a hold does not name its mode [spec/03, Modes]."""
_STAFF_HOLDS: Final = frozenset({HoldType.STAFF, HoldType.WAITLIST_OFFER})


def check_create(caller: Caller, body: CreateBookingDto) -> list[FieldError]:
    """Return what lacks: a guest leaves an e-mail or a phone [spec/10, Bookings]. Raises Refusal: fields for staff."""
    refuse_unless_staff(caller, internalNote=body.internal_note, origin=body.origin)
    wrong = _nothing_wished(body)
    if not caller.staff and body.customer_email is None and body.customer_phone is None:
        wrong.append(FieldError("customerEmail", "REQUIRED", "is required unless there is a customerPhone"))
    return wrong


def unbuilt_booking(fields: Mapping[str, Any]) -> str | None:
    """Return what of a create is planned only: other modes, series."""
    mode = fields.get("bookingMode")
    if isinstance(mode, str) and mode in {one.value for one in BookingMode if one not in BUILT_MODES}:
        return f"Bookings in mode {mode} are not built yet."
    return "Recurring bookings are not built yet." if "recurrence" in fields else None


def staff_field_of_create(fields: Mapping[str, Any]) -> str | None:
    """Return what only staff may send of a create, whatever else is wrong with it."""
    return _first_sent(fields, "internalNote", "origin")


def check_hold(caller: Caller, body: CreateHoldDto) -> list[FieldError]:
    """Return what does not go: only holds of staff have an end of their own. Raises Refusal: only staff have such."""
    if body.hold_type in _STAFF_HOLDS:
        refuse_unless_staff(caller, holdType=body.hold_type)
    wrong = _nothing_wished(body)
    if body.expires_at is not None and body.hold_type is not HoldType.STAFF:
        wrong.append(FieldError("expiresAt", "NOT_ALLOWED", "can be given for holdType staff only"))
    return wrong


def unbuilt_hold(fields: Mapping[str, Any]) -> str | None:
    """Return what of a hold is planned only: modes that bookings do not have yet either."""
    payload = fields.get("schedulePayload")
    if not isinstance(payload, dict):
        return None
    mode = next((mode for mode, own in _OF_UNBUILT_MODES.items() if not own.isdisjoint(payload)), None)
    return None if mode is None else f"Holds in mode {mode} are not built yet."


def staff_field_of_hold(fields: Mapping[str, Any]) -> str | None:
    """Return what only staff may send of a hold: types of theirs."""
    return "holdType" if fields.get("holdType") in list(_STAFF_HOLDS) else None


def check_extend(caller: Caller, body: ExtendHoldDto) -> list[FieldError]:
    """Raise Refusal: a given end is for staff."""
    refuse_unless_staff(caller, expiresAt=body.expires_at)
    return []


def staff_field_of_extension(fields: Mapping[str, Any]) -> str | None:
    """Return what only staff may send to extend a hold."""
    return _first_sent(fields, "expiresAt")


def check_cancel(caller: Caller, body: CancelBookingDto) -> list[FieldError]:
    """Raise Refusal: waiving a fee is for staff."""
    refuse_unless_staff(caller, waiveFee=body.waive_fee)
    return []


def staff_field_of_cancel(fields: Mapping[str, Any]) -> str | None:
    """Return what only staff may send to cancel."""
    return _first_sent(fields, "waiveFee")


def _first_sent(fields: Mapping[str, Any], *names: str) -> str | None:
    return next((name for name in names if fields.get(name)), None)


def _nothing_wished(body: CreateBookingDto | CreateHoldDto) -> list[FieldError]:
    """Return what lacks where nothing says what is wished: a dated session, a content, or a resource for a slot."""
    payload = body.schedule_payload
    if isinstance(payload, SessionSchedule):
        wished = body.content_id or payload.session_id or payload.content_id
    else:
        wished = body.content_id or body.resource_id
    return [] if wished is not None else [FieldError("contentId", "REQUIRED", "is required")]
