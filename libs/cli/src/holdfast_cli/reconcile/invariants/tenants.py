"""I12: tenants never mix. In the rows, in the messages, and by what the database forbids."""

from __future__ import annotations

from typing import Final

from holdfast_cli.databases import Row
from holdfast_cli.reconcile.findings import Check, Finding, Sight
from holdfast_platform.database.roles import owner_name
from holdfast_platform.database.security import ROLES, database_name, role_name

_TABLES: Final = """
SELECT c.relname AS name, c.relrowsecurity AS enabled, c.relforcerowsecurity AS forced
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped
WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace ORDER BY c.relname
"""
_ROLES: Final = """
SELECT rolname, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = ANY($1::text[]) ORDER BY rolname
"""
_OPEN_POLICIES: Final = """
SELECT tablename, policyname, roles::text[] AS roles FROM pg_policies
WHERE schemaname = 'public' AND qual = 'true' AND roles::text[] && $1::text[] AND tablename <> ALL ($2::text[])
"""
_MESSAGES: Final = """
SELECT 'outbox' AS place, id, tenant_id, headers ->> 'ce_tenantid' AS said FROM outbox
WHERE headers ->> 'ce_tenantid' IS DISTINCT FROM tenant_id::text
"""
_TENANTS: Final = "SELECT id FROM tenants"
_BOOKINGS: Final = "SELECT id, tenant_id, claim_id, tenant ->> 'id' AS told FROM bookings"
_DIRECTORY: Final = ("tenant_domains",)
"""Domains are unique over all tenants: who adds one may see that it is taken."""
_PLATFORM: Final = "00000000-0000-0000-0000-000000000000"
"""Whose inbox holds what belongs to no tenant: the platform's own commands, and records whose tenant is unreadable."""


async def database_keeps_tenants_apart(sight: Sight) -> Finding:
    """See that row-level security is on for every table with a tenant, and that nobody can step around it."""
    checked = 0
    differences: list[str] = []
    for service in sorted(sight.databases.services):
        tables = await sight.rows(service, _TABLES)
        checked += len(tables)
        differences += [
            f"{service}: row-level security of {row['name']} is off" for row in tables if not row["enabled"]
        ]
        differences += [
            f"{service}: the owner of {row['name']} is not bound by row-level security"
            for row in tables
            if not row["forced"]
        ]
        differences += await _strong_roles(sight, service)
        differences += await _open_policies(sight, service)
    return Finding.of(checked, differences)


async def _strong_roles(sight: Sight, service: str) -> list[str]:
    names = [database_name(service), owner_name(service), *(role_name(service, role) for role in ROLES)]
    rows = await sight.rows(service, _ROLES, names)
    strong = [row["rolname"] for row in rows if row["rolsuper"] or row["rolbypassrls"]]
    missing = sorted(set(names) - {row["rolname"] for row in rows})
    return [f"{service}: role {name} can bypass row-level security" for name in strong] + [
        f"{service}: there is no role {name}" for name in missing
    ]


async def _open_policies(sight: Sight, service: str) -> list[str]:
    bound = [role_name(service, "requests"), role_name(service, "consumer"), "public"]
    rows = await sight.rows(service, _OPEN_POLICIES, bound, list(_DIRECTORY))
    return [
        f"{service}: policy {row['policyname']} of {row['tablename']} shows {', '.join(row['roles'])} every tenant"
        for row in rows
    ]


async def rows_belong_to_tenants(sight: Sight) -> Finding:
    """See that every row is of a tenant that exists, and every message of the tenant whose row it is in."""
    known = {str(row["id"]) for row in await sight.rows("gateway", _TENANTS)} | {_PLATFORM}
    checked = 0
    differences: list[str] = []
    for service in sorted(sight.databases.services):
        for table in await sight.rows(service, _TABLES):
            name = table["name"]
            rows = await sight.rows(service, f"SELECT tenant_id, count(*) AS n FROM {name} GROUP BY tenant_id")
            checked += sum(row["n"] for row in rows)
            differences += [
                f"{service}: {row['n']} rows of {name} belong to the unknown tenant {row['tenant_id']}"
                for row in rows
                if str(row["tenant_id"]) not in known
            ]
        differences += [
            f"{service}: {row['place']} row {row['id']} of tenant {row['tenant_id']} says {row['said']}"
            for row in await sight.rows(service, _MESSAGES)
        ]
    return Finding.of(checked, differences)


_ELSEWHERE: Final = (
    ("inventory", "claim", "SELECT tenant_id, booking_id, id FROM claims WHERE booking_id IS NOT NULL"),
    ("tickets", "admission", "SELECT tenant_id, booking_id, booking_id AS id FROM admissions"),
    ("tickets", "ticket", "SELECT tenant_id, booking_id, id FROM tickets"),
    ("tickets", "scan", "SELECT tenant_id, booking_id, id FROM scans WHERE booking_id IS NOT NULL"),
    ("calendar", "calendar entry", "SELECT tenant_id, booking_id, booking_id AS id FROM entries"),
)


async def services_agree_on_tenants(sight: Sight) -> Finding:
    """See that whatever another service keeps of a booking belongs to the booking's tenant."""
    bookings = await sight.rows("booking", _BOOKINGS)
    owner = {row["id"]: row["tenant_id"] for row in bookings}
    inside = [
        f"booking {row['id']} of tenant {row['tenant_id']} carries the facts of tenant {row['told']}"
        for row in bookings
        if row["told"] != str(row["tenant_id"])
    ]
    checked = len(bookings)
    across: list[str] = []
    for service, what, sql in _ELSEWHERE:
        if service in sight.databases.services:
            rows: list[Row] = list(await sight.rows(service, sql))
            checked += len(rows)
            across += [
                f"{what} {row['id']} of tenant {row['tenant_id']} is about booking {row['booking_id']} of tenant "
                f"{owner[row['booking_id']]}"
                for row in rows
                if owner.get(row["booking_id"], row["tenant_id"]) != row["tenant_id"]
            ]
    return Finding.of(checked, inside, across)


CHECKS = (
    Check("I12", "the database keeps tenants apart", frozenset(), database_keeps_tenants_apart),
    Check("I12", "every row and message belongs to its tenant", frozenset({"gateway"}), rows_belong_to_tenants),
    Check("I12", "services agree on the tenant of a booking", frozenset({"booking"}), services_agree_on_tenants),
)
