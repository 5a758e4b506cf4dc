"""Which rows a batch needs, collected from its messages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from holdfast_contracts.public.tickets import ScanDto
from holdfast_tickets.domain.codes import CodeKind, read_code
from holdfast_tickets.domain.payload import UnreadablePayloadError, open_payload
from holdfast_tickets.domain.roster import Key, Text
from holdfast_tickets.domain.scan import NonceKey


@dataclass(slots=True)
class Wanted:
    """Bookings by id, tickets by id, codes and numbers, nonces, and tenants that issue or verify."""

    bookings: set[Key] = field(default_factory=set)
    tickets: set[Key] = field(default_factory=set)
    texts: set[Text] = field(default_factory=set)
    nonces: set[NonceKey] = field(default_factory=set)
    issuers: set[UUID] = field(default_factory=set)
    verified: set[tuple[UUID, int]] = field(default_factory=set)

    @property
    def arguments(self) -> tuple[list[UUID], list[UUID], list[UUID], list[UUID], list[UUID], list[str]]:
        """Return the columns of bookings, tickets and texts, sorted, as the statements take them."""
        return (*_pairs(self.bookings), *_pairs(self.tickets), *_texts(self.texts))


def wanted_by(wanted: Wanted, tenant_id: UUID, body: ScanDto) -> None:
    """Add what a scan may need; a payload is only believed after its signature is checked, by the use-case."""
    code = read_code(body.code)
    if code.kind in (CodeKind.CODE, CodeKind.NUMBER):
        wanted.texts.add((tenant_id, code.text))
    elif code.kind is CodeKind.PAYLOAD:
        try:
            claims = open_payload(code.text).claims
        except UnreadablePayloadError:
            pass  # nothing to look for: the use-case answers bad_signature
        else:
            wanted.tickets.add((tenant_id, claims.ticket_id))
            wanted.verified.add((tenant_id, claims.key_number))
    if body.nonce is not None:
        wanted.nonces.add((tenant_id, body.device_id or "", body.nonce))


def _pairs(keys: Iterable[Key]) -> tuple[list[UUID], list[UUID]]:
    listed = sorted(keys)
    return [tenant for tenant, _ in listed], [identity for _, identity in listed]


def _texts(texts: Iterable[Text]) -> tuple[list[UUID], list[str]]:
    listed = sorted(texts)
    return [tenant for tenant, _ in listed], [text for _, text in listed]
