"""Problem details (RFC 9457): every code, its status and title, and the refusal that carries one."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final


class ProblemCode(StrEnum):
    """Every stable `code` of an error body."""

    MALFORMED_REQUEST = "MALFORMED_REQUEST"
    UNAUTHENTICATED = "UNAUTHENTICATED"
    TOKEN_EXPIRED = "TOKEN_EXPIRED"  # noqa: S105 - a code, not a secret
    FORBIDDEN = "FORBIDDEN"
    TENANT_MISMATCH = "TENANT_MISMATCH"
    NOT_FOUND = "NOT_FOUND"
    NOT_READY = "NOT_READY"
    WALLET_NOT_CONFIGURED = "WALLET_NOT_CONFIGURED"
    METHOD_NOT_ALLOWED = "METHOD_NOT_ALLOWED"
    INVALID_TRANSITION = "INVALID_TRANSITION"
    SLOT_UNAVAILABLE = "SLOT_UNAVAILABLE"
    SOLD_OUT = "SOLD_OUT"
    SEAT_TAKEN = "SEAT_TAKEN"
    HOLD_EXPIRED = "HOLD_EXPIRED"
    HOLD_MISMATCH = "HOLD_MISMATCH"
    RESOURCE_INACTIVE = "RESOURCE_INACTIVE"
    NOT_PUBLISHED = "NOT_PUBLISHED"
    SALES_CLOSED = "SALES_CLOSED"
    OVER_MAX_PER_ORDER = "OVER_MAX_PER_ORDER"
    UNDER_MIN_PER_ORDER = "UNDER_MIN_PER_ORDER"
    TOO_SOON = "TOO_SOON"
    TOO_FAR = "TOO_FAR"
    TOO_EARLY = "TOO_EARLY"
    TOO_LATE = "TOO_LATE"
    CANCEL_NOT_ALLOWED = "CANCEL_NOT_ALLOWED"
    CANCEL_TOO_CLOSE = "CANCEL_TOO_CLOSE"
    CHANGE_IN_PROGRESS = "CHANGE_IN_PROGRESS"
    TOO_MANY_ACTIVE = "TOO_MANY_ACTIVE"
    BLOCKED_CUSTOMER = "BLOCKED_CUSTOMER"
    SLUG_TAKEN = "SLUG_TAKEN"
    DOMAIN_TAKEN = "DOMAIN_TAKEN"
    CAPACITY_BELOW_TAKEN = "CAPACITY_BELOW_TAKEN"
    LINK_EXPIRED = "LINK_EXPIRED"
    VERSION_MISMATCH = "VERSION_MISMATCH"
    BODY_TOO_LARGE = "BODY_TOO_LARGE"
    UNSUPPORTED_MEDIA_TYPE = "UNSUPPORTED_MEDIA_TYPE"
    VALIDATION_FAILED = "VALIDATION_FAILED"
    NONEXISTENT_LOCAL_TIME = "NONEXISTENT_LOCAL_TIME"
    RANGE_TOO_LONG = "RANGE_TOO_LONG"
    IDEMPOTENCY_KEY_REUSED = "IDEMPOTENCY_KEY_REUSED"
    RATE_LIMITED = "RATE_LIMITED"
    COMMAND_FAILED = "COMMAND_FAILED"
    INTERNAL_ERROR = "INTERNAL_ERROR"
    NOT_IMPLEMENTED = "NOT_IMPLEMENTED"
    NOT_ACCEPTED = "NOT_ACCEPTED"
    OVERLOADED = "OVERLOADED"
    DEPENDENCY_DOWN = "DEPENDENCY_DOWN"


@dataclass(frozen=True, slots=True)
class ProblemKind:
    """What is always the same for a code: its status, its title, and when it is given."""

    status: int
    title: str
    meaning: str
    retry_after: int | None = None
    """Seconds after which repeating may help, told as `Retry-After`; None where it never does."""


PROBLEMS: dict[ProblemCode, ProblemKind] = {
    ProblemCode.MALFORMED_REQUEST: ProblemKind(
        400, "Malformed request", "The body is not JSON, or the request cannot be read."
    ),
    ProblemCode.UNAUTHENTICATED: ProblemKind(
        401, "Not authenticated", "No credentials, or credentials that are not valid."
    ),
    ProblemCode.TOKEN_EXPIRED: ProblemKind(401, "Token expired", "The token was valid once; get a new one."),
    ProblemCode.FORBIDDEN: ProblemKind(403, "Not allowed", "The token lacks the scope of this route."),
    ProblemCode.TENANT_MISMATCH: ProblemKind(
        403, "Another tenant", "A tenant named in the request differs from the token's."
    ),
    ProblemCode.NOT_FOUND: ProblemKind(404, "Not found", "Unknown, or of another tenant."),
    ProblemCode.NOT_READY: ProblemKind(
        404, "Not ready yet", "It is being made in reaction to an event; try again in a moment.", retry_after=1
    ),
    ProblemCode.WALLET_NOT_CONFIGURED: ProblemKind(404, "No wallet", "The wallet is not configured for this tenant."),
    ProblemCode.METHOD_NOT_ALLOWED: ProblemKind(
        405, "Method not allowed", "The path exists with the methods in `Allow`."
    ),
    ProblemCode.INVALID_TRANSITION: ProblemKind(
        409, "Not possible now", "The booking's status does not allow this; see `from`, `to`, `allowed`."
    ),
    ProblemCode.SLOT_UNAVAILABLE: ProblemKind(
        409, "Slot not available", "The time is taken, blocked, closed or off the grid; see `alternatives`."
    ),
    ProblemCode.SOLD_OUT: ProblemKind(409, "Sold out", "Fewer are left than wanted; see `left` and `alternatives`."),
    ProblemCode.SEAT_TAKEN: ProblemKind(
        409, "Seat taken", "A seat label is already taken in this session; see `left`."
    ),
    ProblemCode.HOLD_EXPIRED: ProblemKind(
        409, "Hold expired", "The hold is gone, or expired and its capacity is taken."
    ),
    ProblemCode.HOLD_MISMATCH: ProblemKind(
        409, "Hold does not match", "The hold is another visitor's, or for something else."
    ),
    ProblemCode.RESOURCE_INACTIVE: ProblemKind(409, "Resource not active", "The resource cannot be booked at present."),
    ProblemCode.NOT_PUBLISHED: ProblemKind(409, "Not on sale", "The content is a draft or archived."),
    ProblemCode.SALES_CLOSED: ProblemKind(
        409, "Sales closed", "Outside the tier's sale window, or the session has begun or is cancelled."
    ),
    ProblemCode.OVER_MAX_PER_ORDER: ProblemKind(409, "Too many in one order", "More than the tier's `maxPerOrder`."),
    ProblemCode.UNDER_MIN_PER_ORDER: ProblemKind(409, "Too few in one order", "Fewer than the tier's `minPerOrder`."),
    ProblemCode.TOO_SOON: ProblemKind(409, "Too soon", "Inside the minimum notice of the resource."),
    ProblemCode.TOO_FAR: ProblemKind(409, "Too far ahead", "Beyond the days that can be booked in advance."),
    ProblemCode.TOO_EARLY: ProblemKind(409, "Too early", "The window for this has not begun; see `from`, `to`, `at`."),
    ProblemCode.TOO_LATE: ProblemKind(409, "Too late", "The window for this is over; see `from`, `to`, `at`."),
    ProblemCode.CANCEL_NOT_ALLOWED: ProblemKind(
        409, "Cannot be cancelled", "The policy does not let customers cancel."
    ),
    ProblemCode.CANCEL_TOO_CLOSE: ProblemKind(409, "Too close to cancel", "The last moment to cancel has passed."),
    ProblemCode.CHANGE_IN_PROGRESS: ProblemKind(
        409, "Change in progress", "Another change of this booking is under way.", retry_after=1
    ),
    ProblemCode.TOO_MANY_ACTIVE: ProblemKind(
        409, "Too many bookings", "The customer has as many active bookings as the policy allows."
    ),
    ProblemCode.BLOCKED_CUSTOMER: ProblemKind(
        409, "Customer blocked", "This customer cannot book online; ask the business."
    ),
    ProblemCode.SLUG_TAKEN: ProblemKind(409, "Slug taken", "Another tenant has this slug."),
    ProblemCode.DOMAIN_TAKEN: ProblemKind(409, "Domain taken", "Another tenant has this domain."),
    ProblemCode.CAPACITY_BELOW_TAKEN: ProblemKind(
        409, "Below what is taken", "The new quantity is less than what is sold or held."
    ),
    ProblemCode.LINK_EXPIRED: ProblemKind(410, "Link expired", "The link was valid once; ask for a new one."),
    ProblemCode.VERSION_MISMATCH: ProblemKind(
        412, "Changed meanwhile", "`If-Match` names another version than the current one."
    ),
    ProblemCode.BODY_TOO_LARGE: ProblemKind(413, "Body too large", "The body is larger than the limit."),
    ProblemCode.UNSUPPORTED_MEDIA_TYPE: ProblemKind(415, "Unsupported media type", "Send `application/json`."),
    ProblemCode.VALIDATION_FAILED: ProblemKind(
        422, "Invalid values", "Values that are wrong at any time; see `errors`."
    ),
    ProblemCode.NONEXISTENT_LOCAL_TIME: ProblemKind(
        422, "No such local time", "The clock skips this time on that day."
    ),
    ProblemCode.RANGE_TOO_LONG: ProblemKind(422, "Range too long", "The range of dates is longer than the limit."),
    ProblemCode.IDEMPOTENCY_KEY_REUSED: ProblemKind(
        422, "Key used before", "The idempotency key belongs to another request."
    ),
    ProblemCode.RATE_LIMITED: ProblemKind(429, "Too many requests", "Wait as `Retry-After` says.", retry_after=1),
    ProblemCode.COMMAND_FAILED: ProblemKind(
        500, "Could not be carried out", "The command was given up after repeated tries; nothing it held is kept."
    ),
    ProblemCode.INTERNAL_ERROR: ProblemKind(
        500, "Internal error", "A defect of ours; the log has it under the correlation id."
    ),
    ProblemCode.NOT_IMPLEMENTED: ProblemKind(501, "Not built yet", "The route is planned; see docs/status.md."),
    ProblemCode.NOT_ACCEPTED: ProblemKind(
        503, "Not accepted", "The command was never handed to the bus; nothing will happen.", retry_after=1
    ),
    ProblemCode.OVERLOADED: ProblemKind(
        503, "Overloaded", "Too many requests are under way; wait as `Retry-After` says.", retry_after=1
    ),
    ProblemCode.DEPENDENCY_DOWN: ProblemKind(
        503, "A dependency is down", "It may still be carried out, once; repeat with the same key.", retry_after=1
    ),
}


PHRASES: Final[Mapping[int, str]] = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    409: "Conflict",
    410: "Gone",
    412: "Precondition Failed",
    413: "Request Entity Too Large",
    415: "Unsupported Media Type",
    422: "Unprocessable Entity",
    429: "Too Many Requests",
    500: "Internal Server Error",
    501: "Not Implemented",
    503: "Service Unavailable",
}
"""`error` of a problem [spec/09]. Not `http.HTTPStatus`: its words for 413 and 422 change with Python 3.13."""


@dataclass(frozen=True, slots=True)
class FieldError:
    """One wrong value: `path` as `a.b[0].c`, a query parameter or a header by its name."""

    path: str
    code: str
    message: str

    def as_dict(self) -> dict[str, str]:
        """Return the JSON object of the error."""
        return {"path": self.path, "code": self.code, "message": self.message}


@dataclass(slots=True)
class Refusal(Exception):  # noqa: N818 - the vocabulary's word; it is an outcome, not an error
    """A rule said no: the code, a sentence for people, and what the caller can do instead."""

    code: ProblemCode
    detail: str
    extras: Mapping[str, object] = field(default_factory=dict)
    errors: Sequence[FieldError] = ()

    @property
    def status(self) -> int:
        """HTTP status of the refusal."""
        return PROBLEMS[self.code].status

    def __str__(self) -> str:
        return f"{self.code}: {self.detail}"


def invalid(path: str, message: str, code: str = "INVALID_VALUE") -> Refusal:
    """Return the 422 for one wrong value."""
    return invalid_fields([FieldError(path, code, message)])


def invalid_fields(errors: Sequence[FieldError]) -> Refusal:
    """Return the 422 that names every wrong field."""
    count = len(errors)
    sentence = "1 field is not valid." if count == 1 else f"{count} fields are not valid."
    return Refusal(ProblemCode.VALIDATION_FAILED, sentence, errors=errors)


def key_reused() -> Refusal:
    """Return the 422 for an idempotency key that stands for another request; gateway and owners say the same."""
    detail = "This idempotency key was used for another request; use a new key."
    return Refusal(ProblemCode.IDEMPOTENCY_KEY_REUSED, detail)


def not_found(what: str) -> Refusal:
    """Return the 404 for an unknown id, or one of another tenant."""
    return Refusal(ProblemCode.NOT_FOUND, f"There is no such {what}.")


def problem_document(refusal: Refusal, instance: str) -> dict[str, object]:
    """Return the problem details of a refusal; `statusCode, message, error` serve the older convention."""
    kind = PROBLEMS[refusal.code]
    document: dict[str, object] = {
        "type": f"urn:holdfast:problem:{refusal.code}",
        "title": kind.title,
        "status": kind.status,
        "detail": refusal.detail,
        "instance": instance,
        "code": str(refusal.code),
        "statusCode": kind.status,
        "message": refusal.detail,
        "error": PHRASES[kind.status],
        **refusal.extras,
    }
    if refusal.errors:
        document["errors"] = [error.as_dict() for error in refusal.errors]
    return document


def problem_bytes(refusal: Refusal, instance: str) -> bytes:
    """Return the problem document as UTF-8 JSON."""
    return json.dumps(problem_document(refusal, instance), ensure_ascii=False, separators=(",", ":")).encode()
