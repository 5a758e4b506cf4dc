"""Parameters of the reads. Dates are local and inclusive; several values by repeating a name [spec/02, spec/10]."""

from __future__ import annotations

from typing import Annotated, Literal, TypeVar
from uuid import UUID

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from holdfast_contracts.enums import (
    BookingMode,
    BookingOrigin,
    BookingStatus,
    BookingType,
    ContentStatus,
    ResourceStatus,
    ResourceType,
    SessionStatus,
)
from holdfast_contracts.values import LocalDate, ZoneName
from holdfast_gateway.pipeline.query_values import Digits, Paged, Query, Search


class ListBookings(Paged):
    """GET /bookings."""

    status: list[BookingStatus] | None = None
    type: list[BookingType] | None = None
    booking_mode: list[BookingMode] | None = None
    origin: list[BookingOrigin] | None = None
    resource_id: list[UUID] | None = None
    content_id: list[UUID] | None = None
    customer_id: list[UUID] | None = None
    date_from: LocalDate | None = None
    date_to: LocalDate | None = None
    search: Search | None = None
    sort: Literal["startsAt", "-startsAt", "createdAt", "-createdAt", "customerName", "-customerName"] = "-createdAt"

    @model_validator(mode="after")
    def _in_order(self) -> ListBookings:
        return _dates_in_order(self)


class ListResources(Paged):
    """GET /bookings/resources."""

    category_id: UUID | None = None
    type: ResourceType | None = None
    status: ResourceStatus | None = None
    skill: Search | None = None
    search: Search | None = None


class ListContents(Paged):
    """GET /contents."""

    kind: BookingType | None = None
    mode: BookingMode | None = None
    status: ContentStatus | None = None
    search: Search | None = None


class ListSessions(Paged):
    """GET /contents/:id/sessions."""

    date_from: LocalDate | None = None
    date_to: LocalDate | None = None
    status: SessionStatus | None = None

    @model_validator(mode="after")
    def _in_order(self) -> ListSessions:
        return _dates_in_order(self)


class Availability(Query):
    """GET /bookings/availability: of a content or of a resource."""

    content_id: UUID | None = None
    resource_id: UUID | None = None
    date_from: LocalDate
    date_to: LocalDate
    guests: Annotated[int, Field(ge=1, le=500), Digits] = 1
    duration_minutes: Annotated[int, Field(ge=1, le=89_280), Digits] | None = None
    timezone: ZoneName | None = None
    tier_id: UUID | None = None
    include: Literal["unavailable"] | None = None

    @model_validator(mode="after")
    def _asks_for_something(self) -> Availability:
        if self.content_id is None and self.resource_id is None:
            raise PydanticCustomError("missing", "contentId or resourceId is required", {"path": "contentId"})
        return _dates_in_order(self)


class Link(Query):
    """What signs a link."""

    exp: Annotated[str, Field(max_length=20)] | None = None
    kid: Annotated[str, Field(max_length=64)] | None = None
    sig: Annotated[str, Field(max_length=100)] | None = None


class Qr(Link):
    """GET /booking-assets/:id/qr.png."""

    ticket_id: UUID | None = None
    scale: Annotated[int, Field(ge=1, le=20), Digits] = 8


class Paper(Query):
    """A PDF of tickets: a page of which size each."""

    paper: Literal["a4", "80mm"] = "a4"


class PdfLink(Link, Paper):
    """GET /booking-assets/:id/tickets/pdf."""


Dated = TypeVar("Dated", ListBookings, ListSessions, Availability)


def _dates_in_order(query: Dated) -> Dated:
    if query.date_from is not None and query.date_to is not None and query.date_to < query.date_from:
        raise PydanticCustomError("out_of_range", "must not be before dateFrom", {"path": "dateTo"})
    return query
