import jwt
import pytest

from holdfast_contracts.enums import Role
from holdfast_contracts.scopes import SCOPES_BY_ROLE
from holdfast_local import ports
from holdfast_local.environment import AUDIENCE, ISSUER, OWNERS, Wiring, environment_of
from holdfast_local.kafka import settings
from holdfast_local.keys import SERVICES, StackKeys
from holdfast_local.tokens import LIFETIME_SECONDS, mint, mint_all
from holdfast_platform.settings import ServiceSettings


@pytest.fixture
def wiring() -> Wiring:
    urls = {service: f"postgresql://holdfast_{service}@h/holdfast_{service}" for service in SERVICES}
    return Wiring(ports.consecutive(9100), StackKeys(), "127.0.0.1:9107", urls)


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_can_read_its_settings(service, wiring, monkeypatch):
    for name, value in environment_of(service, wiring).items():
        monkeypatch.setenv(name, value)

    read = ServiceSettings()

    assert read.env == "dev"
    assert read.internal_port == wiring.ports.internal(service)
    assert read.kafka_bootstrap_servers == "127.0.0.1:9107"
    assert read.database_url.get_secret_value() == wiring.database_urls[service]


def test_keys_between_services_are_the_same_for_all(wiring):
    told = [environment_of(service, wiring) for service in SERVICES]

    for name in ("INTERNAL_TOKEN_KEY", "ASSET_LINK_KEY", "PUBLIC_URL"):
        assert len({environment[name] for environment in told}) == 1


def test_only_the_gateway_learns_the_keys_of_callers(wiring):
    for service in OWNERS:
        assert not {"JWT_HS256_KEY", "PLATFORM_TOKEN", "HTTP_PORT"} & environment_of(service, wiring).keys()


def test_the_gateway_finds_every_owner(wiring):
    environment = environment_of("gateway", wiring)

    assert environment["INVENTORY_URL"] == "http://127.0.0.1:9103"
    assert all(f"{owner.upper()}_URL" in environment for owner in OWNERS)


def test_a_token_has_the_claims_of_the_specification(wiring):
    token = mint(wiring.keys.jwt_hs256_key, "6f9c1d52-3a57-4c0e-9a51-2f1f7f6f0a01", Role.DOOR)

    claims = jwt.decode(token, wiring.keys.jwt_hs256_key, algorithms=["HS256"], audience=AUDIENCE, issuer=ISSUER)
    assert set(claims) == {"iss", "aud", "sub", "tenant_id", "role", "scope", "iat", "exp", "jti"}
    assert claims["scope"] == "scans:write"
    assert claims["exp"] - claims["iat"] == LIFETIME_SECONDS


def test_there_is_a_token_for_each_role_with_its_scopes(wiring):
    tokens = mint_all(wiring.keys.jwt_hs256_key, "6f9c1d52-3a57-4c0e-9a51-2f1f7f6f0a01")

    assert list(tokens) == ["owner", "manager", "staff", "door", "auditor", "guest"]
    for role, token in tokens.items():
        scope = jwt.decode(token, options={"verify_signature": False})["scope"]
        assert set(scope.split()) == {str(one) for one in SCOPES_BY_ROLE[Role(role)]}


def test_the_broker_makes_no_topics_by_itself_and_keeps_one_replica(tmp_path):
    told = dict(line.split("=", 1) for line in settings(tmp_path, 9107, 9108).splitlines())

    assert told["auto.create.topics.enable"] == "false"
    assert told["group.initial.rebalance.delay.ms"] == "0"
    assert told["offsets.topic.replication.factor"] == "1"
    assert told["advertised.listeners"] == "CLIENT://127.0.0.1:9107"
