"""What tickets need of the outside, as they want it."""

from __future__ import annotations

from typing import Protocol

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


class TicketRenderer(Protocol):
    """Draws tickets away from the event loop, within a time limit."""

    async def pdf(self, pages: list[Page], paper: PaperSize) -> bytes:
        """Return a PDF of one page a ticket. Raises RenderingFailedError where not even a nameless one can be drawn."""

    async def qr_png(self, text: str, scale: int) -> bytes:
        """Return a PNG of the text's QR code, `scale` pixels a module (1 to 20)."""


class RenderingFailedError(Exception):
    """A ticket that could not be drawn in time, not even without its holder's name; it is not tried again."""
