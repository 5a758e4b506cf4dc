"""The QR payload `T1:`: its bytes, without the mathematics of the signature.

Layout of the 93 bytes, integers unsigned and big-endian (docs/ticket-payload.md says the same for verifiers):

| Offset | Bytes | Field |
|---|---|---|
| 0 | 1 | layout version, always 1 |
| 1 | 2 | key id: the number of the tenant's signing key, from 1 |
| 3 | 16 | ticket id, a UUID |
| 19 | 2 | code version, from 1; reissuing or transferring raises it |
| 21 | 4 | not before, Unix seconds; 0: no bound |
| 25 | 4 | expiry, Unix seconds, first second at which it is too late; 0: no bound |
| 29 | 64 | Ed25519 signature (RFC 8032) over the ASCII bytes `T1:` followed by bytes 0 to 28 |

The text is `T1:` and the RFC 4648 base32 of the 93 bytes in capitals without padding: 152 characters of the QR
alphanumeric mode, which fit version 6 at error level M (41 × 41 modules). Each payload has exactly one text: padding
and stray bits in the last character are refused.
"""

from __future__ import annotations

import base64
import binascii
import struct
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from holdfast_tickets.domain.codes import PAYLOAD_PREFIX

LAYOUT_VERSION = 1
_BODY = struct.Struct(">BH16sHII")
SIGNATURE_LENGTH = 64
TEXT_LENGTH = 149
LAST_INSTANT = 2**32 - 1


class UnreadablePayloadError(ValueError):
    """A text that begins as a payload and is none; at a door it is a `bad_signature`."""


@dataclass(frozen=True, slots=True)
class TicketClaims:
    """What a payload says of its ticket; instants are UTC with whole seconds, None is no bound."""

    key_number: int
    ticket_id: UUID
    code_version: int
    not_before: datetime | None
    expires_at: datetime | None

    def body(self) -> bytes:
        """Return bytes 0 to 28."""
        return _BODY.pack(
            LAYOUT_VERSION,
            self.key_number,
            self.ticket_id.bytes,
            self.code_version,
            _seconds(self.not_before),
            _seconds(self.expires_at),
        )

    def signed_bytes(self) -> bytes:
        """Return what the signature is made over; the prefix keeps it from meaning anything else."""
        return PAYLOAD_PREFIX.encode() + self.body()


@dataclass(frozen=True, slots=True)
class SealedPayload:
    """Claims and a signature over them that has yet to be verified."""

    claims: TicketClaims
    signature: bytes

    def text(self) -> str:
        """Return the one text of this payload."""
        return PAYLOAD_PREFIX + base64.b32encode(self.claims.body() + self.signature).decode().rstrip("=")


def open_payload(text: str) -> SealedPayload:
    """Read a payload's text. Raises UnreadablePayloadError for any other text than the canonical one."""
    encoded = text.removeprefix(PAYLOAD_PREFIX)
    if len(encoded) != TEXT_LENGTH or encoded == text:
        raise UnreadablePayloadError("not the length of a payload")
    raw = _decode(encoded)
    version, key_number, ticket_id, code_version, not_before, expires_at = _BODY.unpack(raw[: _BODY.size])
    if version != LAYOUT_VERSION:
        raise UnreadablePayloadError("an unknown layout version")
    claims = TicketClaims(key_number, UUID(bytes=ticket_id), code_version, _instant(not_before), _instant(expires_at))
    return SealedPayload(claims, raw[_BODY.size :])


def _decode(encoded: str) -> bytes:
    try:
        raw = base64.b32decode(encoded + "=" * (-len(encoded) % 8))
    except (binascii.Error, ValueError) as error:
        raise UnreadablePayloadError("not base32") from error
    if base64.b32encode(raw).decode().rstrip("=") != encoded:
        raise UnreadablePayloadError("not the canonical text")
    return raw


def _seconds(instant: datetime | None) -> int:
    """Return whole Unix seconds within four bytes; 0 is kept for `no bound`."""
    return 0 if instant is None else min(max(int(instant.timestamp()), 1), LAST_INSTANT)


def _instant(seconds: int) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if seconds else None
