"""Tokens of an issuer that publishes its keys over HTTP: RS256, ES256, EdDSA."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import jwt
import orjson
import pytest
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from gateway_doubles import Gateway, claims, make_gateway

from holdfast_gateway.adapters.issuer_keys import PublishedKeys
from holdfast_gateway.ports import OwnerAnswer

MAKERS = {
    "RS256": lambda: rsa.generate_private_key(65537, 2048),
    "ES256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "EdDSA": ed25519.Ed25519PrivateKey.generate,
}


@dataclass
class FakeIssuer:
    """Serves the keys it is told to; counts how often it is asked."""

    url: str = ""
    keys: list[dict[str, Any]] = field(default_factory=list)
    asked: int = 0
    status: int = 200

    def add(self, key: Any, algorithm: str, key_id: str) -> None:
        signer = jwt.get_algorithm_by_name(algorithm)
        self.keys.append({**orjson.loads(signer.to_jwk(key.public_key())), "kid": key_id, "use": "sig"})

    async def serve(self, _request: web.Request) -> web.Response:
        self.asked += 1
        return web.json_response({"keys": self.keys}, status=self.status)


@pytest.fixture
async def issuer() -> AsyncIterator[FakeIssuer]:
    fake = FakeIssuer()
    application = web.Application()
    application.router.add_get("/jwks", fake.serve)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    fake.url = f"http://127.0.0.1:{runner.addresses[0][1]}/jwks"
    yield fake
    await runner.cleanup()


def gateway_of(issuer: FakeIssuer, algorithm: str, refresh_seconds: float = 30.0) -> Gateway:
    keys = PublishedKeys(issuer.url, algorithm, refresh_seconds=refresh_seconds, timeout_seconds=2)
    gateway = make_gateway(keys, jwt_algorithm=algorithm, jwks_url=issuer.url)
    gateway.owners.answer = lambda *_: OwnerAnswer(200, b"{}")
    return gateway


async def status(gateway: Gateway, key: Any, algorithm: str, key_id: str | None = "one", **changed: Any) -> int:
    token = jwt.encode(claims(**changed), key, algorithm, headers={"kid": key_id} if key_id else None)
    answer = await gateway.call("GET", "/contents", None, headers={"Authorization": f"Bearer {token}"})
    return answer.status_code


@pytest.mark.parametrize("algorithm", MAKERS)
async def test_a_published_key_opens(issuer: FakeIssuer, algorithm: str) -> None:
    key = MAKERS[algorithm]()
    issuer.add(key, algorithm, "one")
    gateway = gateway_of(issuer, algorithm)
    assert await status(gateway, key, algorithm) == 200
    assert await status(gateway, key, algorithm, None) == 200
    assert await status(gateway, MAKERS[algorithm](), algorithm) == 401
    assert issuer.asked == 1


async def test_keys_are_fetched_once_by_many(issuer: FakeIssuer) -> None:
    key = MAKERS["ES256"]()
    issuer.add(key, "ES256", "one")
    gateway = gateway_of(issuer, "ES256")
    subjects = [f"acc-{number}" for number in range(10)]
    assert set(await asyncio.gather(*(status(gateway, key, "ES256", sub=one) for one in subjects))) == {200}
    assert issuer.asked == 1


async def test_an_unknown_key_is_asked_for_at_most_every_so_often(issuer: FakeIssuer) -> None:
    first, second = MAKERS["ES256"](), MAKERS["ES256"]()
    issuer.add(first, "ES256", "one")
    gateway = gateway_of(issuer, "ES256")
    assert await status(gateway, first, "ES256") == 200
    issuer.add(second, "ES256", "two")
    assert await status(gateway, second, "ES256", "two") == 401
    assert issuer.asked == 1
    eager = gateway_of(issuer, "ES256", refresh_seconds=0.0001)
    assert await status(eager, first, "ES256") == 200
    issuer.keys.pop(0)
    assert await status(eager, first, "ES256", sub="still known") == 200
    assert await status(eager, second, "ES256", "two") == 200


async def test_another_algorithm_is_never_accepted(issuer: FakeIssuer) -> None:
    """A public key is no secret: it must not verify an HS256 token, nor a key of another family."""
    key, other = MAKERS["RS256"](), MAKERS["ES256"]()
    issuer.add(key, "RS256", "one")
    issuer.add(other, "ES256", "two")
    gateway = gateway_of(issuer, "RS256")
    assert await status(gateway, other, "ES256", "two") == 401
    assert await status(gateway, "the public key's bytes, taken for a secret", "HS256") == 401


async def test_an_issuer_that_is_down_is_503(issuer: FakeIssuer) -> None:
    key = MAKERS["ES256"]()
    issuer.add(key, "ES256", "one")
    issuer.status = 500
    gateway = gateway_of(issuer, "ES256")
    assert await status(gateway, key, "ES256") == 503
    issuer.status = 200
    assert await status(gateway, key, "ES256") == 200


async def test_a_visitors_session_works_beside_published_keys(issuer: FakeIssuer) -> None:
    gateway = gateway_of(issuer, "RS256")
    made = await gateway.call("POST", "/public/session", None, headers={"X-Tenant-Slug": "demo"})
    headers = {"Authorization": f"Bearer {made.json()['token']}"}
    assert (await gateway.call("GET", "/contents", None, headers=headers)).status_code == 200
    assert issuer.asked == 0
