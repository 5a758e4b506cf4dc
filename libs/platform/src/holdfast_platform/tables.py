"""Tables that every service has in its own database: inbox, outbox, and what the outbox could never send."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, DateTime, Identity, Index, Integer, LargeBinary, MetaData, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB, UUID

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
"""Names of constraints, so that migrations can refer to them."""

_NOW = text("clock_timestamp()")


def inbox_table(metadata: MetaData) -> Table:
    """Declare the inbox: one row for each message done, with the stored result of a command (I5).

    One for the whole service: an idempotency key is one request, whichever of its consumers the request came through.
    """
    return Table(
        "inbox",
        metadata,
        Column("consumer", Text, nullable=False),
        Column("id", UUID, primary_key=True),
        Column("tenant_id", UUID, primary_key=True),
        Column("type", Text, nullable=False),
        Column("operation", Text),
        Column("subject", Text),
        Column("request_hash", Text),
        Column("outcome", Text, nullable=False),
        Column("status", Integer),
        Column("body", LargeBinary),
        Column("etag", Text),
        Column("received_at", DateTime(timezone=True), nullable=False, server_default=_NOW),
        Index("ix_inbox_received_at", "received_at"),
    )


def _message_columns() -> list[Column[object]]:
    return [
        Column("tenant_id", UUID, nullable=False),
        Column("topic", Text, nullable=False),
        Column("key", Text, nullable=False),
        Column("headers", JSONB, nullable=False),
        Column("payload", LargeBinary, nullable=False),
        Column("created_at", DateTime(timezone=True), nullable=False, server_default=_NOW),
    ]


def outbox_table(metadata: MetaData) -> Table:
    """Declare the outbox: what waits to be published, in the order of its ids for each key."""
    return Table(
        "outbox", metadata, Column("id", BigInteger, Identity(always=True), primary_key=True), *_message_columns()
    )


def outbox_dead_table(metadata: MetaData) -> Table:
    """Declare where rows go that no repeat could ever send."""
    return Table(
        "outbox_dead",
        metadata,
        Column("id", BigInteger, primary_key=True, autoincrement=False),
        *_message_columns(),
        Column("reason", Text, nullable=False),
        Column("moved_at", DateTime(timezone=True), nullable=False, server_default=_NOW),
    )


def platform_tables(metadata: MetaData) -> tuple[Table, Table, Table]:
    """Declare inbox, outbox and outbox_dead in a service's metadata."""
    return inbox_table(metadata), outbox_table(metadata), outbox_dead_table(metadata)
