"""What a list of bookings is asked for [spec/02, Bookings; spec/10, Requests and answers]."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from holdfast_contracts.enums import BookingMode, BookingOrigin, BookingStatus, BookingType


class SortField(StrEnum):
    """What a list can be sorted by."""

    STARTS_AT = "startsAt"
    CREATED_AT = "createdAt"
    CUSTOMER_NAME = "customerName"


@dataclass(frozen=True, slots=True)
class BookingQuery:
    """Filters, order and page. Several values of one filter mean any of them; dates are the tenant's local days."""

    statuses: tuple[BookingStatus, ...] = ()
    types: tuple[BookingType, ...] = ()
    modes: tuple[BookingMode, ...] = ()
    origins: tuple[BookingOrigin, ...] = ()
    resource_ids: tuple[UUID, ...] = ()
    content_ids: tuple[UUID, ...] = ()
    customer_ids: tuple[UUID, ...] = ()
    date_from: date | None = None
    date_to: date | None = None
    search: str | None = None
    sort: SortField = SortField.CREATED_AT
    descending: bool = True
    page: int = 1
    limit: int = 20

    @property
    def offset(self) -> int:
        """How many bookings come before the page."""
        return (self.page - 1) * self.limit

    @property
    def has_dates(self) -> bool:
        """Whether local days are asked for, and so a zone is needed."""
        return self.date_from is not None or self.date_to is not None

    def starts_between(self, zone: str) -> tuple[datetime | None, datetime | None]:
        """Return the instants `[from, to)` of the local days, inclusive, in a zone."""
        first = None if self.date_from is None else _midnight(self.date_from, zone)
        last = None if self.date_to is None else _midnight(self.date_to + timedelta(days=1), zone)
        return first, last


def _midnight(day: date, zone: str) -> datetime:
    """The beginning of a local day. Where the clock skips midnight, the offset before the gap holds (PEP 495)."""
    return datetime.combine(day, time(), tzinfo=ZoneInfo(zone)).astimezone(UTC)
