"""Tables of inventory. Keys are (tenant_id, id) everywhere, so that no join or foreign key crosses tenants (I12)."""

from collections.abc import Sequence

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    Numeric,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TSTZRANGE, ExcludeConstraint

from holdfast_contracts.enums import ContentStatus, HoldType, ResourceStatus, SessionStatus
from holdfast_inventory.domain.claim import ClaimStatus
from holdfast_platform.tables import NAMING, platform_tables

metadata = MetaData(naming_convention=NAMING)
inbox, outbox, outbox_dead = platform_tables(metadata)

MONEY = Numeric(14, 4)


def _one_of(column: str, values: Sequence[str]) -> CheckConstraint:
    """Statuses are text with a CHECK: comparison of enum types is not leakproof and loses its index."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=f"{column}_known")


def _instant(name: str, *, nullable: bool = False) -> "Column[object]":
    return Column(name, DateTime(timezone=True), nullable=nullable)


bookable_resources = Table(
    "bookable_resources",
    metadata,
    Column("tenant_id", Uuid, nullable=False),
    Column("id", Uuid, nullable=False),
    Column("category_id", Uuid),
    Column("type", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("short_name", Text),
    Column("description", Text),
    Column("image_url", Text),
    Column("timezone", Text, nullable=False),
    Column("schedule", JSONB),
    Column("default_duration_minutes", Integer, nullable=False),
    Column("slot_interval_minutes", Integer),
    Column("buffer_minutes", Integer, nullable=False),
    Column("buffer_before_minutes", Integer, nullable=False),
    Column("advance_booking_days", Integer),
    Column("min_notice_hours", Integer),
    Column("max_bookings_per_slot", Integer),
    Column("capacity", Integer, nullable=False),
    Column("units", Integer, nullable=False),
    Column("price", MONEY),
    Column("price_per_hour", MONEY),
    Column("currency", Text, nullable=False),
    Column("skills", ARRAY(Text), nullable=False),
    Column("metadata", JSONB, nullable=False),
    Column("sort_order", Integer, nullable=False),
    _instant("created_at"),
    _instant("updated_at"),
    _instant("deleted_at", nullable=True),
    Column("version", BigInteger, nullable=False),
    PrimaryKeyConstraint("tenant_id", "id"),
    _one_of("status", list(ResourceStatus)),
    CheckConstraint("capacity >= 1 AND units >= 1", name="capacity_positive"),
    Index("bookable_resources_list", "tenant_id", "sort_order", "id"),
)

contents = Table(
    "contents",
    metadata,
    Column("tenant_id", Uuid, nullable=False),
    Column("id", Uuid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("mode", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("description", Text),
    Column("image_url", Text),
    Column("venue", Text),
    Column("timezone", Text, nullable=False),
    Column("duration_minutes", Integer),
    Column("status", Text, nullable=False),
    Column("price_rules", JSONB, nullable=False),
    Column("policies", JSONB, nullable=False),
    Column("restrictions", JSONB, nullable=False),
    _instant("created_at"),
    _instant("updated_at"),
    Column("version", BigInteger, nullable=False),
    PrimaryKeyConstraint("tenant_id", "id"),
    _one_of("status", list(ContentStatus)),
    Index("contents_list", "tenant_id", "created_at", "id"),
)

content_tiers = Table(
    "content_tiers",
    metadata,
    Column("tenant_id", Uuid, nullable=False),
    Column("id", Uuid, nullable=False),
    Column("content_id", Uuid, nullable=False),
    Column("sort_order", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("price", MONEY, nullable=False),
    Column("currency", Text, nullable=False),
    Column("quantity", Integer),
    _instant("sales_start", nullable=True),
    _instant("sales_end", nullable=True),
    Column("min_per_order", Integer, nullable=False),
    Column("max_per_order", Integer),
    Column("visibility", Text, nullable=False),
    Column("requires_attendee", Boolean, nullable=False),
    Column("seat_map", JSONB),
    Column("admits", Integer, nullable=False),
    _instant("check_in_from", nullable=True),
    _instant("check_in_until", nullable=True),
    Column("entry_policy", Text, nullable=False),
    Column("shared_capacity_ids", ARRAY(Uuid), nullable=False),
    PrimaryKeyConstraint("tenant_id", "id"),
    ForeignKeyConstraint(["tenant_id", "content_id"], ["contents.tenant_id", "contents.id"]),
    Index("content_tiers_of_content", "tenant_id", "content_id", "sort_order"),
)

sessions = Table(
    "sessions",
    metadata,
    Column("tenant_id", Uuid, nullable=False),
    Column("id", Uuid, nullable=False),
    Column("content_id", Uuid, nullable=False),
    _instant("starts_at"),
    _instant("ends_at"),
    Column("timezone", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("capacity", Integer),
    Column("taken", Integer, nullable=False),
    _instant("created_at"),
    _instant("updated_at"),
    Column("version", BigInteger, nullable=False),
    PrimaryKeyConstraint("tenant_id", "id"),
    ForeignKeyConstraint(["tenant_id", "content_id"], ["contents.tenant_id", "contents.id"]),
    _one_of("status", list(SessionStatus)),
    # I2: never below nothing, never above what there is.
    CheckConstraint("taken >= 0 AND (capacity IS NULL OR taken <= capacity)", name="taken_within_capacity"),
    CheckConstraint("ends_at > starts_at", name="ends_after_start"),
    Index("sessions_of_content", "tenant_id", "content_id", "starts_at", "id"),
    postgresql_with={"fillfactor": 70},
)

session_tiers = Table(
    "session_tiers",
    metadata,
    Column("tenant_id", Uuid, nullable=False),
    Column("session_id", Uuid, nullable=False),
    Column("tier_id", Uuid, nullable=False),
    Column("quantity", Integer),
    Column("taken", Integer, nullable=False),
    PrimaryKeyConstraint("tenant_id", "session_id", "tier_id"),
    ForeignKeyConstraint(["tenant_id", "session_id"], ["sessions.tenant_id", "sessions.id"]),
    ForeignKeyConstraint(["tenant_id", "tier_id"], ["content_tiers.tenant_id", "content_tiers.id"]),
    CheckConstraint("taken >= 0 AND (quantity IS NULL OR taken <= quantity)", name="taken_within_quantity"),
    postgresql_with={"fillfactor": 70},
)

claims = Table(
    "claims",
    metadata,
    Column("tenant_id", Uuid, nullable=False),
    Column("id", Uuid, nullable=False),
    Column("booking_id", Uuid),
    Column("hold_id", Uuid),
    Column("content_id", Uuid),
    Column("session_id", Uuid),
    Column("resource_id", Uuid),
    Column("status", Text, nullable=False),
    Column("quantity", Integer, nullable=False),
    _instant("created_at"),
    _instant("ended_at", nullable=True),
    PrimaryKeyConstraint("tenant_id", "id"),
    ForeignKeyConstraint(["tenant_id", "session_id"], ["sessions.tenant_id", "sessions.id"]),
    ForeignKeyConstraint(["tenant_id", "resource_id"], ["bookable_resources.tenant_id", "bookable_resources.id"]),
    _one_of("status", list(ClaimStatus)),
    CheckConstraint("(status = 'live') = (ended_at IS NULL)", name="ended_once"),
    CheckConstraint("(booking_id IS NULL) <> (hold_id IS NULL)", name="one_holder"),
    Index("claims_of_booking", "tenant_id", "booking_id", unique=True, postgresql_where=text("status = 'live'")),
    Index("claims_of_hold", "tenant_id", "hold_id", postgresql_where=text("hold_id IS NOT NULL")),
)

claim_tiers = Table(
    "claim_tiers",
    metadata,
    Column("tenant_id", Uuid, nullable=False),
    Column("claim_id", Uuid, nullable=False),
    Column("session_id", Uuid, nullable=False),
    Column("tier_id", Uuid, nullable=False),
    Column("quantity", Integer, nullable=False),
    PrimaryKeyConstraint("tenant_id", "claim_id", "tier_id"),
    ForeignKeyConstraint(["tenant_id", "claim_id"], ["claims.tenant_id", "claims.id"]),
    CheckConstraint("quantity > 0", name="quantity_positive"),
)

claim_seats = Table(
    "claim_seats",
    metadata,
    Column("tenant_id", Uuid, nullable=False),
    Column("session_id", Uuid, nullable=False),
    Column("label", Text, nullable=False),
    Column("claim_id", Uuid, nullable=False),
    Column("tier_id", Uuid, nullable=False),
    # Rows are there while their claim is live, so a label is unique per session among live claims.
    PrimaryKeyConstraint("tenant_id", "session_id", "label"),
    ForeignKeyConstraint(["tenant_id", "claim_id"], ["claims.tenant_id", "claims.id"]),
    Index("claim_seats_of_claim", "tenant_id", "claim_id"),
)

claim_places = Table(
    "claim_places",
    metadata,
    Column("tenant_id", Uuid, nullable=False),
    Column("claim_id", Uuid, nullable=False),
    Column("resource_id", Uuid, nullable=False),
    Column("unit", Integer, nullable=False),
    _instant("starts_at"),
    _instant("ends_at"),
    _instant("free_from"),
    Column("during", TSTZRANGE, nullable=False),
    Column("guests", Integer, nullable=False),
    Column("shared", Boolean, nullable=False),
    Column("held", Boolean, nullable=False),
    # Rows are there while their claim is live.
    # Not the tenant first: who looks for the places of a resource must not find this index instead of the one by time.
    PrimaryKeyConstraint("claim_id", "resource_id", "tenant_id"),
    ForeignKeyConstraint(["tenant_id", "claim_id"], ["claims.tenant_id", "claims.id"]),
    ForeignKeyConstraint(["tenant_id", "resource_id"], ["bookable_resources.tenant_id", "bookable_resources.id"]),
    # I1: one booking at a time for each unit of an exclusive resource, with the gap behind it.
    ExcludeConstraint(
        ("resource_id", "="),
        ("unit", "="),
        ("during", "&&"),
        name="claim_places_apart",
        using="gist",
        where=text("NOT shared"),
    ),
    CheckConstraint("ends_at > starts_at AND free_from >= ends_at AND guests > 0", name="place_sound"),
    Index("claim_places_by_time", "tenant_id", "resource_id", "starts_at", "free_from"),
)

inventory_holds = Table(
    "inventory_holds",
    metadata,
    Column("tenant_id", Uuid, nullable=False),
    Column("id", Uuid, nullable=False),
    Column("claim_id", Uuid, nullable=False),
    Column("content_id", Uuid),
    Column("resource_id", Uuid),
    Column("hold_type", Text, nullable=False),
    Column("session_id", Text, nullable=False),  # the visitor's
    Column("occurrence_id", Uuid),  # the dated session
    Column("subject", Text, nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("schedule_payload", JSONB, nullable=False),
    Column("quote", JSONB, nullable=False),
    _instant("starts_at"),
    _instant("ends_at"),
    _instant("expires_at"),
    _instant("created_at"),
    _instant("updated_at"),
    Column("version", BigInteger, nullable=False),
    PrimaryKeyConstraint("tenant_id", "id"),
    ForeignKeyConstraint(["tenant_id", "claim_id"], ["claims.tenant_id", "claims.id"]),
    _one_of("hold_type", list(HoldType)),
    UniqueConstraint(
        "tenant_id",
        "session_id",
        "content_id",
        "resource_id",
        "occurrence_id",
        "starts_at",
        "ends_at",
        name="one_hold_each",
        postgresql_nulls_not_distinct=True,
    ),
    Index("inventory_holds_expired", "expires_at"),
    Index("inventory_holds_of_session", "tenant_id", "occurrence_id", "expires_at"),
    Index("inventory_holds_of_resource", "tenant_id", "resource_id", "expires_at"),
)
