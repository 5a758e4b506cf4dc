"""What a request with a body brings: checked in the order of the specification, every wrong field told at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from holdfast_contracts.problems import FieldError, ProblemCode, Refusal, invalid_fields
from holdfast_contracts.public.base import Body
from holdfast_gateway.domain.caller import Caller
from holdfast_gateway.domain.tenant import Tenant
from holdfast_gateway.pipeline.admission import another_tenant
from holdfast_gateway.pipeline.bodies import NoBody, malformed, parse_body, raw_object
from holdfast_gateway.pipeline.exchange import Exchange, repeated_header_errors
from holdfast_gateway.pipeline.idempotency import read_if_match, read_key
from holdfast_gateway.pipeline.query_values import BadQuery, NoQuery, Query, read_query
from holdfast_gateway.pipeline.routes import Sending
from holdfast_gateway.pipeline.routing import parameter_errors

_JSON: Final = b"application/json"
_TENANT_FIELDS: Final = ("tenantId", "tenantSlug", "tenant")


@dataclass(frozen=True, slots=True)
class Intake:
    """A request that is valid by itself: its body, key and precondition. `own_key`: the caller gave the key."""

    body: Body
    body_json: bytes
    key: str
    own_key: bool
    if_match: int | None


async def take_in(
    route: Sending, exchange: Exchange, tenant: Tenant | None, most_bytes: int, caller: Caller | None = None
) -> Intake:
    """Return what the request brings. Raises Refusal: 413, 415, 400, 403, then 422 with all that is wrong.

    From here on every answer tells the key, also a 503: only with it can the request be repeated [spec/02].
    """
    raw = await exchange.read(most_bytes)
    body, errors = _body(route, exchange, raw)
    key, key_errors = read_key(exchange)
    if_match, match_errors = read_if_match(exchange)
    errors = [*errors, *head_errors(exchange), *key_errors, *match_errors]
    if body is not None and caller is not None:
        errors += route.check(caller, body)
    if errors or body is None:
        _refuse_what_is_not_a_mistake(route, raw, tenant, caller)
        raise invalid_fields(errors)
    exchange.told.append((b"idempotency-key", key.encode()))
    own_key = b"idempotency-key" in exchange.headers
    return Intake(body, body.__pydantic_serializer__.to_json(body, by_alias=True), key, own_key, if_match)


def head_errors(exchange: Exchange, query: type[Query] = NoQuery) -> list[FieldError]:
    """Return what is wrong before the body: path, query, headers given twice."""
    errors = parameter_errors(exchange.parameters) if exchange.parameters else []
    if exchange.query or query is not NoQuery:  # no parameters at all may be too few
        try:
            read_query(query, exchange.query)
        except BadQuery as bad:
            errors += bad.errors
    if exchange.repeated:
        errors += repeated_header_errors(exchange)
    return errors


def _body(route: Sending, exchange: Exchange, raw: bytes) -> tuple[Body | None, list[FieldError]]:
    model = route.body or NoBody
    if not raw:
        if route.body is not None and route.body_required:
            raise malformed("A JSON body is needed.")
        return model(), []
    if route.method == "DELETE":
        return NoBody(), []
    _refuse_other_types(exchange)
    return parse_body(model, raw)


def _refuse_other_types(exchange: Exchange) -> None:
    """Raise Refusal (415) unless the body says that it is JSON in UTF-8, as it comes."""
    kind = exchange.headers.get(b"content-type", b"")
    encoding = exchange.headers.get(b"content-encoding", b"identity")
    if kind == _JSON and encoding == b"identity" and not exchange.repeated:
        return
    name, _, parameters = kind.decode("latin-1").lower().partition(";")
    charset = parameters.replace(" ", "").replace('"', "")
    wrong = name.strip() != "application/json" or charset not in {"", "charset=utf-8", "charset=utf8"}
    if wrong or encoding.lower() != b"identity" or b"content-type" in exchange.repeated:
        raise Refusal(ProblemCode.UNSUPPORTED_MEDIA_TYPE, "Send the body as application/json in UTF-8.")


def _refuse_what_is_not_a_mistake(route: Sending, raw: bytes, tenant: Tenant | None, caller: Caller | None) -> None:
    """Raise Refusal for a request that is wrong, for a better reason: another tenant, for staff only, not built yet."""
    fields = raw_object(raw)
    if tenant is not None and _names_another_tenant(fields, tenant):
        raise another_tenant()
    if caller is not None and not caller.staff and (field := route.for_staff(fields)) is not None:
        raise staff_only(field)
    reason = route.unbuilt(fields)
    if reason is not None:
        raise Refusal(ProblemCode.NOT_IMPLEMENTED, reason)


def staff_only(field: str) -> Refusal:
    """Return the 403 for a field that only staff may send: the scope lacks, the value may be right."""
    return Refusal(ProblemCode.FORBIDDEN, f"`{field}` is for staff only.")


def _names_another_tenant(fields: Mapping[str, Any], tenant: Tenant) -> bool:
    named = [fields[name] for name in _TENANT_FIELDS if isinstance(fields.get(name), str)]
    return any(name.lower() not in {str(tenant.id), tenant.state.slug} and _is_tenant_like(name) for name in named)


def _is_tenant_like(name: str) -> bool:
    try:
        UUID(name)
    except ValueError:
        return bool(name) and len(name) <= 63
    return True
