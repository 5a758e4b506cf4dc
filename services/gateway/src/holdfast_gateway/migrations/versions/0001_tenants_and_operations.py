"""Tenants, their domains, operations; inbox and outbox; who may see what."""

from __future__ import annotations

from alembic import op

from holdfast_platform.database.security import role_name, secure, secure_platform_tables

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_TABLES = (
    """
    CREATE TABLE tenants (
        id uuid CONSTRAINT pk_tenants PRIMARY KEY,
        slug text NOT NULL CONSTRAINT uq_tenants_slug UNIQUE,
        name text NOT NULL,
        timezone text NOT NULL,
        currency text NOT NULL,
        status text NOT NULL
            CONSTRAINT ck_tenants_status_known CHECK (status IN ('pending', 'active', 'suspended', 'closed')),
        settings jsonb NOT NULL,
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL,
        version integer NOT NULL
    )
    """,
    """
    CREATE TABLE tenant_domains (
        domain text CONSTRAINT pk_tenant_domains PRIMARY KEY,
        tenant_id uuid NOT NULL CONSTRAINT fk_tenant_domains_tenant_id REFERENCES tenants (id),
        position integer NOT NULL
    )
    """,
    "CREATE INDEX ix_tenant_domains_tenant_id ON tenant_domains (tenant_id)",
    """
    CREATE TABLE operations (
        tenant_id uuid NOT NULL,
        id uuid NOT NULL,
        subject text NOT NULL,
        owner text NOT NULL,
        command text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        CONSTRAINT pk_operations PRIMARY KEY (tenant_id, id)
    )
    """,
    "CREATE INDEX ix_operations_created_at ON operations (created_at)",
    """
    CREATE TABLE inbox (
        consumer text NOT NULL,
        id uuid NOT NULL,
        tenant_id uuid NOT NULL,
        type text NOT NULL,
        operation text,
        subject text,
        request_hash text,
        outcome text NOT NULL,
        status integer,
        body bytea,
        etag text,
        received_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        CONSTRAINT pk_inbox PRIMARY KEY (consumer, id)
    )
    """,
    "CREATE INDEX ix_inbox_id ON inbox (id)",
    "CREATE INDEX ix_inbox_received_at ON inbox (received_at)",
    """
    CREATE TABLE outbox (
        id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_outbox PRIMARY KEY,
        tenant_id uuid NOT NULL,
        topic text NOT NULL,
        key text NOT NULL,
        headers jsonb NOT NULL,
        payload bytea NOT NULL,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp()
    )
    """,
    """
    CREATE TABLE outbox_dead (
        id bigint CONSTRAINT pk_outbox_dead PRIMARY KEY,
        tenant_id uuid NOT NULL,
        topic text NOT NULL,
        key text NOT NULL,
        headers jsonb NOT NULL,
        payload bytea NOT NULL,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        reason text NOT NULL,
        moved_at timestamptz NOT NULL DEFAULT clock_timestamp()
    )
    """,
)


def upgrade() -> None:
    """Make the tables. Domains are unique over all tenants, so who adds one may see that it is taken."""
    for statement in _TABLES:
        op.execute(statement)
    for statement in (*secure_platform_tables("gateway"), *_our_rights()):
        op.execute(statement)


def _our_rights() -> list[str]:
    requests, consumer, sweeper, auditor = (
        role_name("gateway", role) for role in ("requests", "consumer", "sweeper", "auditor")
    )
    return [
        *secure(
            "gateway",
            ("tenant_domains", "operations"),
            sweeps={"tenant_domains": "SELECT", "operations": "SELECT, DELETE"},
            requests_write=("operations",),
        ),
        f"CREATE POLICY directory ON tenant_domains FOR SELECT TO {consumer} USING (true)",
        f"GRANT SELECT ON tenants TO {requests}, {sweeper}, {auditor}",
        f"GRANT SELECT, INSERT, UPDATE ON tenants TO {consumer}",
        f"GRANT SELECT ON alembic_version TO {requests}, {consumer}, {sweeper}, {auditor}",
    ]


def downgrade() -> None:
    """Drop everything."""
    for table in ("outbox_dead", "outbox", "inbox", "operations", "tenant_domains", "tenants"):
        op.execute(f"DROP TABLE {table}")
