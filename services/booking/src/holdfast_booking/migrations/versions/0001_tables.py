"""Tables of booking.

Revision ID: 0001
Revises:
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from holdfast_platform.database.security import secure, secure_platform_tables

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SERVICE = "booking"
# The sweeper finds what is due and may lock it; it sees no personal data and changes nothing.
SWEEPS = {
    "bookings": "SELECT (tenant_id, id, version, status, pending_expires_at), UPDATE (pending_expires_at)",
}


def upgrade() -> None:
    _create_bookings()
    _create_booking_history()
    _create_customer_limits()
    _create_inbox()
    _create_outbox()
    _create_outbox_dead()
    tables = ("bookings", "booking_history", "customer_limits")
    for statement in [*secure(SERVICE, tables, sweeps=SWEEPS), *secure_platform_tables(SERVICE)]:
        op.execute(statement)


def downgrade() -> None:
    for table in ("outbox_dead", "outbox", "inbox", "customer_limits", "booking_history", "bookings"):
        op.drop_table(table)


def _create_bookings() -> None:
    op.create_table(
        "bookings",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("booking_number", sa.Text(), nullable=False),
        sa.Column("ticket_code", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("payment_status", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("booking_mode", sa.Text(), nullable=False),
        sa.Column("content_id", sa.UUID(), nullable=True),
        sa.Column("resource_id", sa.UUID(), nullable=True),
        sa.Column("resource_data", postgresql.JSONB(), nullable=False),
        sa.Column("schedule_payload", postgresql.JSONB(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("duration_minutes", sa.Integer(), nullable=True),
        sa.Column("timezone", sa.Text(), nullable=False),
        sa.Column("claim_id", sa.UUID(), nullable=False),
        sa.Column("claim_key", sa.Text(), nullable=False),
        sa.Column("actor_type", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("order_id", sa.UUID(), nullable=True),
        sa.Column("series_id", sa.UUID(), nullable=True),
        sa.Column("guest_count", sa.Integer(), nullable=False),
        sa.Column("guests", postgresql.JSONB(), nullable=False),
        sa.Column("customer_id", sa.UUID(), nullable=True),
        sa.Column("customer_name", sa.Text(), nullable=True),
        sa.Column("customer_email", sa.Text(), nullable=True),
        sa.Column("customer_phone", sa.Text(), nullable=True),
        sa.Column("customer_note", sa.Text(), nullable=True),
        sa.Column("email_key", sa.Text(), nullable=True),
        sa.Column("phone_key", sa.Text(), nullable=True),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column("internal_note", sa.Text(), nullable=True),
        sa.Column("price", postgresql.JSONB(), nullable=False),
        sa.Column("policy", postgresql.JSONB(), nullable=False),
        sa.Column("data", postgresql.JSONB(), nullable=False),
        sa.Column("content", postgresql.JSONB(), nullable=False),
        sa.Column("tenant", postgresql.JSONB(), nullable=False),
        sa.Column("pending_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("checked_in_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_by", sa.Text(), nullable=True),
        sa.Column("reason_code", sa.Text(), nullable=True),
        sa.Column("fee_charged", sa.Numeric(), nullable=True),
        sa.Column("pending_change", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "booking_mode IN ('time_slot', 'session', 'date_range', 'nights', 'table', 'open_date', 'request')",
            name=op.f("ck_bookings_booking_mode_known"),
        ),
        sa.CheckConstraint(
            "cancelled_by IN ('customer', 'business', 'system')", name=op.f("ck_bookings_cancelled_by_known")
        ),
        sa.CheckConstraint(
            "payment_status IN ('not_required', 'unpaid', 'deposit_paid', 'paid', 'refunded', "
            "'partially_refunded', 'failed')",
            name=op.f("ck_bookings_payment_status_known"),
        ),
        sa.CheckConstraint(
            "status <> 'cancelled' OR cancelled_at IS NOT NULL", name=op.f("ck_bookings_cancelled_once")
        ),
        sa.CheckConstraint(
            "status <> 'pending' OR pending_expires_at IS NOT NULL", name=op.f("ck_bookings_pending_ends")
        ),
        sa.CheckConstraint(
            "status IN ('pending', 'confirmed', 'checked_in', 'completed', 'cancelled', 'no_show', "
            "'waitlisted', 'expired')",
            name=op.f("ck_bookings_status_known"),
        ),
        sa.CheckConstraint(
            "type IN ('appointment', 'class', 'event', 'rental', 'accommodation', 'table', 'tour', "
            "'service', 'custom')",
            name=op.f("ck_bookings_type_known"),
        ),
        sa.CheckConstraint("ends_at IS NULL OR ends_at >= starts_at", name=op.f("ck_bookings_ends_after_start")),
        sa.CheckConstraint("guest_count BETWEEN 1 AND 500", name=op.f("ck_bookings_guest_count_bounded")),
        sa.CheckConstraint("version >= 1", name=op.f("ck_bookings_version_counts")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_bookings")),
        sa.UniqueConstraint("tenant_id", "booking_number", name=op.f("uq_bookings_tenant_id_booking_number")),
        sa.UniqueConstraint("ticket_code", name=op.f("uq_bookings_ticket_code")),
    )
    op.create_index("ix_bookings_content", "bookings", ["tenant_id", "content_id", "starts_at"], unique=False)
    op.create_index("ix_bookings_created", "bookings", ["tenant_id", "created_at"], unique=False)
    op.create_index(
        "ix_bookings_customer",
        "bookings",
        ["tenant_id", "customer_id"],
        unique=False,
        postgresql_where=sa.text("customer_id IS NOT NULL"),
    )
    op.create_index(
        "ix_bookings_email",
        "bookings",
        ["tenant_id", "email_key"],
        unique=False,
        postgresql_where=sa.text("email_key IS NOT NULL"),
    )
    op.create_index("ix_bookings_name", "bookings", ["tenant_id", "customer_name"], unique=False)
    op.create_index(
        "ix_bookings_pending",
        "bookings",
        ["pending_expires_at"],
        unique=False,
        postgresql_where=sa.text("status = 'pending'"),
    )
    op.create_index(
        "ix_bookings_phone",
        "bookings",
        ["tenant_id", "phone_key"],
        unique=False,
        postgresql_where=sa.text("phone_key IS NOT NULL"),
    )
    op.create_index(
        "ix_bookings_resource",
        "bookings",
        ["tenant_id", "resource_id", "starts_at"],
        unique=False,
        postgresql_where=sa.text("resource_id IS NOT NULL"),
    )
    op.create_index("ix_bookings_starts", "bookings", ["tenant_id", "starts_at"], unique=False)


def _create_booking_history() -> None:
    op.create_table(
        "booking_history",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("booking_id", sa.UUID(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("from_status", sa.Text(), nullable=True),
        sa.Column("to_status", sa.Text(), nullable=False),
        sa.Column("actor_type", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("reason_code", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "booking_id"],
            ["bookings.tenant_id", "bookings.id"],
            name=op.f("fk_booking_history_tenant_id_booking_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "booking_id", "version", name=op.f("pk_booking_history")),
    )


def _create_customer_limits() -> None:
    op.create_table(
        "customer_limits",
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "key", name=op.f("pk_customer_limits")),
    )


def _create_inbox() -> None:
    op.create_table(
        "inbox",
        sa.Column("consumer", sa.Text(), nullable=False),
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("operation", sa.Text(), nullable=True),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("request_hash", sa.Text(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("etag", sa.Text(), nullable=True),
        sa.Column(
            "received_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.PrimaryKeyConstraint("consumer", "id", name=op.f("pk_inbox")),
    )
    op.create_index("ix_inbox_id", "inbox", ["id"], unique=False)
    op.create_index("ix_inbox_received_at", "inbox", ["received_at"], unique=False)


def _create_outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("headers", postgresql.JSONB(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
    )


def _create_outbox_dead() -> None:
    op.create_table(
        "outbox_dead",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("tenant_id", sa.UUID(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("headers", postgresql.JSONB(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("moved_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_dead")),
    )
