"""The signed payload: its vectors, a verifier written from the document alone, and what is refused."""

from __future__ import annotations

import base64
import json
import re
from datetime import UTC, datetime
from uuid import UUID, uuid4

import make_vectors
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from holdfast_tickets.adapters.ed25519 import Ed25519Signer, Ed25519Verifier, KeyUnreadableError, KeyVault
from holdfast_tickets.adapters.qr import qr_code
from holdfast_tickets.domain.payload import TicketClaims, UnreadablePayloadError, open_payload

VECTORS = json.loads(make_vectors.PATH.read_text())
KEYS = {int(number): bytes.fromhex(key) for number, key in VECTORS["publicKeys"].items()}
SIGNER = Ed25519Signer(make_vectors.SEEDS[1])

seconds = st.integers(1, 2**32 - 1).map(lambda value: datetime.fromtimestamp(value, UTC))
claims_of_all_sorts = st.builds(
    TicketClaims,
    key_number=st.integers(1, 65535),
    ticket_id=st.uuids(),
    code_version=st.integers(0, 65535),
    not_before=st.none() | seconds,
    expires_at=st.none() | seconds,
)


def by_the_document(text: str) -> dict[str, object] | None:
    """A verifier from docs/ticket-payload.md, without a line of ours; None where a door says `bad_signature`."""
    if not re.fullmatch("T1:[A-Z2-7]{149}", text):
        return None
    bits = "".join(f"{'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.index(c):05b}" for c in text[3:])
    if bits[-1] != "0":
        return None
    raw = bytes(int(bits[at : at + 8], 2) for at in range(0, 93 * 8, 8))
    key = KEYS.get(int.from_bytes(raw[1:3], "big"))
    if raw[0] != 1 or key is None:
        return None
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(raw[29:93], b"T1:" + raw[:29])
    except InvalidSignature:
        return None
    return {
        "keyId": int.from_bytes(raw[1:3], "big"),
        "ticketId": str(UUID(bytes=raw[3:19])),
        "codeVersion": int.from_bytes(raw[19:21], "big"),
        "notBefore": int.from_bytes(raw[21:25], "big"),
        "expiry": int.from_bytes(raw[25:29], "big"),
    }


def by_us(text: str) -> dict[str, object] | None:
    try:
        sealed = open_payload(text)
    except UnreadablePayloadError:
        return None
    claims = sealed.claims
    key = KEYS.get(claims.key_number)
    if key is None or not Ed25519Verifier().genuine(sealed, key):
        return None
    return {
        "keyId": claims.key_number,
        "ticketId": str(claims.ticket_id),
        "codeVersion": claims.code_version,
        "notBefore": int(claims.not_before.timestamp()) if claims.not_before else 0,
        "expiry": int(claims.expires_at.timestamp()) if claims.expires_at else 0,
    }


def test_the_vectors_are_those_that_the_code_makes() -> None:
    assert make_vectors.PATH.read_text() == make_vectors.rendered()


@pytest.mark.parametrize("verify", [by_the_document, by_us])
@pytest.mark.parametrize("vector", VECTORS["valid"], ids=lambda vector: vector["name"])
def test_valid_vectors(verify, vector) -> None:
    fields = ("keyId", "ticketId", "codeVersion", "notBefore", "expiry")
    assert verify(vector["text"]) == {field: vector[field] for field in fields}


@pytest.mark.parametrize("verify", [by_the_document, by_us])
@pytest.mark.parametrize("vector", VECTORS["refused"], ids=lambda vector: vector["name"])
def test_refused_vectors(verify, vector) -> None:
    assert verify(vector["text"]) is None


@given(claims_of_all_sorts)
def test_what_is_sealed_opens_to_the_same(claims) -> None:
    sealed = SIGNER.seal(claims)
    opened = open_payload(sealed.text())
    assert (opened.claims, opened.signature) == (claims, sealed.signature)
    assert len(sealed.text()) == 152
    assert Ed25519Verifier().genuine(opened, SIGNER.public_key)


@given(claims_of_all_sorts, st.integers(0, 93 * 8 - 1))
def test_no_bit_may_change(claims, bit) -> None:
    raw = bytearray(base64.b32decode(SIGNER.seal(claims).text()[3:] + "==="))
    raw[bit // 8] ^= 0x80 >> bit % 8
    text = make_vectors.text_of(bytes(raw))
    try:
        opened = open_payload(text)
    except UnreadablePayloadError:
        assert bit < 8, "only another layout cannot be read"
    else:
        assert not Ed25519Verifier().genuine(opened, SIGNER.public_key)


@given(st.text())
def test_no_text_does_harm(text) -> None:
    for given_text in (text, "T1:" + text):
        with pytest.raises(UnreadablePayloadError):
            open_payload(given_text)


def test_it_fits_a_small_code_at_level_m() -> None:
    code = qr_code(SIGNER.seal(TicketClaims(1, uuid4(), 1, None, None)).text())
    assert (code.version, code.error, code.mode) == (6, "M", "alphanumeric")


def test_a_private_key_opens_only_for_its_tenant_and_secret() -> None:
    vault, tenant = KeyVault(b"a secret of more than 32 bytes ....."), uuid4()
    made = vault.make(tenant, 1)
    assert vault.open(made.sealed, tenant, 1).public_key == made.public
    for other, whose, number in ((vault, uuid4(), 1), (vault, tenant, 2), (KeyVault(b"another secret"), tenant, 1)):
        with pytest.raises(KeyUnreadableError):
            other.open(made.sealed, whose, number)
    assert vault.make(tenant, 1).public != made.public
