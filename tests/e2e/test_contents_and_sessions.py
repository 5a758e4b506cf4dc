"""Contents with tiers and their dated sessions [spec/02; spec/04; spec/09, What can be booked]."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from e2e_samples import NOWHERE, ahead, concert, content_body, instant
from e2e_world import Tenant, created, invalid, ok, refused

EXAMPLE = {
    "kind": "event", "mode": "session", "title": "Harbour concert", "venue": "Pier 7", "timezone": "Europe/Berlin",
    "durationMinutes": 120, "status": "published",
    "tiers": [{"name": "Standard", "kind": "paid", "price": "25.00", "currency": "EUR", "quantity": 100,
               "minPerOrder": 1, "maxPerOrder": 10},
              {"name": "Family", "kind": "paid", "price": "60.00", "currency": "EUR", "quantity": 20, "admits": 4}],
    "policies": {"booking": {"autoConfirm": True, "approval": "none", "pendingMinutes": 30, "noShowGraceMinutes": 15},
                 "cancellation": {"customerCancel": True, "freeUntilHours": 24,
                                  "tiers": [{"hoursBefore": 0, "feeType": "percent", "value": "50"}]},
                 "reschedule": {"customerReschedule": True, "noticeHours": 24, "maxReschedules": 3, "reprice": "keep"}},
}  # fmt: skip
TIER_FIELDS = {
    "id", "name", "kind", "price", "currency", "quantity", "salesStart", "salesEnd", "minPerOrder", "maxPerOrder",
    "visibility", "requiresAttendee", "seatMap", "admits", "checkInFrom", "checkInUntil", "entryPolicy",
    "sharedCapacityIds",
}  # fmt: skip
SESSION_FIELDS = {
    "id", "tenantId", "contentId", "startsAt", "endsAt", "timezone", "localStart", "offset", "status", "capacity",
    "remaining", "tiers", "createdAt", "updatedAt", "version",
}  # fmt: skip


class TestContents:
    """POST and GET /contents."""

    def test_the_example_is_created_with_an_id_for_each_tier(self, tenant: Tenant):
        answer = tenant.owner.post("/contents", EXAMPLE)

        body = created(answer)
        assert answer.headers["etag"] == '"1"'
        assert (body["tenantId"], body["version"], body["venue"]) == (tenant.id, 1, "Pier 7")
        assert {"description", "imageUrl", "priceRules", "restrictions", "createdAt", "updatedAt"} <= set(body)
        assert all(set(tier) >= TIER_FIELDS for tier in body["tiers"])
        assert len({UUID(tier["id"]) for tier in body["tiers"]}) == 2
        for sent, made in zip(EXAMPLE["tiers"], body["tiers"], strict=True):
            assert made == {**made, **sent}
        for part, values in EXAMPLE["policies"].items():
            assert body["policies"][part] == {**body["policies"][part], **values}

    def test_a_content_is_a_draft_in_the_tenants_zone_unless_told(self, tenant: Tenant):
        body = created(tenant.owner.post("/contents", {"kind": "class", "mode": "session", "title": "Yoga"}))

        assert (body["status"], body["timezone"], body["tiers"]) == ("draft", "Europe/Berlin", [])

    def test_it_is_read_at_once(self, tenant: Tenant, show):
        answer = tenant.guest.get(f"/contents/{show.content['id']}")

        assert ok(answer) == show.content
        assert answer.headers["etag"] == '"1"'

    def test_an_unknown_one_and_another_tenants_are_404(self, tenant: Tenant, other: Tenant, show):
        refused(tenant.owner.get(f"/contents/{NOWHERE}"), 404, "NOT_FOUND")
        refused(other.owner.get(f"/contents/{show.content['id']}"), 404, "NOT_FOUND")
        refused(other.owner.get(f"/contents/{show.content['id']}/sessions"), 404, "NOT_FOUND")

    def test_the_list_is_filtered_and_paged(self, tenant: Tenant):
        word = uuid4().hex[:8]
        made = [created(tenant.owner.post("/contents", content_body(title=f"{word} {number}"))) for number in range(3)]
        created(tenant.owner.post("/contents", content_body(title=f"{word} class", kind="class", status="draft")))

        first = ok(tenant.owner.get("/contents", search=word, kind="event", limit=2))
        assert (first["total"], first["page"], first["limit"]) == (3, 1, 2)
        second = ok(tenant.owner.get("/contents", search=word, kind="event", limit=2, page=2))
        assert {one["id"] for one in first["data"] + second["data"]} == {one["id"] for one in made}
        assert ok(tenant.owner.get("/contents", search=word, status="draft"))["total"] == 1

    @pytest.mark.parametrize(
        ("fields", "path"),
        [
            ({"kind": "party"}, "kind"),
            ({"mode": "sometimes"}, "mode"),
            ({"title": " "}, "title"),
            ({"status": "gone"}, "status"),
            ({"tiers": [{"name": "A", "price": 25}]}, "tiers[0].price"),
            ({"tiers": [{"name": "A", "price": "25.00", "quantity": -1}]}, "tiers[0].quantity"),
            ({"tiers": [{"name": "A", "price": "1.00"}, {"name": "B", "admits": 0}]}, "tiers[1].admits"),
            ({"tiers": [{"price": "1.00"}]}, "tiers[0].name"),
            ({"tiers": [{"name": "A", "price": "1.00", "salesEnd": "2027-06-12T18:00:00"}]}, "tiers[0].salesEnd"),
            ({"policies": {"cancellation": {"freeUntilHours": -1}}}, "policies.cancellation.freeUntilHours"),
            ({"policies": {"cancellation": {"tiers": [{"hoursBefore": 0, "feeType": "percent", "value": 50}]}}},
             "policies.cancellation.tiers[0].value"),
            ({"policies": {"refunds": {}}}, "policies.refunds"),
            ({"extra": None}, "extra"),
        ],
    )  # fmt: skip
    def test_a_wrong_field_is_422_with_its_path(self, tenant: Tenant, fields: dict, path: str):
        invalid(tenant.owner.post("/contents", content_body(**fields)), path)

    @pytest.mark.parametrize("name", ["kind", "mode", "title"])
    def test_a_missing_field_is_422_with_its_path(self, tenant: Tenant, name: str):
        body = content_body()
        del body[name]

        invalid(tenant.owner.post("/contents", body), name)


class TestSessions:
    """POST and GET /contents/:id/sessions."""

    def test_a_session_is_created_with_all_its_fields(self, tenant: Tenant):
        content = created(tenant.owner.post("/contents", EXAMPLE))
        standard = content["tiers"][0]["id"]
        starts = ahead(days=40).replace(hour=18, minute=0, second=0)
        body = {"startsAt": instant(starts), "capacity": 110, "tiers": [{"tierId": standard, "quantity": 90}]}

        answer = tenant.owner.post(f"/contents/{content['id']}/sessions", body)

        made = created(answer)
        assert set(made) >= SESSION_FIELDS
        assert answer.headers["etag"] == '"1"'
        assert (made["startsAt"], made["contentId"], made["status"]) == (instant(starts), content["id"], "scheduled")
        assert (made["capacity"], made["remaining"], made["timezone"]) == (110, 110, "Europe/Berlin")
        assert made["localStart"].endswith(made["offset"])
        assert made["tiers"][0] == {
            "tierId": standard, "name": "Standard", "quantity": 90, "remaining": 90,
            "price": "25.00", "currency": "EUR",
        }  # fmt: skip
        assert (made["tiers"][1]["quantity"], made["tiers"][1]["remaining"]) == (20, 20)

    def test_its_end_comes_from_the_duration(self, tenant: Tenant, show):
        starts = ahead(days=31)

        assert show.another(starts).session["endsAt"] == instant(starts + timedelta(hours=2))

    def test_a_content_of_unlimited_tiers_and_no_capacity_has_no_count(self, tenant: Tenant):
        show = concert(tenant, tiers=[{"name": "Open", "kind": "free"}])

        tier = show.session["tiers"][0]
        assert (show.session["capacity"], tier["quantity"], tier["remaining"]) == (None, None, None)

    def test_local_start_is_in_the_contents_zone_on_both_sides_of_summer(self, tenant: Tenant):
        show = concert(tenant, timezone="Europe/Berlin", starts_at=ahead(days=1))
        winter, summer = "2028-01-10T19:00:00Z", "2028-07-10T18:00:00Z"

        made = [
            created(tenant.owner.post(f"/contents/{show.content['id']}/sessions", {"startsAt": at}))
            for at in (winter, summer)
        ]

        assert [one["localStart"] for one in made] == ["2028-01-10T20:00:00+01:00", "2028-07-10T20:00:00+02:00"]
        assert [one["offset"] for one in made] == ["+01:00", "+02:00"]

    def test_an_instant_with_another_offset_is_shown_in_utc(self, tenant: Tenant, show):
        body = {"startsAt": "2028-07-10T20:00:00+02:00"}

        made = created(tenant.owner.post(f"/contents/{show.content['id']}/sessions", body))

        assert made["startsAt"] == "2028-07-10T18:00:00Z"

    def test_sessions_are_listed_by_local_days(self, tenant: Tenant):
        show = concert(tenant, timezone="Europe/Berlin", starts_at=ahead(days=1))
        path = f"/contents/{show.content['id']}/sessions"
        late = created(tenant.owner.post(path, {"startsAt": "2028-07-10T22:30:00Z"}))

        assert ok(tenant.guest.get(path))["total"] == 2
        listed = ok(tenant.guest.get(path, dateFrom="2028-07-11", dateTo="2028-07-11"))
        assert [one["id"] for one in listed["data"]] == [late["id"]]
        assert ok(tenant.guest.get(path, dateFrom="2028-07-10", dateTo="2028-07-10"))["total"] == 0

    @pytest.mark.parametrize(
        ("body", "path"),
        [
            ({}, "startsAt"),
            ({"startsAt": "2028-06-12T18:00:00"}, "startsAt"),
            ({"startsAt": "2028-02-30T18:00:00Z"}, "startsAt"),
            ({"startsAt": 1790000000}, "startsAt"),
            ({"startsAt": "2028-06-12T18:00:00Z", "capacity": -1}, "capacity"),
            ({"startsAt": "2028-06-12T18:00:00Z", "tiers": [{"tierId": "A", "quantity": 1}]}, "tiers[0].tierId"),
            ({"startsAt": "2028-06-12T18:00:00Z", "sold": 4}, "sold"),
        ],
    )
    def test_a_wrong_field_is_422_with_its_path(self, tenant: Tenant, show, body: dict, path: str):
        invalid(tenant.owner.post(f"/contents/{show.content['id']}/sessions", body), path)

    def test_an_end_before_the_start_is_422(self, tenant: Tenant, show):
        body = {"startsAt": "2028-06-12T18:00:00Z", "endsAt": "2028-06-12T17:00:00Z"}

        refused(tenant.owner.post(f"/contents/{show.content['id']}/sessions", body), 422, "VALIDATION_FAILED")

    def test_a_tier_of_another_content_is_422_or_404(self, tenant: Tenant, show):
        foreign = concert(tenant).tier()
        body = {"startsAt": "2028-06-12T18:00:00Z", "tiers": [{"tierId": foreign, "quantity": 1}]}

        assert tenant.owner.post(f"/contents/{show.content['id']}/sessions", body).status_code in {404, 422}

    def test_a_content_that_is_unknown_or_anothers_is_404(self, tenant: Tenant, other: Tenant, show):
        body = {"startsAt": "2028-06-12T18:00:00Z"}

        refused(tenant.owner.post(f"/contents/{NOWHERE}/sessions", body), 404, "NOT_FOUND")
        refused(other.owner.post(f"/contents/{show.content['id']}/sessions", body), 404, "NOT_FOUND")
