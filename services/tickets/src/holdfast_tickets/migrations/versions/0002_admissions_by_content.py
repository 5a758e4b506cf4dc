"""Admissions name their content in a column of its own, as they do their session.

Revision ID: 0002
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE admissions ADD COLUMN content_id UUID")
    # Forced policies bind the owner as well, and would hide every row from this statement.
    op.execute("ALTER TABLE admissions NO FORCE ROW LEVEL SECURITY")
    op.execute("UPDATE admissions SET content_id = (facts ->> 'content_id')::uuid")
    op.execute("ALTER TABLE admissions FORCE ROW LEVEL SECURITY")


def downgrade() -> None:
    op.execute("ALTER TABLE admissions DROP COLUMN content_id")
