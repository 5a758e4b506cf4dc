"""Names are sorted as people do, without case and with their accents, not by code point.

The collation is ICU's root, the same for all tenants; two different names are never equal in it
(https://www.postgresql.org/docs/15/collation.html#COLLATION-MANAGING-PREDEFINED).

Revision ID: 0006
"""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute('ALTER TABLE bookings ALTER COLUMN customer_name TYPE TEXT COLLATE "und-x-icu"')


def downgrade() -> None:
    op.execute('ALTER TABLE bookings ALTER COLUMN customer_name TYPE TEXT COLLATE "default"')
