"""Entries of the calendar; inbox and outbox.

Revision ID: 0001
"""

from alembic import op

from holdfast_platform.database.security import secure, secure_platform_tables

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SERVICE = "calendar"

DDL = """
CREATE TABLE entries (
    tenant_id UUID NOT NULL,
    booking_id UUID NOT NULL,
    version INTEGER NOT NULL,
    uid TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    subject TEXT NOT NULL,
    booking_number TEXT NOT NULL,
    status TEXT NOT NULL,
    booking_mode TEXT NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz,
    timezone TEXT NOT NULL,
    title TEXT NOT NULL,
    venue TEXT,
    resources JSONB NOT NULL,
    guest_count INTEGER NOT NULL,
    business_name TEXT NOT NULL,
    business_timezone TEXT NOT NULL,
    created_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    CONSTRAINT pk_entries PRIMARY KEY (tenant_id, booking_id),
    CONSTRAINT ck_entries_status_known CHECK (status IN ('pending', 'confirmed', 'checked_in', 'completed',
        'cancelled', 'no_show', 'waitlisted', 'expired')),
    CONSTRAINT ck_entries_booking_mode_known CHECK (booking_mode IN ('time_slot', 'session', 'date_range', 'nights',
        'table', 'open_date', 'request'))
);

CREATE TABLE inbox (
    consumer TEXT NOT NULL,
    id UUID NOT NULL,
    tenant_id UUID NOT NULL,
    type TEXT NOT NULL,
    operation TEXT,
    subject TEXT,
    request_hash TEXT,
    outcome TEXT NOT NULL,
    status INTEGER,
    body BYTEA,
    etag TEXT,
    received_at timestamptz DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT pk_inbox PRIMARY KEY (consumer, id)
);

CREATE INDEX ix_inbox_id ON inbox (id);

CREATE INDEX ix_inbox_received_at ON inbox (received_at);

CREATE TABLE outbox (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    tenant_id UUID NOT NULL,
    topic TEXT NOT NULL,
    key TEXT NOT NULL,
    headers JSONB NOT NULL,
    payload BYTEA NOT NULL,
    created_at timestamptz DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT pk_outbox PRIMARY KEY (id)
);

CREATE TABLE outbox_dead (
    id BIGINT NOT NULL,
    tenant_id UUID NOT NULL,
    topic TEXT NOT NULL,
    key TEXT NOT NULL,
    headers JSONB NOT NULL,
    payload BYTEA NOT NULL,
    created_at timestamptz DEFAULT clock_timestamp() NOT NULL,
    reason TEXT NOT NULL,
    moved_at timestamptz DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT pk_outbox_dead PRIMARY KEY (id)
)
"""


def upgrade() -> None:
    for statement in DDL.split(";\n"):
        op.execute(statement)
    for statement in [*secure(SERVICE, ("entries",)), *secure_platform_tables(SERVICE)]:
        op.execute(statement)


def downgrade() -> None:
    for table in ("outbox_dead", "outbox", "inbox", "entries"):
        op.execute(f"DROP TABLE {table}")
