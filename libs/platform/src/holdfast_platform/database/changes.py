"""Changes of the tables that every service has, for the migrations of each."""

from __future__ import annotations

from typing import Final

INBOX_BY_MESSAGE: Final = (
    "ALTER TABLE inbox DROP CONSTRAINT pk_inbox, ADD CONSTRAINT pk_inbox PRIMARY KEY (id, tenant_id)",
    "DROP INDEX ix_inbox_id",
)
"""Rows of the inbox were found by consumer and id before."""
INBOX_BY_CONSUMER: Final = (
    "ALTER TABLE inbox DROP CONSTRAINT pk_inbox, ADD CONSTRAINT pk_inbox PRIMARY KEY (consumer, id)",
    "CREATE INDEX ix_inbox_id ON inbox (id)",
)
"""The way back."""
