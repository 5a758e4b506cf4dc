"""Two tenants and a few things to book, made through the public API; what is there already is found again."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import cast
from urllib.parse import urlencode

from holdfast_local.client import Api, JsonObject
from holdfast_local.keys import StackKeys
from holdfast_local.progress import Progress
from holdfast_local.tokens import mint_all
from holdfast_local.waiting import finished

TENANTS: tuple[Mapping[str, str], ...] = (
    {"slug": "demo", "name": "Demo Hall", "timezone": "Europe/Berlin", "currency": "EUR"},
    {"slug": "second", "name": "Second Street Salon", "timezone": "America/New_York", "currency": "USD"},
)
_HOURS = [{"start": "09:00", "end": "12:30"}, {"start": "13:30", "end": "18:00"}]
ANA: Mapping[str, object] = {
    "type": "staff",
    "name": "Ana",
    "schedule": {"weekly": dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), _HOURS)},
    "defaultDurationMinutes": 30,
    "slotIntervalMinutes": 30,
    "bufferMinutes": 10,
    "price": "40.00",
}
CONCERT_DAYS_AHEAD = 30


@dataclass(frozen=True)
class SeededTenant:
    """A tenant as `stack.json` shows it."""

    id: str
    slug: str
    tokens: Mapping[str, str]
    content: JsonObject = field(default_factory=dict)
    session: JsonObject = field(default_factory=dict)

    def described(self) -> dict[str, object]:
        """The entry of `stack.json`."""
        return {"id": self.id, "slug": self.slug, "tokens": dict(self.tokens)}


def seed(gateway_url: str, keys: StackKeys, progress: Progress) -> list[SeededTenant]:
    """Make sure that both tenants and their content are there. Raises StackError with the API's problem."""
    with progress.step("seed", f"tenants {' and '.join(tenant['slug'] for tenant in TENANTS)}"):
        return finished(_seed(gateway_url, keys))


async def _seed(gateway_url: str, keys: StackKeys) -> list[SeededTenant]:
    async with Api(gateway_url, keys.platform_token) as platform:
        tenants = [await _tenant(platform, wanted, keys) for wanted in TENANTS]
    return [await _filled(gateway_url, tenant, wanted) for tenant, wanted in zip(tenants, TENANTS, strict=True)]


async def _tenant(platform: Api, wanted: Mapping[str, str], keys: StackKeys) -> SeededTenant:
    known = await _listed(platform, "/tenants", "slug", wanted["slug"])
    tenant = known or await platform.create("/tenants", wanted, key=f"seed-tenant-{wanted['slug']}")
    tenant_id = str(tenant["id"])
    return SeededTenant(tenant_id, wanted["slug"], mint_all(keys.jwt_hs256_key, tenant_id))


async def _filled(gateway_url: str, tenant: SeededTenant, wanted: Mapping[str, str]) -> SeededTenant:
    async with Api(gateway_url, tenant.tokens["owner"]) as owner:
        content = await _resource_and_content(owner, wanted["currency"])
        return replace(tenant, content=content, session=await _next_session(owner, content))


async def _resource_and_content(owner: Api, currency: str) -> JsonObject:
    if not await _listed(owner, "/bookings/resources", "name", str(ANA["name"])):
        await owner.create("/bookings/resources", ANA, key="seed-resource-ana")
    concert = _concert(currency)
    content = await _listed(owner, "/contents", "title", str(concert["title"]))
    return content or await owner.create("/contents", concert, key="seed-content-concert")


async def _next_session(owner: Api, content: JsonObject) -> JsonObject:
    path = f"/contents/{content['id']}/sessions"
    now = datetime.now(UTC)
    sessions = cast(list[JsonObject], (await owner.read(f"{path}?limit=100")).json()["data"])
    ahead = [session for session in sessions if _instant(session) > now]
    if ahead:
        return min(ahead, key=_instant)
    starts_at = (now + timedelta(days=CONCERT_DAYS_AHEAD)).replace(hour=18, minute=0, second=0, microsecond=0)
    body = {"startsAt": f"{starts_at:%Y-%m-%dT%H:%M:%SZ}"}
    return await owner.create(path, body, key=f"seed-session-{starts_at:%Y-%m-%d}")


def _instant(session: JsonObject) -> datetime:
    return datetime.fromisoformat(str(session["startsAt"]))


def _concert(currency: str) -> Mapping[str, object]:
    standard = {"name": "Standard", "kind": "paid", "price": "25.00", "currency": currency, "quantity": 100}
    family = {"name": "Family", "kind": "paid", "price": "60.00", "currency": currency, "quantity": 20, "admits": 4}
    return {
        "kind": "event",
        "mode": "session",
        "title": "Harbour concert",
        "venue": "Pier 7",
        "durationMinutes": 120,
        "status": "published",
        "tiers": [standard, family],
    }


async def _listed(api: Api, path: str, field: str, value: str) -> JsonObject | None:
    """The first entry of a list whose field has the value, however many pages it takes."""
    page, seen = 1, 0
    while True:
        told = (await api.read(f"{path}?{urlencode({'page': page, 'limit': 100})}")).json()
        entries = cast(list[JsonObject], told["data"])
        for entry in entries:
            if entry[field] == value:
                return entry
        page, seen = page + 1, seen + len(entries)
        if not entries or seen >= cast(int, told["total"]):
            return None
