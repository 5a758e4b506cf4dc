"""Tables of tickets: what is known of a booking, its tickets, each scan, and the tenants' signing keys."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID

from holdfast_contracts.enums import BookingStatus, EntryPolicy, ScanDirection, ScanResult, TicketStatus
from holdfast_platform.tables import NAMING, platform_tables

metadata = MetaData(naming_convention=NAMING)


def _one_of(column: str, values: type[StrEnum]) -> CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=f"{column}_known")


def _instant(name: str, *, nullable: bool = False) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=nullable)


admissions = Table(
    "admissions",
    metadata,
    Column("tenant_id", UUID, nullable=False),
    Column("booking_id", UUID, nullable=False),
    Column("version", Integer, nullable=False),
    Column("status", Text, nullable=False),
    Column("booking_number", Text, nullable=False),
    Column("ticket_code", Text, nullable=False),
    Column("session_id", UUID),
    Column("facts", JSONB, nullable=False),
    _instant("changed_at"),
    Column("content_id", UUID),
    PrimaryKeyConstraint("tenant_id", "booking_id"),
    _one_of("status", BookingStatus),
    Index("ix_admissions_ticket_code", "ticket_code"),
    Index("ix_admissions_tenant_id_booking_number", "tenant_id", "booking_number"),
)

tickets = Table(
    "tickets",
    metadata,
    Column("tenant_id", UUID, nullable=False),
    Column("id", UUID, nullable=False),
    Column("booking_id", UUID, nullable=False),
    Column("position", Integer, nullable=False),
    Column("ticket_code", Text, nullable=False),
    Column("key_number", Integer, nullable=False),
    Column("tier_id", UUID),
    Column("seat_label", Text),
    Column("attendee_name", Text),
    Column("attendee_email", Text),
    Column("status", Text, nullable=False),
    Column("entry_policy", Text, nullable=False),
    Column("code_version", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    Column("entries", Integer, nullable=False),
    Column("inside", Boolean, nullable=False),
    _instant("first_at", nullable=True),
    Column("first_gate", Text),
    Column("first_device", Text),
    _instant("last_at", nullable=True),
    Column("by_staff", Boolean, nullable=False),
    Column("data", JSONB, nullable=False),
    _instant("created_at"),
    _instant("updated_at"),
    PrimaryKeyConstraint("tenant_id", "id"),
    ForeignKeyConstraint(["tenant_id", "booking_id"], ["admissions.tenant_id", "admissions.booking_id"]),
    UniqueConstraint("ticket_code"),
    UniqueConstraint("tenant_id", "booking_id", "position"),
    _one_of("status", TicketStatus),
    _one_of("entry_policy", EntryPolicy),
    CheckConstraint("(entries > 0) = (first_at IS NOT NULL)", name="first_of_entries"),
)

scans = Table(
    "scans",
    metadata,
    Column("tenant_id", UUID, nullable=False),
    Column("id", UUID, nullable=False),
    Column("booking_id", UUID),
    Column("ticket_id", UUID),
    Column("passed", ARRAY(UUID), nullable=False),
    Column("session_id", UUID),
    Column("device_id", Text, nullable=False),
    Column("gate", Text),
    Column("nonce", Text),
    Column("wish", Text, nullable=False),
    Column("direction", Text, nullable=False),
    Column("result", Text, nullable=False),
    Column("admitted", Boolean, nullable=False),
    Column("overridden", Text),
    Column("dry_run", Boolean, nullable=False),
    Column("subject", Text, nullable=False),
    _instant("scanned_at"),
    _instant("recorded_at"),
    Column("answer", LargeBinary),
    PrimaryKeyConstraint("tenant_id", "id"),
    UniqueConstraint("tenant_id", "device_id", "nonce"),
    Index("ix_scans_tenant_id_booking_id_recorded_at", "tenant_id", "booking_id", "recorded_at"),
    _one_of("direction", ScanDirection),
    _one_of("result", ScanResult),
)

signing_keys = Table(
    "signing_keys",
    metadata,
    Column("tenant_id", UUID, nullable=False),
    Column("number", Integer, nullable=False),
    Column("public_key", LargeBinary, nullable=False),
    Column("sealed_seed", LargeBinary, nullable=False),
    _instant("created_at"),
    PrimaryKeyConstraint("tenant_id", "number"),
    CheckConstraint("number BETWEEN 1 AND 65535", name="number_fits_payload"),
    CheckConstraint("octet_length(public_key) = 32", name="public_key_is_ed25519"),
)

platform_tables(metadata)
