"""Makes `vectors.json`, the published test vectors of the payload: `python services/tickets/tests/make_vectors.py`.

Keys are fixed and for tests only. Run twice it writes the same bytes.
"""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from uuid import UUID

from holdfast_tickets.adapters.ed25519 import Ed25519Signer
from holdfast_tickets.domain.payload import TicketClaims

PATH = Path(__file__).parent / "vectors.json"
SEEDS = {1: sha256(b"holdfast test key 1").digest(), 2: sha256(b"holdfast test key 2").digest()}
OTHER_SEED = sha256(b"holdfast test key of another tenant").digest()
TICKET = UUID("a0b1c2d3-e4f5-4061-8273-8495a6b7c8d9")
OPENS = datetime(2027, 6, 12, 16, 0, tzinfo=UTC)
CLOSES = datetime(2027, 6, 12, 20, 0, tzinfo=UTC)

VALID = {
    "usual": TicketClaims(1, TICKET, 1, OPENS, CLOSES),
    "no bounds": TicketClaims(1, TICKET, 1, None, None),
    "reissued": TicketClaims(1, TICKET, 2, OPENS, CLOSES),
    "second key": TicketClaims(2, TICKET, 1, OPENS, None),
    "largest values": TicketClaims(
        2, UUID(int=2**128 - 1), 65535, datetime.fromtimestamp(2**32 - 1, UTC), datetime.fromtimestamp(2**32 - 1, UTC)
    ),
    "smallest values": TicketClaims(1, UUID(int=0), 0, datetime.fromtimestamp(1, UTC), datetime.fromtimestamp(1, UTC)),
}


def sealed(claims: TicketClaims, seed: bytes | None = None) -> str:
    return Ed25519Signer(seed or SEEDS[claims.key_number]).seal(claims).text()


def raw_of(text: str) -> bytearray:
    return bytearray(base64.b32decode(text[3:] + "=" * 3))


def text_of(raw: bytes) -> str:
    return "T1:" + base64.b32encode(raw).decode().rstrip("=")


def changed(text: str, offset: int, value: int) -> str:
    raw = raw_of(text)
    raw[offset] ^= value
    return text_of(bytes(raw))


def refused() -> dict[str, str]:
    usual = sealed(VALID["usual"])
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
    return {
        "layout 2": changed(usual, 0, 3),
        "key id that is not known": sealed(TicketClaims(3, TICKET, 1, OPENS, CLOSES), OTHER_SEED),
        "key of another tenant": sealed(VALID["usual"], OTHER_SEED),
        "another ticket": changed(usual, 18, 1),
        "another code version": changed(usual, 20, 1),
        "later expiry": changed(usual, 27, 1),
        "signature changed": changed(usual, 92, 1),
        "signature empty": text_of(bytes(raw_of(usual)[:29]) + bytes(64)),
        "stray bit in the last character": usual[:-1] + alphabet[alphabet.index(usual[-1]) + 1],
        "padded": usual + "===",
        "one character short": usual[:-1],
        "one character long": usual + "A",
        "digit that is not of base32": usual[:-1] + "1",
        "without prefix": usual[3:],
        "prefix of another version": "T2:" + usual[3:],
        "empty": "T1:",
    }


def vectors() -> dict[str, object]:
    return {
        "document": "docs/ticket-payload.md",
        "publicKeys": {str(number): Ed25519Signer(seed).public_key.hex() for number, seed in SEEDS.items()},
        "privateKeysForTestsOnly": {str(number): seed.hex() for number, seed in SEEDS.items()},
        "valid": [
            {
                "name": name,
                "keyId": claims.key_number,
                "ticketId": str(claims.ticket_id),
                "codeVersion": claims.code_version,
                "notBefore": int(claims.not_before.timestamp()) if claims.not_before else 0,
                "expiry": int(claims.expires_at.timestamp()) if claims.expires_at else 0,
                "signedBytes": claims.signed_bytes().hex(),
                "text": sealed(claims),
            }
            for name, claims in VALID.items()
        ],
        "refused": [{"name": name, "text": text} for name, text in refused().items()],
    }


def rendered() -> str:
    return json.dumps(vectors(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    PATH.write_text(rendered())
