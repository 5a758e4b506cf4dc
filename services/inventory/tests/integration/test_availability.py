"""Availability of times and of sessions."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from inventory_samples import ALWAYS, MONDAY, ZONE, instant, items, place_hold, schedule_session

from holdfast_contracts.problems import Refusal
from holdfast_inventory.repositories.availability import AvailabilityRepository
from holdfast_inventory.usecases.get_availability import AvailabilityQuery, GetAvailabilityUseCase
from holdfast_platform.testing.units import counted_statements

pytestmark = pytest.mark.integration


@pytest.fixture
def look(requests, shop):
    use_case = GetAvailabilityUseCase(AvailabilityRepository(requests), 10_000)

    async def look(**query):
        first = query.pop("date_from", MONDAY)
        found = await use_case.execute(shop.tenant_id, AvailabilityQuery(first, query.pop("date_to", first), **query))
        return found.model_dump(mode="json", by_alias=True)

    return look


def clock(found):
    return [slot["localStart"][11:16] for slot in found["slots"]]


async def test_free_times_of_a_resource(shop, look):
    ana = await shop.resource(schedule={"weekly": {"mon": [{"start": "09:00", "end": "11:00"}]}})
    await shop.claim({"date": str(MONDAY), "startTime": "09:30"}, mode="time_slot", resourceId=ana)
    found = await look(resource_id=UUID(ana))
    assert clock(found) == ["09:00", "10:00", "10:30"]
    assert found["timezone"] == ZONE
    assert found["nextAvailable"] == found["slots"][0]["start"]
    first = found["slots"][0]
    assert first["price"] == {"total": "40.00", "currency": "EUR"}
    assert (first["remaining"], first["status"], first["reason"], first["tiers"]) == (1, "available", None, [])
    assert first["resources"] == [{"id": ana, "name": "Ana"}]


async def test_refused_times_have_their_reasons(shop, look):
    ana = await shop.resource(schedule={"weekly": {"mon": [{"start": "09:00", "end": "11:00"}]}}, bufferMinutes=30)
    await shop.claim({"date": str(MONDAY), "startTime": "09:00"}, mode="time_slot", resourceId=ana)
    hold = await shop.do(place_hold(shop.tenant_id, {"date": str(MONDAY), "startTime": "10:30"}, resourceId=ana))
    found = await look(resource_id=UUID(ana), unavailable=True)
    assert [(slot["status"], slot["reason"]) for slot in found["slots"]] == [
        ("full", "booked"), ("full", "buffer"), ("full", "buffer"), ("held", "held"),
    ]  # fmt: skip
    await shop.age(hold["id"])
    assert clock(await look(resource_id=UUID(ana))) == ["10:00", "10:30"]


async def test_where_nothing_is_free_the_next_day_that_is_free_is_told(shop, look):
    ana = await shop.resource(schedule={"weekly": {"mon": [{"start": "09:00", "end": "09:30"}]}})
    await shop.claim({"date": str(MONDAY), "startTime": "09:00"}, mode="time_slot", resourceId=ana)
    found = await look(resource_id=UUID(ana))
    assert found["slots"] == []
    assert found["nextAvailable"][:10] == str(MONDAY + timedelta(days=7))


async def test_a_shared_resource_shows_what_is_left_for_the_party(shop, look):
    room = await shop.resource(capacity=5, schedule={"weekly": {"mon": [{"start": "09:00", "end": "10:00"}]}})
    await shop.claim({"date": str(MONDAY), "startTime": "09:00"}, mode="time_slot", resourceId=room, guestCount=3)
    found = await look(resource_id=UUID(room), guests=2)
    assert [(slot["remaining"], slot["status"]) for slot in found["slots"]] == [(2, "limited"), (5, "available")]
    assert len((await look(resource_id=UUID(room), guests=3))["slots"]) == 1


async def test_times_are_shown_in_another_zone_where_one_is_asked_for(shop, look):
    ana = await shop.resource(
        timezone="America/New_York", schedule={"weekly": {"mon": [{"start": "20:00", "end": "21:00"}]}}
    )
    found = await look(resource_id=UUID(ana), timezone="Asia/Tokyo", date_to=MONDAY + timedelta(days=1))
    assert {slot["localStart"][:10] for slot in found["slots"]} == {str(MONDAY + timedelta(days=1))}
    assert found["timezone"] == "Asia/Tokyo"


async def test_sessions_are_slots_of_their_own(shop, look):
    content = await shop.content(
        tiers=[{"name": "Standard", "price": "25.00", "quantity": 2}, {"name": "VIP", "price": "90.00", "quantity": 1}]
    )
    standard, vip = (tier["id"] for tier in content["tiers"])
    days = [date.fromisoformat(instant(days=day)[:10]) for day in (30, 40)]
    sessions = [
        (await shop.do(schedule_session(shop.tenant_id, content["id"], startsAt=f"{day}T18:00:00Z")))["id"]
        for day in days
    ]
    await shop.claim({"sessionId": sessions[0], "items": items(standard, 2) + items(vip, 1)})
    asked = {"content_id": UUID(content["id"]), "date_from": days[0], "date_to": days[1]}
    found = await look(**asked)
    assert [(slot["sessionId"], slot["status"], slot["remaining"]) for slot in found["slots"]] == [
        (sessions[0], "full", 0), (sessions[1], "limited", 3),
    ]  # fmt: skip
    assert found["nextAvailable"] == found["slots"][1]["start"]
    assert found["slots"][1]["price"] == {"total": "25.00", "currency": "EUR"}
    assert [tier["remaining"] for tier in found["slots"][1]["tiers"]] == [2, 1]
    vip_only = await look(**asked, tier_id=UUID(vip))
    assert vip_only["slots"][1]["price"]["total"] == "90.00"
    only_full = await look(**{**asked, "date_to": days[0]})
    assert only_full["nextAvailable"] == found["slots"][1]["start"]


async def test_a_draft_offers_nothing(shop, look):
    content = await shop.content(status="draft")
    day = date.fromisoformat(instant(days=30)[:10])
    await shop.do(schedule_session(shop.tenant_id, content["id"], startsAt=f"{day}T18:00:00Z"))
    asked = {"content_id": UUID(content["id"]), "date_from": day}
    assert await look(**asked) | {"timezone": None} == {
        "slots": [], "nextAvailable": None, "waitlist": False, "timezone": None,
    }  # fmt: skip
    assert [slot["status"] for slot in (await look(**asked, unavailable=True))["slots"]] == ["closed"]


async def test_what_an_expired_hold_has_is_shown_as_free(shop, look):
    session, tier = await shop.evening(quantity=4, startsAt=instant(days=30))
    content = await shop.admin.fetchval("SELECT content_id FROM sessions WHERE id = $1", UUID(session))
    hold = await shop.do(place_hold(shop.tenant_id, {"sessionId": session, "items": items(tier, 4)}))
    asked = {
        "content_id": content,
        "date_from": date.fromisoformat(instant(days=29)[:10]),
        "date_to": date.fromisoformat(instant(days=31)[:10]),
    }
    assert [slot["remaining"] for slot in (await look(**asked))["slots"]] == [0]
    await shop.age(hold["id"])
    assert [slot["remaining"] for slot in (await look(**asked))["slots"]] == [4]


async def test_a_grid_too_fine_for_one_answer_is_refused(shop, look):
    """62 days of minutes would keep everybody waiting for seconds; a week of them does not."""
    ana = await shop.resource(schedule=ALWAYS)
    asked = {"resource_id": UUID(ana), "duration_minutes": 1}
    with pytest.raises(Refusal, match="RANGE_TOO_LONG") as refused:
        await look(**asked, date_to=MONDAY + timedelta(days=7))
    assert [error.path for error in refused.value.errors] == ["dateTo"]
    assert len((await look(**asked, date_to=MONDAY + timedelta(days=3)))["slots"]) == 4 * 24 * 60


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"date_to": MONDAY + timedelta(days=62)}, "RANGE_TOO_LONG"),
        ({"date_to": MONDAY - timedelta(days=1)}, "VALIDATION_FAILED"),
        ({"resource_id": None}, "VALIDATION_FAILED"),
        ({"resource_id": UUID(int=1)}, "NOT_FOUND"),
        ({"resource_id": None, "content_id": UUID(int=1)}, "NOT_FOUND"),
    ],
)
async def test_questions_that_have_no_answer(shop, look, query, code):
    asked = {"resource_id": UUID(await shop.resource()), **query}
    with pytest.raises(Refusal, match=code):
        await look(**asked)


async def test_the_number_of_statements_does_not_depend_on_days_or_claims(shop, look):
    ana = await shop.resource()
    counts = []
    for days in (0, 30, 61):
        with counted_statements() as seen:
            await look(resource_id=UUID(ana), date_to=MONDAY + timedelta(days=days))
        counts.append(len(seen))
        await shop.claim({"date": str(MONDAY), "startTime": f"{10 + len(counts)}:00"}, mode="time_slot", resourceId=ana)
    assert counts == [5, 5, 5]  # BEGIN with the tenant, clock, resource, places, COMMIT
