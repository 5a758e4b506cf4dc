"""Claims and holds, with the constraints that have the last word on capacity (I1, I2).

Revision ID: 0002
"""

from alembic import op

from holdfast_platform.database.security import secure

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TENANT_TABLES = (
    "claims",
    "claim_tiers",
    "claim_seats",
    "claim_places",
    "inventory_holds",
)

DDL = """
CREATE TABLE claims (
    tenant_id UUID NOT NULL,
    id UUID NOT NULL,
    booking_id UUID,
    hold_id UUID,
    content_id UUID,
    session_id UUID,
    resource_id UUID,
    status TEXT NOT NULL,
    quantity INTEGER NOT NULL,
    created_at timestamptz NOT NULL,
    ended_at timestamptz,
    CONSTRAINT pk_claims PRIMARY KEY (tenant_id, id),
    CONSTRAINT fk_claims_tenant_id_session_id FOREIGN KEY(tenant_id, session_id)
        REFERENCES sessions (tenant_id, id),
    CONSTRAINT fk_claims_tenant_id_resource_id FOREIGN KEY(tenant_id, resource_id)
        REFERENCES bookable_resources (tenant_id, id),
    CONSTRAINT ck_claims_status_known CHECK (status IN ('live', 'released', 'expired', 'converted')),
    CONSTRAINT ck_claims_ended_once CHECK ((status = 'live') = (ended_at IS NULL)),
    CONSTRAINT ck_claims_one_holder CHECK ((booking_id IS NULL) <> (hold_id IS NULL))
);

CREATE UNIQUE INDEX claims_of_booking ON claims (tenant_id, booking_id) WHERE status = 'live';

CREATE INDEX claims_of_hold ON claims (tenant_id, hold_id) WHERE hold_id IS NOT NULL;

CREATE TABLE claim_places (
    tenant_id UUID NOT NULL,
    claim_id UUID NOT NULL,
    resource_id UUID NOT NULL,
    unit INTEGER NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    free_from timestamptz NOT NULL,
    during TSTZRANGE NOT NULL,
    guests INTEGER NOT NULL,
    shared BOOLEAN NOT NULL,
    held BOOLEAN NOT NULL,
    CONSTRAINT pk_claim_places PRIMARY KEY (tenant_id, claim_id, resource_id),
    CONSTRAINT fk_claim_places_tenant_id_claim_id FOREIGN KEY(tenant_id, claim_id)
        REFERENCES claims (tenant_id, id),
    CONSTRAINT fk_claim_places_tenant_id_resource_id FOREIGN KEY(tenant_id, resource_id)
        REFERENCES bookable_resources (tenant_id, id),
    CONSTRAINT claim_places_apart
        EXCLUDE USING gist (resource_id WITH =, unit WITH =, during WITH &&) WHERE (NOT shared),
    CONSTRAINT ck_claim_places_place_sound CHECK (ends_at > starts_at AND free_from >= ends_at AND guests > 0)
);

CREATE INDEX claim_places_by_time ON claim_places (tenant_id, resource_id, starts_at, free_from);

CREATE TABLE claim_seats (
    tenant_id UUID NOT NULL,
    session_id UUID NOT NULL,
    label TEXT NOT NULL,
    claim_id UUID NOT NULL,
    tier_id UUID NOT NULL,
    CONSTRAINT pk_claim_seats PRIMARY KEY (tenant_id, session_id, label),
    CONSTRAINT fk_claim_seats_tenant_id_claim_id FOREIGN KEY(tenant_id, claim_id) REFERENCES claims (tenant_id, id)
);

CREATE INDEX claim_seats_of_claim ON claim_seats (tenant_id, claim_id);

CREATE TABLE claim_tiers (
    tenant_id UUID NOT NULL,
    claim_id UUID NOT NULL,
    session_id UUID NOT NULL,
    tier_id UUID NOT NULL,
    quantity INTEGER NOT NULL,
    CONSTRAINT pk_claim_tiers PRIMARY KEY (tenant_id, claim_id, tier_id),
    CONSTRAINT fk_claim_tiers_tenant_id_claim_id FOREIGN KEY(tenant_id, claim_id)
        REFERENCES claims (tenant_id, id),
    CONSTRAINT ck_claim_tiers_quantity_positive CHECK (quantity > 0)
);

CREATE TABLE inventory_holds (
    tenant_id UUID NOT NULL,
    id UUID NOT NULL,
    claim_id UUID NOT NULL,
    content_id UUID,
    resource_id UUID,
    hold_type TEXT NOT NULL,
    session_id TEXT NOT NULL,
    occurrence_id UUID,
    subject TEXT NOT NULL,
    quantity INTEGER NOT NULL,
    schedule_payload JSONB NOT NULL,
    quote JSONB NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    version BIGINT NOT NULL,
    CONSTRAINT pk_inventory_holds PRIMARY KEY (tenant_id, id),
    CONSTRAINT fk_inventory_holds_tenant_id_claim_id FOREIGN KEY(tenant_id, claim_id)
        REFERENCES claims (tenant_id, id),
    CONSTRAINT ck_inventory_holds_hold_type_known
        CHECK (hold_type IN ('cart', 'checkout', 'payment', 'waitlist_offer', 'staff')),
    CONSTRAINT one_hold_each
        UNIQUE NULLS NOT DISTINCT (tenant_id, session_id, content_id, resource_id, occurrence_id, starts_at, ends_at)
);

CREATE INDEX inventory_holds_expired ON inventory_holds (expires_at);

CREATE INDEX inventory_holds_of_resource ON inventory_holds (tenant_id, resource_id, expires_at);

CREATE INDEX inventory_holds_of_session ON inventory_holds (tenant_id, occurrence_id, expires_at)
"""

PEAK = """
CREATE FUNCTION claim_places_peak() RETURNS trigger LANGUAGE plpgsql AS $$
-- I2, second line of defence: never more guests at the same time than one unit of a shared resource takes.
-- The peak of overlapping stays is reached where one of them begins.
DECLARE
    peak bigint;
    most integer;
BEGIN
    SELECT r.capacity INTO most FROM bookable_resources r
     WHERE r.tenant_id = NEW.tenant_id AND r.id = NEW.resource_id;
    SELECT max(there) INTO peak FROM (
        SELECT (SELECT sum(o.guests) FROM claim_places o
                 WHERE o.tenant_id = NEW.tenant_id AND o.resource_id = NEW.resource_id AND o.unit = NEW.unit
                   AND o.starts_at <= b.starts_at AND o.ends_at > b.starts_at) AS there
          FROM claim_places b
         WHERE b.tenant_id = NEW.tenant_id AND b.resource_id = NEW.resource_id AND b.unit = NEW.unit
           AND b.starts_at < NEW.ends_at AND b.ends_at > NEW.starts_at
    ) AS moments;
    IF peak > most THEN
        RAISE EXCEPTION 'resource % has room for % guests, not %', NEW.resource_id, most, peak
            USING ERRCODE = 'check_violation', CONSTRAINT = 'claim_places_peak';
    END IF;
    RETURN NULL;
END $$
"""

PEAK_TRIGGER = """
CREATE CONSTRAINT TRIGGER claim_places_peak AFTER INSERT OR UPDATE ON claim_places
    FOR EACH ROW WHEN (NEW.shared) EXECUTE FUNCTION claim_places_peak()
"""

SWEEPS = {"inventory_holds": "SELECT (tenant_id, id, expires_at)"}
"""A sweeper sees which holds are due, and nothing of what they hold."""


def upgrade() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
    for statement in DDL.split(";\n"):
        op.execute(statement)
    op.execute(PEAK)
    op.execute(PEAK_TRIGGER)
    for statement in secure("inventory", TENANT_TABLES, sweeps=SWEEPS):
        op.execute(statement)


def downgrade() -> None:
    for table in reversed(TENANT_TABLES):
        op.execute(f"DROP TABLE {table}")
    op.execute("DROP FUNCTION claim_places_peak")
