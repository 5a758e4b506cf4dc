"""Resources, contents with tiers, sessions; inbox and outbox.

Revision ID: 0001
"""

from alembic import op

from holdfast_platform.database.security import secure, secure_platform_tables

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TENANT_TABLES = (
    "bookable_resources",
    "contents",
    "content_tiers",
    "sessions",
    "session_tiers",
)

DDL = """
CREATE TABLE bookable_resources (
    tenant_id UUID NOT NULL,
    id UUID NOT NULL,
    category_id UUID,
    type TEXT NOT NULL,
    status TEXT NOT NULL,
    name TEXT NOT NULL,
    short_name TEXT,
    description TEXT,
    image_url TEXT,
    timezone TEXT NOT NULL,
    schedule JSONB,
    default_duration_minutes INTEGER NOT NULL,
    slot_interval_minutes INTEGER,
    buffer_minutes INTEGER NOT NULL,
    buffer_before_minutes INTEGER NOT NULL,
    advance_booking_days INTEGER,
    min_notice_hours INTEGER,
    max_bookings_per_slot INTEGER,
    capacity INTEGER NOT NULL,
    units INTEGER NOT NULL,
    price NUMERIC(14, 4),
    price_per_hour NUMERIC(14, 4),
    currency TEXT NOT NULL,
    skills TEXT[] NOT NULL,
    metadata JSONB NOT NULL,
    sort_order INTEGER NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    deleted_at timestamptz,
    version BIGINT NOT NULL,
    CONSTRAINT pk_bookable_resources PRIMARY KEY (tenant_id, id),
    CONSTRAINT ck_bookable_resources_status_known CHECK (status IN ('active', 'inactive', 'maintenance')),
    CONSTRAINT ck_bookable_resources_capacity_positive CHECK (capacity >= 1 AND units >= 1)
);

CREATE INDEX bookable_resources_list ON bookable_resources (tenant_id, sort_order, id);

CREATE TABLE contents (
    tenant_id UUID NOT NULL,
    id UUID NOT NULL,
    kind TEXT NOT NULL,
    mode TEXT NOT NULL,
    title TEXT NOT NULL,
    description TEXT,
    image_url TEXT,
    venue TEXT,
    timezone TEXT NOT NULL,
    duration_minutes INTEGER,
    status TEXT NOT NULL,
    price_rules JSONB NOT NULL,
    policies JSONB NOT NULL,
    restrictions JSONB NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    version BIGINT NOT NULL,
    CONSTRAINT pk_contents PRIMARY KEY (tenant_id, id),
    CONSTRAINT ck_contents_status_known CHECK (status IN ('draft', 'published', 'archived'))
);

CREATE INDEX contents_list ON contents (tenant_id, created_at, id);

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
);

CREATE TABLE content_tiers (
    tenant_id UUID NOT NULL,
    id UUID NOT NULL,
    content_id UUID NOT NULL,
    sort_order INTEGER NOT NULL,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    price NUMERIC(14, 4) NOT NULL,
    currency TEXT NOT NULL,
    quantity INTEGER,
    sales_start timestamptz,
    sales_end timestamptz,
    min_per_order INTEGER NOT NULL,
    max_per_order INTEGER,
    visibility TEXT NOT NULL,
    requires_attendee BOOLEAN NOT NULL,
    seat_map JSONB,
    admits INTEGER NOT NULL,
    check_in_from timestamptz,
    check_in_until timestamptz,
    entry_policy TEXT NOT NULL,
    shared_capacity_ids UUID[] NOT NULL,
    CONSTRAINT pk_content_tiers PRIMARY KEY (tenant_id, id),
    CONSTRAINT fk_content_tiers_tenant_id_content_id FOREIGN KEY(tenant_id, content_id)
        REFERENCES contents (tenant_id, id)
);

CREATE INDEX content_tiers_of_content ON content_tiers (tenant_id, content_id, sort_order);

CREATE TABLE sessions (
    tenant_id UUID NOT NULL,
    id UUID NOT NULL,
    content_id UUID NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    timezone TEXT NOT NULL,
    status TEXT NOT NULL,
    capacity INTEGER,
    taken INTEGER NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    version BIGINT NOT NULL,
    CONSTRAINT pk_sessions PRIMARY KEY (tenant_id, id),
    CONSTRAINT fk_sessions_tenant_id_content_id FOREIGN KEY(tenant_id, content_id)
        REFERENCES contents (tenant_id, id),
    CONSTRAINT ck_sessions_status_known CHECK (status IN ('scheduled', 'cancelled')),
    CONSTRAINT ck_sessions_taken_within_capacity CHECK (taken >= 0 AND (capacity IS NULL OR taken <= capacity)),
    CONSTRAINT ck_sessions_ends_after_start CHECK (ends_at > starts_at)
)
 WITH (fillfactor = 70);

CREATE INDEX sessions_of_content ON sessions (tenant_id, content_id, starts_at, id);

CREATE TABLE session_tiers (
    tenant_id UUID NOT NULL,
    session_id UUID NOT NULL,
    tier_id UUID NOT NULL,
    quantity INTEGER,
    taken INTEGER NOT NULL,
    CONSTRAINT pk_session_tiers PRIMARY KEY (tenant_id, session_id, tier_id),
    CONSTRAINT fk_session_tiers_tenant_id_session_id FOREIGN KEY(tenant_id, session_id)
        REFERENCES sessions (tenant_id, id),
    CONSTRAINT fk_session_tiers_tenant_id_tier_id FOREIGN KEY(tenant_id, tier_id)
        REFERENCES content_tiers (tenant_id, id),
    CONSTRAINT ck_session_tiers_taken_within_quantity
        CHECK (taken >= 0 AND (quantity IS NULL OR taken <= quantity))
)
 WITH (fillfactor = 70)
"""


def upgrade() -> None:
    for statement in DDL.split(";\n"):
        op.execute(statement)
    for statement in [*secure_platform_tables("inventory"), *secure("inventory", TENANT_TABLES)]:
        op.execute(statement)


def downgrade() -> None:
    for table in (*reversed(TENANT_TABLES), "inbox", "outbox", "outbox_dead"):
        op.execute(f"DROP TABLE {table}")
