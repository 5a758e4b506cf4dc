"""Tables of booking: bookings, their history, and the customers that limits are counted for [docs/architecture.md].

Statuses are text with a CHECK and never enums: under row-level security enum comparison would lose its index.
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    Numeric,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, UUID

from holdfast_contracts.enums import BookingMode, BookingStatus, BookingType, PaymentStatus
from holdfast_platform.tables import NAMING, platform_tables

metadata = MetaData(naming_convention=NAMING)


def _one_of(column: str, values: type[BookingStatus | BookingMode | BookingType | PaymentStatus]) -> CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=f"{column}_known")


def _instant(name: str, *, nullable: bool = True) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=nullable)


bookings = Table(
    "bookings",
    metadata,
    Column("tenant_id", UUID, nullable=False),
    Column("id", UUID, nullable=False),
    Column("booking_number", Text, nullable=False),
    Column("ticket_code", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("status", Text, nullable=False),
    Column("payment_status", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("booking_mode", Text, nullable=False),
    Column("content_id", UUID),
    Column("resource_id", UUID),
    Column("resource_data", JSONB, nullable=False),
    Column("schedule_payload", JSONB, nullable=False),
    _instant("starts_at", nullable=False),
    _instant("ends_at"),
    Column("duration_minutes", Integer),
    Column("timezone", Text, nullable=False),
    Column("claim_id", UUID, nullable=False),
    Column("claim_key", Text, nullable=False),
    Column("actor_type", Text, nullable=False),
    Column("origin", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("order_id", UUID),
    Column("series_id", UUID),
    Column("guest_count", Integer, nullable=False),
    Column("guests", JSONB, nullable=False),
    Column("customer_id", UUID),
    Column("customer_name", Text(collation="und-x-icu")),
    Column("customer_email", Text),
    Column("customer_phone", Text),
    Column("customer_note", Text),
    Column("email_key", Text),
    Column("phone_key", Text),
    Column("search_text", Text, nullable=False),
    Column("internal_note", Text),
    Column("price", JSONB, nullable=False),
    Column("policy", JSONB, nullable=False),
    Column("data", JSONB, nullable=False),
    Column("content", JSONB, nullable=False),
    Column("tenant", JSONB, nullable=False),
    _instant("pending_expires_at"),
    _instant("confirmed_at"),
    _instant("checked_in_at"),
    Column("checked_in_via", Text),
    _instant("cancelled_at"),
    Column("cancelled_by", Text),
    Column("reason_code", Text),
    Column("fee_charged", Numeric),
    Column("pending_change", Boolean, nullable=False, server_default=text("false")),
    _instant("created_at", nullable=False),
    _instant("updated_at", nullable=False),
    PrimaryKeyConstraint("tenant_id", "id"),
    UniqueConstraint("tenant_id", "booking_number"),
    UniqueConstraint("ticket_code"),
    CheckConstraint("version >= 1", name="version_counts"),
    CheckConstraint("guest_count BETWEEN 1 AND 500", name="guest_count_bounded"),
    CheckConstraint("ends_at IS NULL OR ends_at >= starts_at", name="ends_after_start"),
    CheckConstraint("status <> 'pending' OR pending_expires_at IS NOT NULL", name="pending_ends"),
    CheckConstraint("status <> 'cancelled' OR cancelled_at IS NOT NULL", name="cancelled_once"),
    CheckConstraint("checked_in_via IN ('door', 'staff')", name="checked_in_via_known"),
    CheckConstraint("cancelled_by IN ('customer', 'business', 'system')", name="cancelled_by_known"),
    _one_of("status", BookingStatus),
    _one_of("payment_status", PaymentStatus),
    _one_of("type", BookingType),
    _one_of("booking_mode", BookingMode),
    Index("ix_bookings_created", "tenant_id", "created_at"),
    Index("ix_bookings_starts", "tenant_id", "starts_at"),
    Index("ix_bookings_name", "tenant_id", "customer_name"),
    Index("ix_bookings_content", "tenant_id", "content_id", "starts_at"),
    Index(
        "ix_bookings_resource",
        "tenant_id",
        "resource_id",
        "starts_at",
        postgresql_where=text("resource_id IS NOT NULL"),
    ),
    Index("ix_bookings_customer", "tenant_id", "customer_id", postgresql_where=text("customer_id IS NOT NULL")),
    Index("ix_bookings_email", "tenant_id", "email_key", postgresql_where=text("email_key IS NOT NULL")),
    Index("ix_bookings_phone", "tenant_id", "phone_key", postgresql_where=text("phone_key IS NOT NULL")),
    Index("ix_bookings_pending", "pending_expires_at", postgresql_where=text("status = 'pending'")),
)
"""`search_text` holds number, name, e-mail and phone in lower case, a line each.

Only the primary key has both `tenant_id` and `id`, so that look-ups by key take no other index.
"""

booking_history = Table(
    "booking_history",
    metadata,
    Column("tenant_id", UUID, nullable=False),
    Column("booking_id", UUID, nullable=False),
    Column("version", Integer, nullable=False),
    _instant("at", nullable=False),
    Column("from_status", Text),
    Column("to_status", Text, nullable=False),
    Column("actor_type", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("reason", Text),
    Column("reason_code", Text),
    Column("note", Text),
    PrimaryKeyConstraint("tenant_id", "booking_id", "version"),
    ForeignKeyConstraint(["tenant_id", "booking_id"], ["bookings.tenant_id", "bookings.id"], ondelete="CASCADE"),
)
"""One row for each version of a booking: who, when, from, to, why (I11)."""

customer_limits = Table(
    "customer_limits",
    metadata,
    Column("tenant_id", UUID, nullable=False),
    Column("key", Text, nullable=False),
    PrimaryKeyConstraint("tenant_id", "key"),
)
"""A row for each customer whose bookings a policy limits: what two creates of one customer meet at."""

inbox, outbox, outbox_dead = platform_tables(metadata)
