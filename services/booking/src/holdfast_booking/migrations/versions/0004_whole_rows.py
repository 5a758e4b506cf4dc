"""A booking is some two kilobytes, just above where PostgreSQL begins to compress columns: that took a quarter of the
time of its insert, to save little. Rows of up to 8 kB stay as they are (`toast_tuple_target`,
https://www.postgresql.org/docs/15/sql-createtable.html#RELOPTION-TOAST-TUPLE-TARGET).

Revision ID: 0004
"""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE bookings SET (toast_tuple_target = 8160)")


def downgrade() -> None:
    op.execute("ALTER TABLE bookings RESET (toast_tuple_target)")
