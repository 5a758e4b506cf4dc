"""What tickets need of the outside, as they want it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from holdfast_tickets.domain.payload import SealedPayload, TicketClaims
from holdfast_tickets.domain.printing import Page, PaperSize


class PayloadSigner(Protocol):
    """Holds the private key of one tenant."""

    def seal(self, claims: TicketClaims) -> SealedPayload:
        """Sign the claims."""


class PayloadVerifier(Protocol):
    """Knows how to check a signature against a public key; a door needs nothing else."""

    def genuine(self, payload: SealedPayload, public_key: bytes) -> bool:
        """Whether the owner of `public_key` (32 bytes) signed the payload."""


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key pair as it is stored."""

    public: bytes
    sealed: bytes


class KeyMaker(Protocol):
    """Makes and opens the private keys of tenants."""

    def make(self, tenant_id: UUID, number: int) -> NewKey:
        """Make a key pair."""

    def open(self, sealed: bytes, tenant_id: UUID, number: int) -> PayloadSigner:
        """Return the signer of a stored key."""


class TicketRenderer(Protocol):
    """Draws tickets away from the event loop, within a time limit."""

    async def pdf(self, pages: Sequence[Page], paper: PaperSize) -> bytes:
        """Return a PDF of one page a ticket. Raises RenderingFailedError where not even a nameless one can be drawn."""

    async def qr_png(self, text: str, scale: int) -> bytes:
        """Return a PNG of the text's QR code, `scale` pixels a module (1 to 20)."""


class RenderingFailedError(Exception):
    """A ticket that could not be drawn in time, not even without its holder's name; it is not tried again."""
