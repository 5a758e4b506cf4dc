"""Settings of the gateway, besides those that every service has."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from holdfast_platform.settings import HttpAddress, Key, Seconds, ServiceSettings

PerSecond = Annotated[float, Field(gt=0)]


class GatewaySettings(ServiceSettings):
    """What the public door needs to know."""

    http_host: Annotated[str, Field(description="Address of the public port.")] = "127.0.0.1"
    http_port: Annotated[int, Field(ge=0, le=65535, description="The public port.")] = 8000
    trusted_proxies: Annotated[
        str,
        Field(
            description="Addresses or networks, comma separated, whose `X-Forwarded-For` tells the caller's address; "
            "set it to the load balancer's, or all callers share the limits of one."
        ),
    ] = "127.0.0.1,::1"
    docs_enabled: Annotated[bool, Field(description="Whether /docs, /openapi.json and /asyncapi are served.")] = True
    tenant_base_domain: Annotated[
        str | None, Field(description="`<slug>.<this>` names a tenant by Host; not used where not set.")
    ] = None

    # -- tokens
    jwt_algorithm: Annotated[
        Literal["HS256", "RS256", "ES256", "EdDSA"] | None,
        Field(description="The one algorithm of bearer tokens. Default: RS256 in production, elsewhere HS256."),
    ] = None
    jwt_hs256_key: Annotated[Key | None, Field(description="Key of HS256 tokens, 32 bytes or more.")] = None
    jwks_url: Annotated[
        HttpAddress | None, Field(description="Where the issuer publishes its keys (RFC 7517); needed in production.")
    ] = None
    jwks_refresh_seconds: Annotated[Seconds, Field(description="Least time between two fetches of the keys.")] = 30.0
    jwks_timeout_seconds: Annotated[Seconds, Field(description="Longest wait for the issuer's keys.")] = 3.0
    jwt_issuer: Annotated[str, Field(description="Required `iss` of bearer tokens.")] = "https://auth.holdfast.invalid"
    jwt_audience: Annotated[str, Field(description="Required `aud` of bearer tokens.")] = "holdfast"
    session_token_key: Annotated[
        Key | None, Field(description="Signs visitors' tokens; needed in production, else the HS256 key is used.")
    ] = None
    session_hours: Annotated[float, Field(gt=0, le=168, description="A visitor's token is valid this long.")] = 12.0
    platform_token: Annotated[Key | None, Field(description="Opens /tenants; the routes are closed without it.")] = None

    # -- waiting for answers
    answer_wait_seconds: Annotated[Seconds, Field(description="A write waits this long before it answers 202.")] = 5.0
    answer_wait_most_seconds: Annotated[Seconds, Field(description="Longest wait that `Prefer: wait` can ask for.")] = (
        30.0
    )
    drain_answer_seconds: Annotated[
        float, Field(ge=0, le=5, description="After SIGTERM a write waits this long at most, then it answers 202.")
    ] = 3.0
    lookup_seconds: Annotated[
        Seconds, Field(description="A write that was not answered looks this long for a stored answer, before its 202.")
    ] = 0.5
    promise_seconds: Annotated[
        Seconds, Field(description="Longest wait for the gateway's database, which keeps what a 202 promises.")
    ] = 2.0
    release_wait_seconds: Annotated[
        float, Field(ge=0, description="A cancellation's answer waits this long for the word that the place is free.")
    ] = 0.5
    ready_wait_seconds: Annotated[
        float, Field(ge=0, description="A read of what is made by event waits this long for it.")
    ] = 1.0
    ready_poll_seconds: Annotated[Seconds, Field(description="How often such a read looks again.")] = 0.05

    # -- owners
    inventory_url: Annotated[HttpAddress, Field(description="Internal address of inventory.")] = "http://127.0.0.1:9001"
    booking_url: Annotated[HttpAddress, Field(description="Internal address of booking.")] = "http://127.0.0.1:9002"
    tickets_url: Annotated[HttpAddress, Field(description="Internal address of tickets.")] = "http://127.0.0.1:9003"
    calendar_url: Annotated[HttpAddress, Field(description="Internal address of calendar.")] = "http://127.0.0.1:9004"
    owner_timeout_seconds: Annotated[Seconds, Field(description="Longest wait for an owner's answer.")] = 5.0
    document_timeout_seconds: Annotated[
        Seconds,
        Field(description="Longest wait for a PDF, picture or calendar file; 500 tickets are drawn in 20 s, or twice."),
    ] = 45.0
    owner_connections: Annotated[int, Field(ge=1, description="Most connections to each owner.")] = 32
    coalesced_most: Annotated[int, Field(ge=1, le=1000, description="Most calls that travel together.")] = 200

    # -- limits
    max_body_bytes: Annotated[int, Field(ge=1024, description="Largest body of a request.")] = 262_144
    commands_in_flight: Annotated[
        int, Field(ge=4, description="Most writes under way; a tenant may have a quarter of them.")
    ] = 10_000
    commands_at_owners: Annotated[
        int, Field(ge=1, description="Commands of one tenant that are with their owners; more wait in the gateway.")
    ] = 256
    write_rate: Annotated[PerSecond, Field(description="Writes a second of one tenant, and of one address.")] = 5_000.0
    write_burst: Annotated[PerSecond, Field(description="Writes at once of one tenant, and of one address.")] = 20_000.0
    read_rate: Annotated[PerSecond, Field(description="Reads a second of one tenant, and of one address.")] = 10_000.0
    read_burst: Annotated[PerSecond, Field(description="Reads at once of one tenant, and of one address.")] = 40_000.0
    session_rate: Annotated[PerSecond, Field(description="Visitors' sessions a second of one address.")] = 50.0
    session_burst: Annotated[PerSecond, Field(description="Visitors' sessions at once of one address.")] = 1_000.0

    # -- tenants
    tenants_refresh_seconds: Annotated[Seconds, Field(description="How often tenants are read again.")] = 2.0
    tenants_republish_seconds: Annotated[Seconds, Field(description="How often all tenants are published again.")] = (
        3_600.0
    )

    @model_validator(mode="after")
    def _tokens_can_be_verified(self) -> Self:
        if self.algorithm == "HS256":
            if self.env == "production":
                msg = "HS256 tokens need ENV=dev or test: set JWT_ALGORITHM and JWKS_URL"
                raise ValueError(msg)
            if self.jwt_hs256_key is None:
                msg = "JWT_HS256_KEY is needed for HS256 tokens"
                raise ValueError(msg)
        elif self.jwks_url is None:
            msg = "JWKS_URL is needed for RS256, ES256 and EdDSA tokens"
            raise ValueError(msg)
        if self.session_key is None:
            msg = "SESSION_TOKEN_KEY is needed where tokens are verified by JWKS"
            raise ValueError(msg)
        return self

    @property
    def algorithm(self) -> str:
        """The one algorithm of bearer tokens."""
        return self.jwt_algorithm or ("RS256" if self.env == "production" else "HS256")

    @property
    def session_key(self) -> str | None:
        """The key of visitors' tokens."""
        key = self.session_token_key or self.jwt_hs256_key
        return key.get_secret_value() if key is not None else None
