"""Admissions, tickets, scans and signing keys; inbox and outbox.

Revision ID: 0001
"""

from alembic import op

from holdfast_platform.database.security import secure, secure_platform_tables

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SERVICE = "tickets"
TABLES = ("admissions", "tickets", "scans", "signing_keys")

DDL = """
CREATE TABLE admissions (
    tenant_id UUID NOT NULL,
    booking_id UUID NOT NULL,
    version INTEGER NOT NULL,
    status TEXT NOT NULL,
    booking_number TEXT NOT NULL,
    ticket_code TEXT NOT NULL,
    session_id UUID,
    facts JSONB NOT NULL,
    changed_at timestamptz NOT NULL,
    CONSTRAINT pk_admissions PRIMARY KEY (tenant_id, booking_id),
    CONSTRAINT ck_admissions_status_known CHECK (status IN ('pending', 'confirmed', 'checked_in', 'completed',
        'cancelled', 'no_show', 'waitlisted', 'expired'))
);

CREATE INDEX ix_admissions_tenant_id_booking_number ON admissions (tenant_id, booking_number);

CREATE INDEX ix_admissions_ticket_code ON admissions (ticket_code);

CREATE TABLE scans (
    tenant_id UUID NOT NULL,
    id UUID NOT NULL,
    booking_id UUID,
    ticket_id UUID,
    passed UUID[] NOT NULL,
    session_id UUID,
    device_id TEXT NOT NULL,
    gate TEXT,
    nonce TEXT,
    wish TEXT NOT NULL,
    direction TEXT NOT NULL,
    result TEXT NOT NULL,
    admitted BOOLEAN NOT NULL,
    overridden TEXT,
    dry_run BOOLEAN NOT NULL,
    subject TEXT NOT NULL,
    scanned_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    answer BYTEA,
    CONSTRAINT pk_scans PRIMARY KEY (tenant_id, id),
    CONSTRAINT uq_scans_tenant_id_device_id_nonce UNIQUE (tenant_id, device_id, nonce),
    CONSTRAINT ck_scans_direction_known CHECK (direction IN ('entry', 'exit')),
    CONSTRAINT ck_scans_result_known CHECK (result IN ('bad_signature', 'not_found', 'cancelled', 'refunded',
        'expired', 'waitlisted', 'superseded', 'wrong_event', 'wrong_tier', 'unpaid', 'pending_approval',
        'blocked', 'too_early', 'too_late', 'already_checked_in', 'not_inside', 'valid'))
);

CREATE INDEX ix_scans_tenant_id_booking_id_recorded_at ON scans (tenant_id, booking_id, recorded_at);

CREATE TABLE signing_keys (
    tenant_id UUID NOT NULL,
    number INTEGER NOT NULL,
    public_key BYTEA NOT NULL,
    sealed_seed BYTEA NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT pk_signing_keys PRIMARY KEY (tenant_id, number),
    CONSTRAINT ck_signing_keys_number_fits_payload CHECK (number BETWEEN 1 AND 65535),
    CONSTRAINT ck_signing_keys_public_key_is_ed25519 CHECK (octet_length(public_key) = 32)
);

CREATE TABLE tickets (
    tenant_id UUID NOT NULL,
    id UUID NOT NULL,
    booking_id UUID NOT NULL,
    position INTEGER NOT NULL,
    ticket_code TEXT NOT NULL,
    key_number INTEGER NOT NULL,
    tier_id UUID,
    seat_label TEXT,
    attendee_name TEXT,
    attendee_email TEXT,
    status TEXT NOT NULL,
    entry_policy TEXT NOT NULL,
    code_version INTEGER NOT NULL,
    version INTEGER NOT NULL,
    entries INTEGER NOT NULL,
    inside BOOLEAN NOT NULL,
    first_at timestamptz,
    first_gate TEXT,
    first_device TEXT,
    last_at timestamptz,
    by_staff BOOLEAN NOT NULL,
    data JSONB NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT pk_tickets PRIMARY KEY (tenant_id, id),
    CONSTRAINT fk_tickets_tenant_id_booking_id FOREIGN KEY(tenant_id, booking_id)
        REFERENCES admissions (tenant_id, booking_id),
    CONSTRAINT uq_tickets_ticket_code UNIQUE (ticket_code),
    CONSTRAINT uq_tickets_tenant_id_booking_id_position UNIQUE (tenant_id, booking_id, position),
    CONSTRAINT ck_tickets_status_known CHECK (status IN ('reserved', 'valid', 'checked_in', 'cancelled',
        'refunded', 'transferred', 'expired')),
    CONSTRAINT ck_tickets_entry_policy_known CHECK (entry_policy IN ('once', 'once_per_day', 're_entry_after_exit',
        'unlimited')),
    CONSTRAINT ck_tickets_first_of_entries CHECK ((entries > 0) = (first_at IS NOT NULL))
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
    for statement in [*secure(SERVICE, TABLES), *secure_platform_tables(SERVICE)]:
        op.execute(statement)


def downgrade() -> None:
    for table in ("outbox_dead", "outbox", "inbox", "signing_keys", "scans", "tickets", "admissions"):
        op.execute(f"DROP TABLE {table}")
