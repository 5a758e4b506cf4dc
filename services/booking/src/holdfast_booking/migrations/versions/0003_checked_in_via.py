"""A booking remembers who checked it in, so that staff can let in the rest of a party after a door.

Revision ID: 0003
"""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE bookings ADD COLUMN checked_in_via TEXT")
    op.execute(
        "ALTER TABLE bookings ADD CONSTRAINT ck_bookings_checked_in_via_known "
        "CHECK (checked_in_via IN ('door', 'staff'))"
    )


def downgrade() -> None:
    op.execute("ALTER TABLE bookings DROP COLUMN checked_in_via")
