"""What `make run` prints when all is ready: addresses, tokens, and commands to copy."""

import json
from typing import cast

from holdfast_local.client import JsonObject
from holdfast_local.keys import SERVICES
from holdfast_local.seed import SeededTenant
from holdfast_local.stack import Stack


def summary(stack: Stack) -> str:
    """The text, ready to print."""
    demo, second = stack.tenants
    lines = [
        "",
        f"Holdfast is ready: {stack.gateway_url}   (documentation: {stack.gateway_url}/docs)",
        "",
        *(f"  {service:<10} health and metrics on {stack.wiring.internal_url(service)}" for service in SERVICES),
        f"  kafka      {stack.bootstrap} ({stack.engines.kafka.kind})",
        f"  postgres   {_without_password(stack.engines.postgres.url())}",
        f"  all of it, with the other tokens and the databases' URLs: {stack.paths.description}",
        "",
        *(f"  {tenant.slug} ({tenant.id})" for tenant in stack.tenants),
        "",
        "  Tokens of the tenant `demo`:",
        *(f"    export {role.upper()}={token}" for role, token in demo.tokens.items()),
        f"    export PLATFORM={stack.keys.platform_token}",
        "",
        "  Try (after the exports above):",
        *(f"    {line}" for line in _commands(stack.gateway_url, demo)),
        "",
        f"  The same paths with a token of `{second.slug}` show that tenants never see each other.",
        "  In another terminal:  make demo       Stop everything here with Ctrl-C.",
        "",
    ]
    return "\n".join(lines)


def _commands(gateway: str, demo: SeededTenant) -> list[str]:
    return [
        f'curl -s {gateway}/contents -H "Authorization: Bearer $GUEST"',
        f'curl -s {gateway}/contents/{demo.content["id"]}/sessions -H "Authorization: Bearer $GUEST"',
        f'curl -s {gateway}/bookings -H "Authorization: Bearer $GUEST" -H "Content-Type: application/json" \\',
        f"  -d '{json.dumps(_booking(demo))}'",
        f'curl -s {gateway}/bookings -H "Authorization: Bearer $STAFF"',
        f"curl -s -X POST {gateway}/public/session -H 'X-Tenant-Slug: {demo.slug}'",
    ]


def _booking(demo: SeededTenant) -> dict[str, object]:
    tier = cast(list[JsonObject], demo.session["tiers"])[0]
    return {
        "contentId": demo.content["id"],
        "bookingMode": "session",
        "schedulePayload": {"sessionId": demo.session["id"], "items": [{"tierId": tier["tierId"], "quantity": 2}]},
        "customerName": "Ida Berg",
        "customerEmail": "ida@example.com",
    }


def _without_password(url: str) -> str:
    scheme, rest = url.split("://", 1)
    credentials, _, address = rest.rpartition("@")
    user = credentials.split(":", maxsplit=1)[0]
    return f"{scheme}://{user}@{address}" if credentials else url
