"""The inbox is found by message, whichever consumer it came through.

Revision ID: 0003
"""

from alembic import op

from holdfast_platform.database.changes import INBOX_BY_MESSAGE

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for statement in INBOX_BY_MESSAGE:
        op.execute(statement)


def downgrade() -> None:
    op.execute("ALTER TABLE inbox DROP CONSTRAINT pk_inbox, ADD CONSTRAINT pk_inbox PRIMARY KEY (consumer, id)")
    op.execute("CREATE INDEX ix_inbox_id ON inbox (id)")
