"""Who calls, for whom, and in which order a request is looked at [spec/07; spec/09, Tokens; spec/10, Requests]."""

from __future__ import annotations

import time
from uuid import UUID

import pytest
from e2e_samples import NOWHERE, content_body
from e2e_world import Tenant, World, created, invalid, ok, refused

REQUIRED_CLAIMS = ("iss", "aud", "sub", "exp", "iat", "jti", "tenant_id", "scope")


def test_a_request_without_a_token_is_401(world: World):
    answer = world.nobody.get("/bookings")

    refused(answer, 401, "UNAUTHENTICATED")
    assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize("header", ["Bearer", "Bearer not.a.token", "Basic dXNlcjpwYXNz", "Bearer a b"])
def test_a_token_that_is_none_is_401(world: World, header: str):
    refused(world.nobody.with_headers(Authorization=header).get("/bookings"), 401, "UNAUTHENTICATED")


def test_a_token_signed_with_another_key_is_401(world: World, tenant: Tenant):
    forged = world.token(tenant.id, "owner", "acc-1", key="x" * 48)

    refused(world.bearer(forged).get("/bookings"), 401, "UNAUTHENTICATED")


@pytest.mark.parametrize("claim", REQUIRED_CLAIMS)
def test_a_token_without_a_required_claim_is_401(tenant: Tenant, claim: str):
    refused(tenant.as_("owner", **{claim: None}).get("/bookings"), 401, "UNAUTHENTICATED")


@pytest.mark.parametrize(("claim", "value"), [("iss", "https://else.example"), ("aud", "another-product")])
def test_a_token_of_another_issuer_or_for_another_product_is_401(tenant: Tenant, claim: str, value: str):
    refused(tenant.as_("owner", **{claim: value}).get("/bookings"), 401, "UNAUTHENTICATED")


def test_an_expired_token_says_so_after_a_leeway_of_30_seconds(tenant: Tenant):
    now = int(time.time())

    refused(tenant.as_("owner", iat=now - 600, exp=now - 40).get("/bookings"), 401, "TOKEN_EXPIRED")
    ok(tenant.as_("owner", iat=now - 600, exp=now - 10).get("/bookings"))


def test_a_token_that_lacks_the_scope_is_403(tenant: Tenant):
    refused(tenant.staff.post("/contents", content_body()), 403, "FORBIDDEN")
    refused(tenant.door.get("/bookings"), 403, "FORBIDDEN")
    refused(tenant.auditor.post("/bookings", {}), 403, "FORBIDDEN")
    refused(tenant.guest.get("/bookings"), 403, "FORBIDDEN")


def test_the_scope_counts_not_the_role(tenant: Tenant):
    ok(tenant.as_("guest", scope="bookings:read").get("/bookings"))
    refused(tenant.as_("owner", scope="availability:read").get("/bookings"), 403, "FORBIDDEN")


def test_a_tenant_in_a_header_that_is_not_the_tokens_is_403(tenant: Tenant, other: Tenant):
    refused(tenant.owner.with_headers(X_Tenant_Slug=other.slug).get("/bookings"), 403, "TENANT_MISMATCH")
    ok(tenant.owner.with_headers(X_Tenant_Slug=tenant.slug).get("/bookings"))


def test_a_token_of_an_unknown_tenant_finds_nothing(world: World):
    stranger = Tenant(world, {"id": NOWHERE, "slug": "nowhere"})

    refused(stranger.owner.get("/bookings"), 404, "NOT_FOUND")


class TestOrderOfChecks:
    """401, tenant, 403, then 413, 415, 400, then 422, then 404, 412, 409."""

    def test_credentials_come_before_everything(self, world: World, tenant: Tenant):
        nobody = world.nobody.with_headers(X_Tenant_Slug="no-such-tenant", Content_Type="text/plain")

        refused(nobody.post("/contents", content=b"{"), 401, "UNAUTHENTICATED")

    def test_the_tenant_comes_before_the_scope(self, tenant: Tenant, other: Tenant):
        answer = tenant.door.with_headers(X_Tenant_Slug=other.slug).post("/contents", {})

        refused(answer, 403, "TENANT_MISMATCH")

    def test_the_scope_comes_before_the_body(self, tenant: Tenant):
        refused(tenant.staff.post("/contents", content=b"x" * 300_000), 403, "FORBIDDEN")

    def test_the_size_comes_before_the_media_type(self, tenant: Tenant):
        plain = tenant.owner.with_headers(Content_Type="text/plain")

        refused(plain.post("/contents", content=b"x" * 262_145), 413, "BODY_TOO_LARGE")

    def test_the_media_type_comes_before_the_syntax(self, tenant: Tenant):
        plain = tenant.owner.with_headers(Content_Type="text/plain")

        refused(plain.post("/contents", content=b"{"), 415, "UNSUPPORTED_MEDIA_TYPE")

    def test_the_syntax_comes_before_the_values(self, tenant: Tenant):
        typed = tenant.owner.with_headers(Content_Type="application/json")

        refused(typed.post("/contents", content=b'{"kind": "nonsense"'), 400, "MALFORMED_REQUEST")

    def test_the_values_come_before_what_is_there(self, tenant: Tenant):
        invalid(tenant.owner.post(f"/contents/{NOWHERE}/sessions", {"startsAt": "soon"}), "startsAt")

    def test_what_is_there_comes_before_its_version(self, tenant: Tenant):
        stale = tenant.staff.with_headers(If_Match='"7"')

        refused(stale.patch(f"/bookings/{NOWHERE}/confirm"), 404, "NOT_FOUND")

    def test_the_version_comes_before_the_state(self, tenant: Tenant, show):
        booking = show.booked(tenant.staff)
        ok(tenant.staff.patch(f"/bookings/{booking['id']}/cancel"))

        refused(
            tenant.staff.with_headers(If_Match='"1"').patch(f"/bookings/{booking['id']}/check-in"),
            412,
            "VERSION_MISMATCH",
        )
        refused(tenant.staff.patch(f"/bookings/{booking['id']}/check-in"), 409, "INVALID_TRANSITION")


def test_a_path_with_other_methods_answers_405_with_allow(tenant: Tenant):
    answer = tenant.owner.delete("/bookings")

    refused(answer, 405, "METHOD_NOT_ALLOWED")
    assert {method.strip() for method in answer.headers["allow"].split(",")} >= {"GET", "POST"}


def test_an_unknown_path_is_404(tenant: Tenant):
    refused(tenant.owner.get("/nothing/here"), 404, "NOT_FOUND")


class TestPublicSession:
    """POST /public/session opens the storefront to a visitor."""

    def test_it_gives_a_token_a_session_and_an_end(self, world: World, tenant: Tenant):
        body = created(world.nobody.with_headers(X_Tenant_Slug=tenant.slug).post("/public/session"))

        assert set(body) == {"token", "sessionId", "expiresAt"}
        UUID(body["sessionId"])
        assert body["expiresAt"].endswith("Z")

    def test_its_token_holds_and_books_and_sees_own_bookings_only(self, world: World, tenant: Tenant, show):
        body = created(world.nobody.with_headers(X_Tenant_Slug=tenant.slug).post("/public/session"))
        visitor = world.bearer(body["token"])
        mine, another = show.booked(visitor), show.booked(tenant.visitor())

        assert ok(visitor.get(f"/bookings/{mine['id']}"))["actorType"] == "guest"
        assert show.held(visitor)["sessionId"] == body["sessionId"]
        refused(visitor.get(f"/bookings/{another['id']}"), 404, "NOT_FOUND")
        refused(visitor.get("/bookings"), 403, "FORBIDDEN")

    def test_without_a_tenant_or_with_an_unknown_one_it_is_404(self, world: World):
        refused(world.nobody.post("/public/session"), 404, "NOT_FOUND")
        refused(world.nobody.with_headers(X_Tenant_Slug="no-such-tenant").post("/public/session"), 404, "NOT_FOUND")

    def test_the_host_names_the_tenant_by_its_domain(self, world: World):
        domain = f"shop-{world.new_tenant().slug}.example.com"
        host = world.new_tenant(domains=[domain])

        session = created(world.nobody.with_headers(Host=domain).post("/public/session"))

        ok(world.bearer(session["token"]).get("/contents"))
        assert host.data["domains"] == [domain]

    def test_a_suspended_tenant_is_not_found(self, world: World):
        closed = world.new_tenant(status="suspended")

        refused(world.nobody.with_headers(X_Tenant_Slug=closed.slug).post("/public/session"), 404, "NOT_FOUND")


class TestTenants:
    """Tenants are the platform's."""

    def test_a_tenant_is_created_with_all_fields(self, world: World):
        made = world.new_tenant(name="Demo Hall", timezone="Europe/Lisbon", currency="EUR").data

        assert {"id", "slug", "name", "timezone", "currency", "status", "domains", "settings"} <= set(made)
        assert (made["status"], made["version"], made["settings"]["assetLinks"]) == ("active", 1, "signed")
        assert ok(world.platform.get(f"/tenants/{made['id']}")) == made

    def test_the_platforms_token_is_needed(self, world: World, tenant: Tenant):
        refused(world.nobody.get("/tenants"), 401, "UNAUTHENTICATED")
        assert tenant.owner.get("/tenants").status_code in {401, 403}
        assert tenant.owner.post("/tenants", {"slug": "mine", "name": "Mine"}).status_code in {401, 403}

    def test_a_slug_is_taken_once(self, world: World, tenant: Tenant):
        refused(world.platform.post("/tenants", {"slug": tenant.slug, "name": "Again"}), 409, "SLUG_TAKEN")

    def test_a_change_needs_the_current_version_where_one_is_named(self, world: World):
        made = world.new_tenant()
        path = f"/tenants/{made.id}"

        refused(world.platform.with_headers(If_Match='"9"').patch(path, {"name": "New"}), 412, "VERSION_MISMATCH")
        changed = world.platform.with_headers(If_Match='"1"').patch(path, {"name": "New"})
        assert ok(changed)["name"] == "New"
        assert changed.headers["etag"] == '"2"'

    def test_the_list_is_paged(self, world: World):
        listed = ok(world.platform.get("/tenants", limit=1))

        assert (listed["page"], listed["limit"], len(listed["data"])) == (1, 1, 1)
        assert listed["total"] >= 2
