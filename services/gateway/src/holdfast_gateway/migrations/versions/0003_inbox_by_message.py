"""The inbox is found by message, whichever consumer it came through.

Revision ID: 0003
"""

from alembic import op

from holdfast_platform.database.changes import INBOX_BY_CONSUMER, INBOX_BY_MESSAGE

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for statement in INBOX_BY_MESSAGE:
        op.execute(statement)


def downgrade() -> None:
    for statement in INBOX_BY_CONSUMER:
        op.execute(statement)
