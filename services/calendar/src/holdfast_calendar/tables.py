"""Tables of the calendar: one row for each booking it knows [docs/architecture.md, Tables]."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, DateTime, Integer, MetaData, PrimaryKeyConstraint, Table, Text
from sqlalchemy.dialects.postgresql import JSONB, UUID

from holdfast_contracts.enums import BookingMode, BookingStatus
from holdfast_platform.tables import NAMING, platform_tables

metadata = MetaData(naming_convention=NAMING)


def _one_of(column: str, values: type[BookingStatus | BookingMode]) -> CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=f"{column}_known")


def _instant(name: str, *, nullable: bool = False) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=nullable)


entries = Table(
    "entries",
    metadata,
    Column("tenant_id", UUID, nullable=False),
    Column("booking_id", UUID, nullable=False),
    Column("version", Integer, nullable=False),
    Column("uid", Text, nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("subject", Text, nullable=False),
    Column("booking_number", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("booking_mode", Text, nullable=False),
    _instant("starts_at"),
    _instant("ends_at", nullable=True),
    Column("timezone", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("venue", Text),
    Column("resources", JSONB, nullable=False),
    Column("guest_count", Integer, nullable=False),
    Column("business_name", Text, nullable=False),
    Column("business_timezone", Text, nullable=False),
    _instant("created_at"),
    _instant("changed_at"),
    PrimaryKeyConstraint("tenant_id", "booking_id"),
    _one_of("status", BookingStatus),
    _one_of("booking_mode", BookingMode),
)

platform_tables(metadata)
