"""`docs/errors.md`: every problem code, its status and meaning, and the routes that may answer it."""

from __future__ import annotations

from collections.abc import Iterable

from holdfast_contracts.problems import PROBLEMS, ProblemCode
from holdfast_gateway.api.table import ROUTES
from holdfast_gateway.documents.operations import errors_of
from holdfast_gateway.pipeline.routes import Planned

_ANYWHERE = frozenset({ProblemCode.INTERNAL_ERROR, ProblemCode.METHOD_NOT_ALLOWED})

_HEAD = """# Errors

Every error is a problem document (RFC 9457, `application/problem+json`) with a stable `code`. Made from the codes and
the route table; do not edit (`holdfast drift --write`).

The order of checks is: 401, tenant, 403, 429 and 503 `OVERLOADED`, then 413, 415, 400, then 422, then 404, 412, 409.

- A token whose tenant is unknown, suspended or closed answers 404 `NOT_FOUND` everywhere, like every foreign id.
- `X-Tenant-Slug`, a host, or a `tenantId` in a body that names another tenant than the token's: 403 `TENANT_MISMATCH`.
- A 503, like every answer after the body was found valid, tells the `Idempotency-Key`: the caller's, or the one that
  was made. Only with it is a repeat the same request.
- `If-Match` takes a list (RFC 9110, section 13.1.1), but at most one version in it; weak and strange tags match nothing
  ([0009](decisions/0009-one-version-in-if-match.md)).
- Fields that only staff may send (`internalNote`, `origin`, `waiveFee`, `expiresAt` of a hold, hold types `staff` and
  `waitlist_offer`): 403 `FORBIDDEN` for others, before any 422, since what is missing is the right. `force` of a
  scan may be sent by everybody who may scan; it is audited.
- Free JSON (`data`, `metadata`, `seatMap`) is bounded in depth, in values and in the length of names and texts; the
  numbers stand in its schema. Its texts and names are cleaned like all others.
- `errors[]` of 422 names every wrong field: `path` (`a.b[0].c`; a query parameter, path parameter or header by its
  name; `$` is the body itself), `code` and `message`.

Codes in `errors[]`: `REQUIRED`, `UNKNOWN_FIELD`, `WRONG_TYPE`, `OUT_OF_RANGE`, `INVALID_FORMAT`, `TOO_LONG`,
`TOO_SHORT`, `UNKNOWN_VALUE`, `REPEATED`, `NOT_ALLOWED`, `NUL_CHARACTER`, `TOO_DEEP`, and those of a single
rule, named after it.
"""


def errors_text() -> str:
    """Return the document."""
    return "\n".join([_HEAD, "| Status | Code | Meaning | Routes |", "|---|---|---|---|", *_rows(), ""])


def _rows() -> Iterable[str]:
    routes = _routes_by_code()
    for code, kind in sorted(PROBLEMS.items(), key=lambda item: (item[1].status, item[0])):
        again = " Repeating helps." if kind.retry_after is not None else ""
        yield f"| {kind.status} | `{code}` | {kind.meaning}{again} | {_where(code, routes)} |"


def _routes_by_code() -> dict[ProblemCode, list[str]]:
    found: dict[ProblemCode, list[str]] = {code: [] for code in ProblemCode}
    for route in ROUTES:
        if not isinstance(route, Planned):
            for code in errors_of(route):
                found[code].append(f"`{route.method} {route.path}`")
    return found


def _where(code: ProblemCode, routes: dict[ProblemCode, list[str]]) -> str:
    named = routes[code]
    if code is ProblemCode.NOT_IMPLEMENTED:
        return "planned routes, and what is not built of others, see status.md: " + ", ".join(named)
    if len(named) > 8:
        return "most routes"
    return ", ".join(named) or ("any route" if code in _ANYWHERE else "none that is built")
