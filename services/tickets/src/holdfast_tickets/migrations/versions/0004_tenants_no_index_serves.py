"""The policy of batches is not for indexes: with very many tenants the planner took the wrong one.

Revision ID: 0004
"""

from alembic import op

from holdfast_platform.database.changes import TENANTS_AN_INDEX_SERVES, TENANTS_NO_INDEX_SERVES

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(TENANTS_NO_INDEX_SERVES)


def downgrade() -> None:
    op.execute(TENANTS_AN_INDEX_SERVES)
