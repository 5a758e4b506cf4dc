"""Tables of the gateway: tenants and their domains, and what was answered with 202."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, DateTime, ForeignKey, Index, Integer, MetaData, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB, UUID

from holdfast_platform.tables import NAMING, platform_tables

metadata = MetaData(naming_convention=NAMING)

_NOW = text("clock_timestamp()")

tenants = Table(
    "tenants",
    metadata,
    Column("id", UUID, primary_key=True),
    Column("slug", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("timezone", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("settings", JSONB, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False),
    Column("version", Integer, nullable=False),
    CheckConstraint("status IN ('pending', 'active', 'suspended', 'closed')", name="status_known"),
)

tenant_domains = Table(
    "tenant_domains",
    metadata,
    Column("domain", Text, primary_key=True),
    Column("tenant_id", UUID, ForeignKey("tenants.id"), nullable=False),
    Column("position", Integer, nullable=False),
    Index("ix_tenant_domains_tenant_id", "tenant_id"),
)

operations = Table(
    "operations",
    metadata,
    Column("tenant_id", UUID, primary_key=True),
    Column("id", UUID, primary_key=True),
    Column("subject", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("command", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=_NOW),
    Column("request_hash", Text),
    Index("ix_operations_created_at", "created_at"),
)

inbox, outbox, outbox_dead = platform_tables(metadata)
