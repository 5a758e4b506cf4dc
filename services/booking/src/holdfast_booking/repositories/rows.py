"""Bookings and steps as rows, and rows as bookings."""

from __future__ import annotations

import re
from typing import Final

import asyncpg

from holdfast_booking.domain.booking import Booking
from holdfast_booking.domain.customers import email_key, phone_key
from holdfast_booking.domain.facts import Customer, Facts, Place
from holdfast_booking.domain.history import Author, Step
from holdfast_booking.domain.ledger import Key
from holdfast_booking.domain.policy import Terms
from holdfast_booking.tables import bookings
from holdfast_contracts.enums import (
    BookingActorType,
    BookingMode,
    BookingOrigin,
    BookingStatus,
    BookingType,
    CheckInVia,
    PaymentStatus,
)

Row = dict[str, object]

_NOT_READ: Final = frozenset({"email_key", "phone_key", "search_text"})
_DIALLED: Final = re.compile(r"\s*[+(]?[0-9][0-9 ()/.-]{3,}[0-9]\s*")
"""A phone number as people write it, perhaps with the zero of calls inside a country."""
COLUMNS: Final = ", ".join(f"b.{column.name}" for column in bookings.columns if column.name not in _NOT_READ)
"""What a booking is read from; the table goes by the name `b`."""


def searchable(booking: Booking) -> str:
    """Return what `search` looks into: number, name, e-mail and phone in lower case, a line each."""
    customer = booking.facts.customer
    return "\n".join(text for text in (booking.number, customer.name, customer.email, customer.phone) if text).lower()


def sought(text: str) -> str:
    """Return how a search stands in what `searchable` returns: a phone number is kept as E.164, however it is typed."""
    if _DIALLED.fullmatch(text) is None:
        return text.lower()
    international = text.lstrip().startswith(("+", "00"))
    digits = "".join(char for char in text.replace("(0)", "") if char.isdecimal()).lstrip("0")
    return f"+{digits}" if international else digits


def state_row(booking: Booking) -> Row:
    """Return the columns that a booking's life changes, with its key."""
    return {
        "tenant_id": booking.tenant_id,
        "id": booking.id,
        "version": booking.version,
        "status": booking.status,
        "payment_status": booking.payment_status,
        "pending_expires_at": booking.pending_expires_at,
        "confirmed_at": booking.confirmed_at,
        "checked_in_at": booking.checked_in_at,
        "checked_in_via": booking.checked_in_via,
        "cancelled_at": booking.cancelled_at,
        "cancelled_by": booking.cancelled_by,
        "reason_code": booking.reason_code,
        "fee_charged": booking.fee_charged,
        "pending_change": booking.pending_change,
        "updated_at": booking.updated_at,
    }


def booking_row(booking: Booking) -> Row:
    """Return all columns of a new booking."""
    return {
        **state_row(booking),
        "booking_number": booking.number,
        "ticket_code": booking.ticket_code,
        "search_text": searchable(booking),
        "created_at": booking.created_at,
        **_facts_row(booking.facts),
        **_place_row(booking.facts.place),
        **_customer_row(booking.facts.customer),
    }


def _facts_row(facts: Facts) -> Row:
    return {
        "type": facts.type,
        "booking_mode": facts.mode,
        "actor_type": facts.actor_type,
        "origin": facts.origin,
        "subject": facts.subject,
        "order_id": facts.order_id,
        "series_id": facts.series_id,
        "guest_count": facts.guest_count,
        "guests": facts.guests,
        "internal_note": facts.internal_note,
        "price": facts.price,
        "policy": facts.policy,
        "data": facts.data,
        "content": facts.content,
        "tenant": facts.tenant,
    }


def _place_row(place: Place) -> Row:
    return {
        "content_id": place.content_id,
        "resource_id": place.resource_id,
        "resource_data": place.resource_data,
        "schedule_payload": place.schedule_payload,
        "starts_at": place.starts_at,
        "ends_at": place.ends_at,
        "duration_minutes": place.duration_minutes,
        "timezone": place.timezone,
        "claim_id": place.claim_id,
        "claim_key": place.claim_key,
    }


def _customer_row(customer: Customer) -> Row:
    return {
        "customer_id": customer.id,
        "customer_name": customer.name,
        "customer_email": customer.email,
        "customer_phone": customer.phone,
        "customer_note": customer.note,
        "email_key": email_key(customer.email),
        "phone_key": phone_key(customer.phone),
    }


def history_row(key: Key, step: Step) -> Row:
    """Return the row of one step."""
    tenant_id, booking_id = key
    return {
        "tenant_id": tenant_id,
        "booking_id": booking_id,
        "version": step.version,
        "at": step.at,
        "from_status": step.source,
        "to_status": step.target,
        "actor_type": step.author.type,
        "actor": step.author.subject,
        "reason": step.reason,
        "reason_code": step.reason_code,
        "note": step.note,
    }


def read_booking(row: asyncpg.Record) -> Booking:
    """Return the booking of a row with `COLUMNS`."""
    return Booking(
        id=row["id"],
        tenant_id=row["tenant_id"],
        number=row["booking_number"],
        ticket_code=row["ticket_code"],
        version=row["version"],
        status=BookingStatus(row["status"]),
        payment_status=PaymentStatus(row["payment_status"]),
        facts=_read_facts(row),
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        pending_expires_at=row["pending_expires_at"],
        confirmed_at=row["confirmed_at"],
        checked_in_at=row["checked_in_at"],
        checked_in_via=row["checked_in_via"] and CheckInVia(row["checked_in_via"]),
        cancelled_at=row["cancelled_at"],
        cancelled_by=row["cancelled_by"],
        reason_code=row["reason_code"],
        fee_charged=row["fee_charged"],
        pending_change=row["pending_change"],
    )


def _read_facts(row: asyncpg.Record) -> Facts:
    return Facts(
        type=BookingType(row["type"]),
        mode=BookingMode(row["booking_mode"]),
        place=_read_place(row),
        customer=Customer(
            row["customer_id"],
            row["customer_name"],
            row["customer_email"],
            row["customer_phone"],
            row["customer_note"],
        ),
        actor_type=BookingActorType(row["actor_type"]),
        origin=BookingOrigin(row["origin"]),
        subject=row["subject"],
        order_id=row["order_id"],
        series_id=row["series_id"],
        guest_count=row["guest_count"],
        guests=row["guests"],
        internal_note=row["internal_note"],
        price=row["price"],
        policy=row["policy"],
        terms=Terms.read(row["policy"]),
        data=row["data"],
        content=row["content"],
        tenant=row["tenant"],
    )


def _read_place(row: asyncpg.Record) -> Place:
    return Place(
        content_id=row["content_id"],
        resource_id=row["resource_id"],
        resource_data=row["resource_data"],
        schedule_payload=row["schedule_payload"],
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
        duration_minutes=row["duration_minutes"],
        timezone=row["timezone"],
        claim_id=row["claim_id"],
        claim_key=row["claim_key"],
    )


def read_step(row: asyncpg.Record) -> Step:
    """Return the step of a row of the history."""
    author_type = BookingActorType(row["actor_type"])
    author = Author(author_type, row["actor"], staff=author_type is BookingActorType.STAFF)
    return Step(
        version=row["version"],
        at=row["at"],
        source=None if row["from_status"] is None else BookingStatus(row["from_status"]),
        target=BookingStatus(row["to_status"]),
        author=author,
        reason=row["reason"],
        reason_code=row["reason_code"],
        note=row["note"],
    )
