"""The key of places begins with the claim: among many tenants it was taken for the look-up by resource and time.

Revision ID: 0005
"""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_KEY = "ALTER TABLE claim_places DROP CONSTRAINT pk_claim_places, ADD CONSTRAINT pk_claim_places PRIMARY KEY"


def upgrade() -> None:
    op.execute(f"{_KEY} (claim_id, resource_id, tenant_id)")


def downgrade() -> None:
    op.execute(f"{_KEY} (tenant_id, claim_id, resource_id)")
