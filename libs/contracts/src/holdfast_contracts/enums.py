"""The enumerations of the specification, in its spelling."""

from __future__ import annotations

from enum import StrEnum


class BookingStatus(StrEnum):
    """Where a booking stands in its life."""

    PENDING = "pending"
    CONFIRMED = "confirmed"
    CHECKED_IN = "checked_in"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    NO_SHOW = "no_show"
    WAITLISTED = "waitlisted"
    EXPIRED = "expired"


class BookingType(StrEnum):
    """What kind of thing is booked; also the `kind` of a content."""

    APPOINTMENT = "appointment"
    CLASS = "class"
    EVENT = "event"
    RENTAL = "rental"
    ACCOMMODATION = "accommodation"
    TABLE = "table"
    TOUR = "tour"
    SERVICE = "service"
    CUSTOM = "custom"


class BookingMode(StrEnum):
    """How capacity is counted."""

    TIME_SLOT = "time_slot"
    SESSION = "session"
    DATE_RANGE = "date_range"
    NIGHTS = "nights"
    TABLE = "table"
    OPEN_DATE = "open_date"
    REQUEST = "request"


class BookingActorType(StrEnum):
    """Who acted."""

    CUSTOMER = "customer"
    GUEST = "guest"
    STAFF = "staff"
    SYSTEM = "system"
    API = "api"


class BookingOrigin(StrEnum):
    """Through which door a booking came."""

    STOREFRONT = "storefront"
    DASHBOARD = "dashboard"
    WALK_IN = "walk_in"
    PHONE = "phone"
    POS = "pos"
    API = "api"
    WAITLIST = "waitlist"
    RECURRING = "recurring"
    IMPORT = "import"


class PaymentStatus(StrEnum):
    """What is known of a booking's payment."""

    NOT_REQUIRED = "not_required"
    UNPAID = "unpaid"
    DEPOSIT_PAID = "deposit_paid"
    PAID = "paid"
    REFUNDED = "refunded"
    PARTIALLY_REFUNDED = "partially_refunded"
    FAILED = "failed"


class ResourceCategoryKind(StrEnum):
    """What a category of resources holds."""

    PERSON = "person"
    PLACE = "place"
    ASSET = "asset"


class ResourceType(StrEnum):
    """What a resource is."""

    STAFF = "staff"
    ROOM = "room"
    TABLE = "table"
    EQUIPMENT = "equipment"
    VEHICLE = "vehicle"
    UNIT = "unit"
    OTHER = "other"


class ResourceStatus(StrEnum):
    """Whether a resource can be booked."""

    ACTIVE = "active"
    INACTIVE = "inactive"
    MAINTENANCE = "maintenance"


class TimeSlotStatus(StrEnum):
    """State of a materialised slot or a block."""

    AVAILABLE = "available"
    HELD = "held"
    BOOKED = "booked"
    BLOCKED = "blocked"


class HoldType(StrEnum):
    """Why capacity is set aside; decides how long."""

    CART = "cart"
    CHECKOUT = "checkout"
    PAYMENT = "payment"
    WAITLIST_OFFER = "waitlist_offer"
    STAFF = "staff"


class AssignmentStrategy(StrEnum):
    """How a resource is chosen for a requirement."""

    CUSTOMER_CHOICE = "customer_choice"
    ROUND_ROBIN = "round_robin"
    LEAST_BUSY = "least_busy"
    PRIORITY = "priority"
    RANDOM = "random"
    BEST_FIT = "best_fit"
    STICKY = "sticky"


class ContentStatus(StrEnum):
    """Whether a content is on sale."""

    DRAFT = "draft"
    PUBLISHED = "published"
    ARCHIVED = "archived"


class SessionStatus(StrEnum):
    """Whether a dated occurrence takes place."""

    SCHEDULED = "scheduled"
    CANCELLED = "cancelled"


class TierKind(StrEnum):
    """How a tier is paid for."""

    PAID = "paid"
    FREE = "free"
    DONATION = "donation"


class TierVisibility(StrEnum):
    """Who sees a tier."""

    PUBLIC = "public"
    HIDDEN = "hidden"
    CODE = "code"


class EntryPolicy(StrEnum):
    """How often a ticket admits."""

    ONCE = "once"
    ONCE_PER_DAY = "once_per_day"
    RE_ENTRY_AFTER_EXIT = "re_entry_after_exit"
    UNLIMITED = "unlimited"


class TicketStatus(StrEnum):
    """State of a ticket."""

    RESERVED = "reserved"
    VALID = "valid"
    CHECKED_IN = "checked_in"
    CANCELLED = "cancelled"
    REFUNDED = "refunded"
    TRANSFERRED = "transferred"
    EXPIRED = "expired"


class ScanDirection(StrEnum):
    """Into the venue or out of it."""

    ENTRY = "entry"
    EXIT = "exit"


class ScanResult(StrEnum):
    """Outcome of a scan; the order here is the order of evaluation [spec/05, Scanning]."""

    BAD_SIGNATURE = "bad_signature"
    NOT_FOUND = "not_found"
    CANCELLED = "cancelled"
    REFUNDED = "refunded"
    EXPIRED = "expired"
    WAITLISTED = "waitlisted"
    SUPERSEDED = "superseded"
    WRONG_EVENT = "wrong_event"
    WRONG_TIER = "wrong_tier"
    UNPAID = "unpaid"
    PENDING_APPROVAL = "pending_approval"
    BLOCKED = "blocked"
    TOO_EARLY = "too_early"
    TOO_LATE = "too_late"
    ALREADY_CHECKED_IN = "already_checked_in"
    NOT_INSIDE = "not_inside"
    VALID = "valid"


class SlotStatus(StrEnum):
    """What availability says of a slot."""

    AVAILABLE = "available"
    LIMITED = "limited"
    FULL = "full"
    HELD = "held"
    CLOSED = "closed"
    TOO_SOON = "too_soon"
    TOO_FAR = "too_far"


class TenantStatus(StrEnum):
    """Whether a business is open; only active and pending ones are found by slug or host."""

    PENDING = "pending"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    CLOSED = "closed"


class AssetLinks(StrEnum):
    """Whether a bare booking id opens an asset."""

    SIGNED = "signed"
    OPEN = "open"


class OperationStatus(StrEnum):
    """A command as its caller sees it."""

    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class CheckInVia(StrEnum):
    """Who checked a booking in: only staff admits all its tickets."""

    DOOR = "door"
    STAFF = "staff"


class Role(StrEnum):
    """Role of a token; decides its scopes [spec/09, Tokens]."""

    OWNER = "owner"
    MANAGER = "manager"
    STAFF = "staff"
    DOOR = "door"
    AUDITOR = "auditor"
    GUEST = "guest"
    SERVICE = "service"
    PLATFORM = "platform"
