"""Changes of the tables that every service has, for the migrations of each."""

from __future__ import annotations

from typing import Final

from holdfast_platform.database.security import CONSUMER, TENANTS_OF_BATCH

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


def _consumer_policies(condition: str) -> str:
    return f"""
DO $$ DECLARE one record; BEGIN
  FOR one IN SELECT p.tablename FROM pg_policies p JOIN information_schema.columns c
      ON c.table_schema = p.schemaname AND c.table_name = p.tablename AND c.column_name = 'tenant_id'
      WHERE p.schemaname = current_schema() AND p.policyname = '{CONSUMER}'
  LOOP
    EXECUTE format(
      $alter$ALTER POLICY {CONSUMER} ON %I USING ({condition}) WITH CHECK ({condition})$alter$, one.tablename);
  END LOOP;
END $$
"""  # noqa: S608 - put together from constants


TENANTS_NO_INDEX_SERVES: Final = _consumer_policies(TENANTS_OF_BATCH)
"""The tenants of a batch are no longer looked up by an index: see `security`."""
TENANTS_AN_INDEX_SERVES: Final = _consumer_policies(
    "tenant_id = ANY ((SELECT nullif(current_setting('app.tenant_ids', true), '')::uuid[])::uuid[])"
)
"""The way back."""
