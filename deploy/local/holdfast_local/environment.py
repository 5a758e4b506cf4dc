"""The environment of each service process: pure, so that what a service is told can be read and tested."""

from collections.abc import Mapping
from dataclasses import dataclass

from holdfast_local.keys import SERVICES, StackKeys
from holdfast_local.ports import HOST, Ports

ISSUER = "https://auth.holdfast.invalid"
AUDIENCE = "holdfast"
OWNERS = tuple(service for service in SERVICES if service != "gateway")


@dataclass(frozen=True)
class Wiring:
    """Where everything of a running stack is."""

    ports: Ports
    keys: StackKeys
    bootstrap: str
    database_urls: Mapping[str, str]
    env: str = "dev"

    @property
    def gateway_url(self) -> str:
        """Base URL of the public HTTP API."""
        return f"http://{HOST}:{self.ports.gateway}"

    def internal_url(self, service: str) -> str:
        """Base URL of a service's health, metrics and internal HTTP."""
        return f"http://{HOST}:{self.ports.internal(service)}"


def environment_of(service: str, wiring: Wiring) -> dict[str, str]:
    """Every setting of one service, as its process gets it."""
    settings = {
        "ENV": wiring.env,
        "DATABASE_URL": wiring.database_urls[service],
        "KAFKA_BOOTSTRAP_SERVERS": wiring.bootstrap,
        "INTERNAL_HOST": HOST,
        "INTERNAL_PORT": str(wiring.ports.internal(service)),
        "INTERNAL_TOKEN_KEY": wiring.keys.internal_token_key,
        "ASSET_LINK_KEY": wiring.keys.asset_link_key,
        "PUBLIC_URL": wiring.gateway_url,
        "PYTHONUNBUFFERED": "1",
    }
    if service == "gateway":
        settings |= _gateway_settings(wiring)
    if service == "tickets":
        settings["TICKET_KEY_SECRET"] = wiring.keys.ticket_key_secret
    return settings


def _gateway_settings(wiring: Wiring) -> dict[str, str]:
    owners = {f"{owner.upper()}_URL": wiring.internal_url(owner) for owner in OWNERS}
    return owners | {
        "HTTP_HOST": HOST,
        "HTTP_PORT": str(wiring.ports.gateway),
        "JWT_HS256_KEY": wiring.keys.jwt_hs256_key,
        "JWT_ISSUER": ISSUER,
        "JWT_AUDIENCE": AUDIENCE,
        "PLATFORM_TOKEN": wiring.keys.platform_token,
    }
