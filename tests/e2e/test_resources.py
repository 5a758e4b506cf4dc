"""Bookable resources: create, read, list [spec/02; spec/04, Fields; spec/09]."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from e2e_samples import ALL_WEEK, NOWHERE, resource, resource_body
from e2e_world import Tenant, created, invalid, ok, refused

FIELDS = {
    "id", "tenantId", "categoryId", "type", "status", "name", "shortName", "description", "imageUrl", "timezone",
    "schedule", "defaultDurationMinutes", "bufferMinutes", "advanceBookingDays", "minNoticeHours",
    "maxBookingsPerSlot", "price", "pricePerHour", "currency", "skills", "metadata", "sortOrder", "createdAt",
    "updatedAt", "deletedAt", "capacity", "units", "slotIntervalMinutes", "bufferBeforeMinutes", "version",
}  # fmt: skip


def test_a_resource_is_created_with_all_its_fields(tenant: Tenant):
    answer = tenant.owner.post("/bookings/resources", resource_body(name="Ana", skills=["colour"], capacity=3))

    body = created(answer)
    assert set(body) >= FIELDS
    assert (body["tenantId"], body["version"], body["deletedAt"]) == (tenant.id, 1, None)
    assert (body["price"], body["capacity"], body["units"], body["skills"]) == ("40.00", 3, 1, ["colour"])
    assert answer.headers["etag"] == '"1"'
    UUID(body["id"])


def test_type_and_name_suffice_zone_and_currency_are_the_tenants(tenant: Tenant):
    body = created(tenant.owner.post("/bookings/resources", {"type": "room", "name": "Attic"}))

    assert (body["timezone"], body["currency"]) == ("Europe/Berlin", "EUR")
    assert (body["capacity"], body["units"], body["status"], body["schedule"]) == (1, 1, "active", None)


def test_the_example_of_the_specification_is_accepted_but_for_its_category(tenant: Tenant):
    example = {
        "type": "staff", "name": "Ana", "timezone": "America/New_York",
        "schedule": {"weekly": {"mon": [{"start": "09:00", "end": "12:30"}, {"start": "13:30", "end": "18:00"}]},
                     "exceptions": [{"date": "2027-03-15", "closed": True, "label": "Holiday"}]},
        "defaultDurationMinutes": 30, "slotIntervalMinutes": 30, "bufferMinutes": 10, "bufferBeforeMinutes": 0,
        "advanceBookingDays": 400, "minNoticeHours": 0, "maxBookingsPerSlot": None, "capacity": 1, "units": 1,
        "price": "40.00", "pricePerHour": None, "currency": "USD", "skills": ["colour"],
        "metadata": {"custom": {"languages": "en, pt"}},
    }  # fmt: skip

    body = created(tenant.owner.post("/bookings/resources", example))

    schedule = body["schedule"]
    assert schedule["weekly"]["mon"] == example["schedule"]["weekly"]["mon"]
    assert schedule["exceptions"][0] == {**schedule["exceptions"][0], **example["schedule"]["exceptions"][0]}
    assert {name: body[name] for name in example if name != "schedule"} == {
        name: value for name, value in example.items() if name != "schedule"
    }


def test_a_created_resource_is_read_at_once_by_everybody_who_may_look(tenant: Tenant):
    made = resource(tenant)

    for caller in (tenant.owner, tenant.staff, tenant.auditor, tenant.guest):
        answer = caller.get(f"/bookings/resources/{made['id']}")
        assert ok(answer) == made
        assert answer.headers["etag"] == '"1"'


def test_an_unknown_resource_and_another_tenants_are_404(tenant: Tenant, other: Tenant):
    theirs = resource(other)

    refused(tenant.owner.get(f"/bookings/resources/{NOWHERE}"), 404, "NOT_FOUND")
    refused(tenant.owner.get(f"/bookings/resources/{theirs['id']}"), 404, "NOT_FOUND")


def test_the_list_is_filtered_and_paged(tenant: Tenant):
    skill = f"skill-{uuid4().hex[:6]}"
    rooms = [resource(tenant, type="room", skills=[skill], name=f"Room {number}") for number in range(3)]
    resource(tenant, type="vehicle", skills=[skill], status="inactive", name="Van")

    listed = ok(tenant.owner.get("/bookings/resources", skill=skill, type="room", limit=2))
    assert (listed["total"], listed["page"], listed["limit"], len(listed["data"])) == (3, 1, 2, 2)
    second = ok(tenant.owner.get("/bookings/resources", skill=skill, type="room", limit=2, page=2))
    assert {one["id"] for one in listed["data"] + second["data"]} == {room["id"] for room in rooms}
    assert [
        one["name"] for one in ok(tenant.owner.get("/bookings/resources", skill=skill, status="inactive"))["data"]
    ] == ["Van"]
    assert ok(tenant.owner.get("/bookings/resources", skill=skill, search="room 1"))["total"] == 1


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"type": "robot"}, "type"),
        ({"name": ""}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"timezone": "Mars/Olympus"}, "timezone"),
        ({"price": 40}, "price"),
        ({"price": "-1.00"}, "price"),
        ({"currency": "EURO"}, "currency"),
        ({"capacity": 0}, "capacity"),
        ({"units": 0}, "units"),
        ({"capacity": "3"}, "capacity"),
        ({"capacity": 2.5}, "capacity"),
        ({"imageUrl": "http://plain.example/x.png"}, "imageUrl"),
        ({"schedule": {"weekly": {"mon": [{"start": "9:00", "end": "12:00"}]}}}, "schedule.weekly.mon[0].start"),
        ({"schedule": {"weekly": {"funday": []}}}, "schedule.weekly.funday"),
        ({"colour": "red"}, "colour"),
        ({"id": NOWHERE}, "id"),
    ],
)
def test_a_wrong_field_is_422_with_its_path(tenant: Tenant, fields: dict, path: str):
    invalid(tenant.owner.post("/bookings/resources", resource_body(**fields)), path)


@pytest.mark.parametrize("name", ["type", "name"])
def test_a_missing_field_is_422_with_its_path(tenant: Tenant, name: str):
    body = resource_body()
    del body[name]

    invalid(tenant.owner.post("/bookings/resources", body), name)


def test_every_wrong_field_is_told_at_once(tenant: Tenant):
    invalid(
        tenant.owner.post("/bookings/resources", {"type": "robot", "price": 4, "x": 1}), "type", "name", "price", "x"
    )


def test_a_day_may_end_at_24_00_and_only_ends_may(tenant: Tenant):
    late = {"weekly": {"mon": [{"start": "18:00", "end": "24:00"}]}}

    assert resource(tenant, schedule=late)["schedule"]["weekly"]["mon"][0]["end"] == "24:00"
    early = {"weekly": {"mon": [{"start": "24:00", "end": "02:00"}]}}
    invalid(tenant.owner.post("/bookings/resources", resource_body(schedule=early)), "schedule.weekly.mon[0].start")


def test_text_is_normalised_and_cleaned_at_the_edge(tenant: Tenant):
    made = resource(tenant, name="  Ame\u0301lie\u202e\u0007 ", schedule=ALL_WEEK)

    assert made["name"] == "Am\u00e9lie"
