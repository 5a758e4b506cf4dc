"""What was promised to whom: the hash of the request behind a 202, to tell another one with the same key.

Expand: rows of before have none, and a gateway of before writes none; then nothing is compared.
"""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    op.execute("ALTER TABLE operations ADD COLUMN request_hash text")


def downgrade() -> None:
    """Drop it."""
    op.execute("ALTER TABLE operations DROP COLUMN request_hash")
