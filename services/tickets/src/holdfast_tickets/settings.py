"""Settings of tickets."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, SecretStr

from holdfast_platform.settings import Key, Seconds, ServiceSettings


class TicketsSettings(ServiceSettings):
    """What tickets read from their environment."""

    ticket_key_secret: Annotated[
        Key,
        Field(description="Seals the tenants' private signing keys (AES-256-GCM); 32 bytes or more. Never change it."),
    ]
    render_workers: Annotated[
        int, Field(ge=1, le=32, description="Most processes that draw PDFs; one more draws QR codes.")
    ] = 2
    render_seconds: Annotated[
        Seconds, Field(description="Longest drawing of a document, besides its pages; then its process ends.")
    ] = 5.0
    render_page_seconds: Annotated[Seconds, Field(description="Further time to draw a document, for each page.")] = 0.03

    @property
    def key_secret(self) -> bytes:
        """The secret that seals private keys."""
        secret: SecretStr = self.ticket_key_secret
        return secret.get_secret_value().encode()
