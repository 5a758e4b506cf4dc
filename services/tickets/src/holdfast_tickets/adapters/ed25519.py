"""Signatures of payloads and the keeping of private keys: Ed25519 (RFC 8032) and AES-256-GCM (NIST SP 800-38D)."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from uuid import UUID

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from holdfast_tickets.domain.payload import SealedPayload, TicketClaims
from holdfast_tickets.ports import NewKey

SEED_LENGTH = 32
_NONCE_LENGTH = 12


class KeyUnreadableError(RuntimeError):
    """A stored private key that this secret does not open: the wrong secret, or a row that was changed."""


@dataclass(frozen=True, slots=True)
class Ed25519Signer:
    """Signs with one private key, given as its 32 bytes of seed."""

    seed: bytes

    @property
    def public_key(self) -> bytes:
        """Return the 32 bytes that doors hold."""
        return self._key().public_key().public_bytes_raw()

    def seal(self, claims: TicketClaims) -> SealedPayload:
        """Sign the claims; the same claims give the same signature always."""
        return SealedPayload(claims, self._key().sign(claims.signed_bytes()))

    def _key(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)


class Ed25519Verifier:
    """Checks signatures; knows no private key."""

    def genuine(self, payload: SealedPayload, public_key: bytes) -> bool:
        """Whether the signature is of this key over these claims."""
        try:
            Ed25519PublicKey.from_public_bytes(public_key).verify(payload.signature, payload.claims.signed_bytes())
        except InvalidSignature:
            return False
        return True


class KeyVault:
    """Makes private keys and keeps them sealed under the service's secret, bound to their tenant and number."""

    def __init__(self, secret: bytes) -> None:
        self._cipher = AESGCM(hashlib.sha256(b"holdfast ticket keys\x00" + secret).digest())

    def make(self, tenant_id: UUID, number: int) -> NewKey:
        """Make a key pair for a tenant; the private half leaves this object sealed only."""
        seed = secrets.token_bytes(SEED_LENGTH)
        return NewKey(Ed25519Signer(seed).public_key, self.seal(seed, tenant_id, number))

    def seal(self, seed: bytes, tenant_id: UUID, number: int) -> bytes:
        """Encrypt a private key for its row: 12 bytes of nonce, then ciphertext and tag."""
        nonce = secrets.token_bytes(_NONCE_LENGTH)
        return nonce + self._cipher.encrypt(nonce, seed, _place(tenant_id, number))

    def open(self, sealed: bytes, tenant_id: UUID, number: int) -> Ed25519Signer:
        """Decrypt a row's private key. Raises KeyUnreadableError where secret, tenant or number is another."""
        try:
            seed = self._cipher.decrypt(sealed[:_NONCE_LENGTH], sealed[_NONCE_LENGTH:], _place(tenant_id, number))
        except InvalidTag as error:
            raise KeyUnreadableError(f"signing key {number} of tenant {tenant_id} cannot be opened") from error
        return Ed25519Signer(seed)


def _place(tenant_id: UUID, number: int) -> bytes:
    """Return the associated data: a key row copied to another tenant does not open."""
    return tenant_id.bytes + number.to_bytes(2, "big")
