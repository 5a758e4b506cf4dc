"""Claims for sessions and for times of a resource, on a real database."""

from uuid import UUID, uuid4

import orjson
import pytest
from inventory_samples import MONDAY, STAFF, ZONE, instant, items, place_claim, release_claim, schedule_session

from holdfast_contracts import envelope
from holdfast_contracts.inventory import ClaimPlaced

pytestmark = pytest.mark.integration


async def test_a_claim_takes_units_and_tells_booking_everything(shop):
    session, tier = await shop.evening()
    payload = {"sessionId": session, "items": items(tier, 2, ["A1", "A2"])}
    command = place_claim(shop.tenant_id, payload, headers={envelope.REPLY: "3:r1"})
    (answer,) = await shop.send(command)
    assert (answer.status, answer.kind, answer.body) == (202, "placed", b"")
    (placed,) = await shop.events("ClaimPlaced")
    assert placed["guestCount"] == 2
    assert placed["schedulePayload"] == payload
    assert placed["quote"]["total"] == "50.00"
    assert placed["quote"]["lines"][0] | {"tierId": None} == {
        "label": "Standard", "tierId": None, "quantity": 2, "unitPrice": "25.00", "total": "50.00",
    }  # fmt: skip
    assert placed["policy"]["cancellation"]["freeUntilHours"] == 24
    assert placed["timezone"] == ZONE
    assert placed["content"]["title"] == "Concert"
    assert placed["bookingId"] == str(command.derive("booking"))
    headers = await shop.admin.fetchval("SELECT headers FROM outbox WHERE headers->>'ce_id' = $1", str(command.id))
    assert f'"{envelope.REPLY}": "3:r1"' in headers
    assert placed["claimId"] in headers
    assert await shop.taken(session) == (2, 2)


async def test_the_last_units_are_refused_with_what_is_left_and_other_evenings(shop):
    made = await shop.content(tiers=[{"name": "Standard", "price": "25.00", "quantity": 3}])
    tier = made["tiers"][0]["id"]
    first, second = [
        (await shop.do(schedule_session(shop.tenant_id, made["id"], startsAt=instant(days=day))))["id"]
        for day in (30, 31)
    ]
    await shop.claim({"sessionId": first, "items": items(tier, 2)})
    refused = await shop.claim({"sessionId": first, "items": items(tier, 2)})
    assert (refused["_status"], refused["code"], refused["detail"]) == (409, "SOLD_OUT", "1 of 2 is left.")
    assert refused["left"] == [{"tierId": tier, "remaining": 1}]
    (alternative,) = refused["alternatives"]
    assert (alternative["sessionId"], alternative["remaining"], alternative["status"]) == (second, 3, "limited")
    assert refused["instance"] == "/bookings"
    (told,) = await shop.events("ClaimRefused")
    assert told["code"] == "SOLD_OUT"
    assert "customerName" not in str(told)
    assert await shop.taken(first) == (2, 2)


async def test_a_session_is_found_by_content_and_start(shop):
    made = await shop.content()
    starts = instant(days=40)
    session = await shop.do(schedule_session(shop.tenant_id, made["id"], startsAt=starts))
    payload = {"startsAt": starts, "items": items(made["tiers"][0]["id"])}
    assert (await shop.claim(payload, contentId=made["id"]))["_status"] == 202
    assert await shop.taken(session["id"]) == (1, 1)
    missing = await shop.claim({**payload, "startsAt": instant(days=41)}, contentId=made["id"])
    assert missing["_status"] == 404


async def test_a_batch_sells_exactly_what_there_is(shop):
    session, tier = await shop.evening(quantity=50, capacity=40)
    answers = await shop.send(
        *(place_claim(shop.tenant_id, {"sessionId": session, "items": items(tier)}) for _ in range(120))
    )
    assert sorted(answer.status for answer in answers) == [202] * 40 + [409] * 80
    assert await shop.taken(session) == (40, 40)
    assert await shop.live(session) == 40


async def test_a_seat_is_sold_once(shop):
    session, tier = await shop.evening()
    seats = [["A1", "A2"], ["A2", "A3"], ["A3"]]
    answers = await shop.send(
        *(
            place_claim(shop.tenant_id, {"sessionId": session, "items": items(tier, len(labels), labels)})
            for labels in seats
        )
    )
    assert [answer.status for answer in answers] == [202, 409, 202]
    later = await shop.claim({"sessionId": session, "items": items(tier, 1, ["A1"])})
    assert later["code"] == "SEAT_TAKEN"
    assert later["left"][0]["seatLabels"] == []


async def test_a_claim_is_given_back_once_however_often_that_is_asked(shop):
    session, tier = await shop.evening()
    await shop.claim({"sessionId": session, "items": items(tier, 3, ["A1", "A2", "A3"])})
    (placed,) = await shop.events("ClaimPlaced")
    answers = await shop.send(release_claim(shop.tenant_id, placed), release_claim(shop.tenant_id, placed))
    assert {answer.kind for answer in answers} == {"released"}
    await shop.send(release_claim(shop.tenant_id, placed))
    assert await shop.taken(session) == (0, 0)
    assert len(await shop.events("ClaimReleased")) == 1
    assert (await shop.claim({"sessionId": session, "items": items(tier, 1, ["A1"])}))["_status"] == 202


async def test_a_release_of_another_booking_frees_nothing(shop):
    session, tier = await shop.evening()
    await shop.claim({"sessionId": session, "items": items(tier)})
    (placed,) = await shop.events("ClaimPlaced")
    await shop.send(release_claim(shop.tenant_id, {**placed, "bookingId": str(uuid4())}))
    assert await shop.taken(session) == (1, 1)


async def test_other_tenants_ids_are_unknown(shop, other_shop):
    session, tier = await shop.evening()
    resource = await shop.resource()
    payload = {"sessionId": session, "items": items(tier)}
    time = {"date": str(MONDAY), "startTime": "09:00"}
    strangers = await other_shop.send(
        place_claim(shop.tenant_id, payload),
        place_claim(other_shop.tenant_id, payload),
        place_claim(other_shop.tenant_id, time, mode="time_slot", resourceId=resource),
    )
    assert [answer.status for answer in strangers] == [202, 404, 404]
    assert await shop.taken(session) == (1, 1)


@pytest.mark.parametrize(
    ("content", "wish", "status", "code"),
    [
        ({"status": "draft"}, {}, 409, "NOT_PUBLISHED"),
        ({"tier": {"salesStart": instant(days=1)}}, {}, 409, "SALES_CLOSED"),
        ({"tier": {"maxPerOrder": 2}}, {"quantity": 3}, 409, "OVER_MAX_PER_ORDER"),
        ({"tier": {"minPerOrder": 3}}, {"quantity": 2}, 409, "UNDER_MIN_PER_ORDER"),
        ({"tier": {"admits": 4}}, {"guestCount": 3}, 422, "VALIDATION_FAILED"),
        ({}, {"tier": str(uuid4())}, 422, "VALIDATION_FAILED"),
    ],
)
async def test_each_refusal_has_its_code(shop, content, wish, status, code):
    tier_more = content.pop("tier", {})
    made = await shop.content(tiers=[{"name": "Standard", "price": "25.00", "quantity": 10, **tier_more}], **content)
    session = await shop.do(schedule_session(shop.tenant_id, made["id"]))
    tier = wish.pop("tier", made["tiers"][0]["id"])
    refused = await shop.claim({"sessionId": session["id"], "items": items(tier, wish.pop("quantity", 1))}, **wish)
    assert (refused["_status"], refused["code"]) == (status, code)


# -- times of a resource --------------------------------------------------------------------------------------


def at(start: str, **more: object) -> dict[str, object]:
    return {"date": str(MONDAY), "startTime": start, **more}


async def test_an_exclusive_time_is_sold_once_with_its_buffer(shop):
    ana = await shop.resource(bufferMinutes=10, slotIntervalMinutes=10)
    book = {"mode": "time_slot", "resourceId": ana}
    assert (await shop.claim(at("10:00"), **book))["_status"] == 202
    refused = await shop.claim(at("10:30"), **book)
    assert (refused["_status"], refused["code"]) == (409, "SLOT_UNAVAILABLE")
    assert refused["left"] == [{"resourceId": ana, "remaining": 0}]
    assert len(refused["alternatives"]) == 5
    assert all(slot["resources"] == [{"id": ana, "name": "Ana"}] for slot in refused["alternatives"])
    assert (await shop.claim(at("10:40"), **book))["_status"] == 202
    (placed, _) = await shop.events("ClaimPlaced")
    assert placed["assignments"][0]["resourceId"] == ana
    assert placed["quote"]["total"] == "40.00"
    assert (placed["type"], placed["durationMinutes"]) == ("appointment", 30)


async def test_three_hundred_for_one_time_of_two_units(shop):
    chair = await shop.resource(units=2)
    answers = await shop.send(
        *(place_claim(shop.tenant_id, at("09:00"), mode="time_slot", resourceId=chair) for _ in range(300))
    )
    assert sorted(answer.status for answer in answers) == [202] * 2 + [409] * 298
    units = await shop.admin.fetch("SELECT unit FROM claim_places WHERE resource_id = $1", UUID(chair))
    assert {row["unit"] for row in units} == {0, 1}


async def test_a_shared_resource_counts_guests_and_bookings(shop):
    room = await shop.resource(capacity=5, maxBookingsPerSlot=2)
    book = {"mode": "time_slot", "resourceId": room}
    assert (await shop.claim(at("10:00"), guestCount=3, **book))["_status"] == 202
    refused = await shop.claim(at("10:00"), guestCount=3, **book)
    assert refused["left"] == [{"resourceId": room, "remaining": 2}]
    assert (await shop.claim(at("10:00"), guestCount=1, **book))["_status"] == 202
    assert (await shop.claim(at("10:00"), guestCount=1, **book))["code"] == "SLOT_UNAVAILABLE"


async def test_off_the_grid_is_for_staff_only(shop):
    ana = await shop.resource()
    book = {"mode": "time_slot", "resourceId": ana}
    for start in ("10:10", "18:00"):
        assert (await shop.claim(at(start), **book))["code"] == "SLOT_UNAVAILABLE"
        assert (await shop.claim(at(start), actor=STAFF, **book))["_status"] == 202


async def test_notice_advance_and_inactive_resources(shop):
    soon = await shop.resource(minNoticeHours=8760)
    far = await shop.resource(advanceBookingDays=1)
    closed = await shop.resource(status="maintenance")
    codes = [
        (await shop.claim(at("10:00"), mode="time_slot", resourceId=resource))["code"]
        for resource in (soon, far, closed)
    ]
    assert codes == ["TOO_SOON", "TOO_FAR", "RESOURCE_INACTIVE"]


async def test_a_local_time_that_does_not_exist_is_a_wrong_value(shop):
    ana = await shop.resource(timezone="America/New_York", advanceBookingDays=None)
    refused = await shop.claim(
        {"date": "2027-03-14", "startTime": "02:30"}, mode="time_slot", resourceId=ana, actor=STAFF
    )
    assert (refused["_status"], refused["code"]) == (422, "NONEXISTENT_LOCAL_TIME")
    twice = {"date": "2027-11-07", "startTime": "01:30"}
    for offset in (None, "-05:00"):
        payload = twice if offset is None else {**twice, "offset": offset}
        assert (await shop.claim(payload, mode="time_slot", resourceId=ana, actor=STAFF))["_status"] == 202
    first, second = await shop.events("ClaimPlaced")
    assert (first["startsAt"], second["startsAt"]) == ("2027-11-07T05:30:00Z", "2027-11-07T06:30:00Z")


async def test_a_time_without_a_resource_cannot_be_served_yet(shop):
    refused = await shop.claim(at("10:00"), mode="time_slot")
    assert (refused["_status"], refused["errors"][0]["path"]) == (422, "resourceId")


async def test_the_claim_is_what_the_contract_says_byte_for_byte(shop):
    session, tier = await shop.evening(tier={"checkInFrom": instant(days=29), "admits": 2})
    ana = await shop.resource(name='Ana "the" Ö')
    await shop.claim(
        {"sessionId": session, "items": items(tier, 2, ["A1", "A2"])}, customerNote='a "note"\n', guests=[{"name": "Ö"}]
    )
    await shop.claim({"sessionId": session, "items": items(tier)})
    await shop.claim(at("10:00"), mode="time_slot", resourceId=ana)
    rows = await shop.admin.fetch(
        "SELECT payload FROM outbox WHERE tenant_id = $1 AND headers->>'ce_type' = 'ClaimPlaced' ORDER BY id",
        shop.tenant_id,
    )
    assert len(rows) == 3
    for row in rows:
        read = ClaimPlaced.decode(row["payload"])
        assert orjson.loads(read.encode()) == orjson.loads(row["payload"])
