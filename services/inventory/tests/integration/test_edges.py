"""Legal bodies at the edges: each is answered by a 4xx or carried out, and none leaves anything taken behind."""

from datetime import timedelta
from typing import ClassVar
from uuid import UUID, uuid4

import orjson
import pytest
from inventory_samples import (
    ALWAYS,
    GUEST,
    MONDAY,
    STAFF,
    create_content,
    extend_hold,
    instant,
    items,
    place_claim,
    place_hold,
    release_hold,
    schedule_session,
    sent,
)

from holdfast_contracts.inventory import ReleaseHold
from holdfast_inventory.repositories.availability import AvailabilityRepository
from holdfast_inventory.repositories.catalog import CatalogRepository, SessionFilter, Slice
from holdfast_inventory.usecases.catalog_queries import ListSessionsUseCase
from holdfast_inventory.usecases.get_availability import AvailabilityQuery, GetAvailabilityUseCase

pytestmark = pytest.mark.integration

LAST = "2199-12-31T23:30:00Z"


def where(answer):
    """Status and the wrong fields."""
    return answer["_status"], [(error["path"], error["code"]) for error in answer.get("errors", ())]


async def two_tiers(shop, **more):
    """(content, session, tiers) of a concert with two tiers that admit 4 and 1."""
    tiers = [
        {"name": "Family", "price": "60.00", "quantity": 1000, "admits": 4},
        {"name": "Standard", "price": "25.00", "quantity": 1000},
    ]
    made = await shop.do(create_content(shop.tenant_id, tiers, **more))
    session = await shop.do(schedule_session(shop.tenant_id, made["id"]))
    return made["id"], session["id"], [tier["id"] for tier in made["tiers"]]


@pytest.fixture
def listed(shop, requests):
    """`GET /contents/:id/sessions`."""

    async def listed(content):
        use_case = ListSessionsUseCase(CatalogRepository(requests))
        page = await use_case.execute(shop.tenant_id, UUID(content), SessionFilter(), Slice(1, 20))
        return [(str(session.id), session.remaining) for session in page.data]

    return listed


@pytest.fixture
def slots(shop, requests):
    """`GET /bookings/availability` of the days around a month ahead."""

    async def slots(content, **query):
        use_case = GetAvailabilityUseCase(AvailabilityRepository(requests), 10_000)
        first = MONDAY - timedelta(days=20)
        asked = AvailabilityQuery(first, first + timedelta(days=60), content_id=UUID(content), **query)
        return (await use_case.execute(shop.tenant_id, asked)).model_dump(mode="json", by_alias=True)["slots"]

    return slots


class TestGuests:
    """07: `guestCount` is at most 500, also where the tiers admit more."""

    @pytest.mark.parametrize("place", [place_claim, place_hold])
    @pytest.mark.parametrize("counts", [(126, 0), (100, 101)])
    async def test_more_guests_than_a_booking_may_have(self, shop, place, counts):
        _, session, tiers = await two_tiers(shop)
        wish = [part for tier, count in zip(tiers, counts, strict=True) if count for part in items(tier, count)]

        answer = await shop.do(place(shop.tenant_id, {"sessionId": session, "items": wish}))

        assert where(answer) == (422, [("guestCount", "OUT_OF_RANGE")])
        assert await shop.taken(session) == (0, 0)

    async def test_five_hundred_are_one_booking(self, shop):
        _, session, tiers = await two_tiers(shop)

        claim = await shop.claim({"sessionId": session, "items": items(tiers[0], 125)})

        assert claim["_status"] == 202


class TestOrderOfChecks:
    """10: 422, then 404, 412, 409."""

    async def held(self, shop):
        session, tier = await shop.evening()
        hold = await shop.do(place_hold(shop.tenant_id, {"sessionId": session, "items": items(tier)}))
        return hold["id"]

    async def test_a_wrong_end_comes_before_an_unknown_hold(self, shop):
        past = extend_hold(shop.tenant_id, str(uuid4()), actor=STAFF, expiresAt=instant(minutes=-1))

        assert where(await shop.do(past)) == (422, [("expiresAt", "OUT_OF_RANGE")])

    async def test_an_end_too_late_for_the_hold_comes_before_its_version(self, shop):
        hold = await self.held(shop)
        late = extend_hold(shop.tenant_id, hold, actor=STAFF, expiresAt=instant(hours=3), if_match=7)

        assert where(await shop.do(late)) == (422, [("expiresAt", "OUT_OF_RANGE")])

    async def test_the_version_of_an_expired_hold_comes_before_its_expiry(self, shop):
        hold = await self.held(shop)
        await shop.age(hold)
        fresh = extend_hold(shop.tenant_id, hold)
        common = {"tenant": fresh.message.tenant, "actor": GUEST, "hold_id": UUID(hold)}

        assert (await shop.do(extend_hold(shop.tenant_id, hold, if_match=7)))["code"] == "VERSION_MISMATCH"
        assert (await shop.do(sent(shop.tenant_id, ReleaseHold(**common, if_match=7))))["code"] == "VERSION_MISMATCH"
        assert (await shop.do(fresh))["code"] == "HOLD_EXPIRED"
        assert (await shop.do(release_hold(shop.tenant_id, hold)))["code"] == "HOLD_EXPIRED"

    @pytest.mark.parametrize("more", [{}, {"contentId": str(uuid4())}])
    async def test_a_missing_resource_comes_before_an_unknown_content(self, shop, more):
        claim = await shop.claim({"date": str(MONDAY), "startTime": "09:00"}, mode="time_slot", **more)

        assert where(claim) == (422, [("resourceId", "REQUIRED")])

    @pytest.mark.parametrize("known", [True, False])
    async def test_a_time_that_does_not_exist_comes_before_an_unknown_id(self, shop, known):
        gap = {"date": "2030-03-31", "startTime": "02:30"}
        if known:  # the zone is the resource's, only the content is unknown
            answer = await shop.claim(gap, mode="time_slot", resourceId=await shop.resource(), contentId=str(uuid4()))
        else:
            gap["timezone"] = "Europe/Berlin"
            answer = await shop.claim(gap, mode="time_slot", resourceId=str(uuid4()))

        assert (answer["_status"], answer["code"]) == (422, "NONEXISTENT_LOCAL_TIME")


class TestLongOnes:
    """A wish that does not say how long it lasts meets what is taken at its far end, too."""

    LONG = 20 * 24 * 60
    FAR = MONDAY + timedelta(days=15)

    @pytest.mark.parametrize("resource", [{}, {"capacity": 8}, {"maxBookingsPerSlot": 1, "units": 2}])
    @pytest.mark.parametrize("says", ["resource", "content"])
    @pytest.mark.parametrize("place", [place_claim, place_hold])
    async def test_are_refused_where_their_end_is_taken(self, shop, resource, says, place):
        usual = {"defaultDurationMinutes": self.LONG} if says == "resource" else {}
        ana = await shop.resource(timezone="UTC", schedule=ALWAYS, **usual, **resource)
        more = {"contentId": (await self.lasting(shop))["id"]} if says == "content" else {}
        far = {"date": str(self.FAR), "startTime": "00:00", "durationMinutes": 60}
        all_of_it = {"mode": "time_slot", "resourceId": ana, "actor": STAFF, "guestCount": resource.get("capacity", 1)}
        assert (await shop.claim(far, **all_of_it))["_status"] == 202

        more |= {"mode": "time_slot"} if place is place_claim else {}
        wish = place(shop.tenant_id, {"date": str(MONDAY), "startTime": "00:00"}, resourceId=ana, actor=STAFF, **more)

        answer = await shop.do(wish)
        assert (answer["_status"], answer["code"]) == (409, "SLOT_UNAVAILABLE")

    async def lasting(self, shop):
        return await shop.do(
            create_content(shop.tenant_id, [], mode="time_slot", kind="appointment", durationMinutes=self.LONG)
        )


class TestEdgesOfTheYears:
    """What is derived lies in the years that can be told, or is refused."""

    async def test_a_session_that_would_end_beyond_them(self, shop):
        content = await shop.content(durationMinutes=120)

        answer = await shop.do(schedule_session(shop.tenant_id, content["id"], startsAt=LAST))

        assert where(answer) == (422, [("startsAt", "OUT_OF_RANGE")])

    @pytest.mark.parametrize("place", [place_claim, place_hold])
    async def test_a_slot_that_would_end_beyond_them(self, shop, place):
        ana = await shop.resource(timezone="UTC")
        more = {"mode": "time_slot"} if place is place_claim else {}
        payload = {"date": "2199-12-31", "startTime": "23:30", "durationMinutes": 60}

        answer = await shop.do(place(shop.tenant_id, payload, resourceId=ana, actor=STAFF, **more))

        assert where(answer) == (422, [("schedulePayload.date", "OUT_OF_RANGE")])

    async def test_a_hold_of_staff_that_would_outlive_them(self, shop):
        session, tier = await shop.evening()
        wish = {"sessionId": session, "items": items(tier)}
        more = {"holdType": "staff", "expiresAt": LAST}
        hold = await shop.do(place_hold(shop.tenant_id, wish, actor=STAFF, **more))

        assert hold["_status"] == 201
        assert where(await shop.do(extend_hold(shop.tenant_id, hold["id"], actor=STAFF))) == (
            422,
            [("expiresAt", "OUT_OF_RANGE")],
        )


class TestLapsed:
    """I8: what an expired hold has is free, also before the sweeper comes."""

    async def test_lists_of_sessions_do_not_count_it(self, shop, listed):
        content, session, tiers = await two_tiers(shop)
        hold = await shop.do(place_hold(shop.tenant_id, {"sessionId": session, "items": items(tiers[1], 7)}))
        assert await listed(content) == [(session, 1993)]

        await shop.age(hold["id"])

        assert await listed(content) == [(session, 2000)]

    @pytest.mark.parametrize("together", [False, True])
    async def test_a_sold_out_session_offers_its_neighbour_again(self, shop, together):
        made = await shop.content(tiers=[{"name": "Standard", "price": "25.00", "quantity": 2}])
        tier = made["tiers"][0]["id"]
        full, near = [
            (await shop.do(schedule_session(shop.tenant_id, made["id"], startsAt=instant(days=days))))["id"]
            for days in (30, 31)
        ]
        await shop.claim({"sessionId": full, "items": items(tier, 2)})
        hold = await shop.do(place_hold(shop.tenant_id, {"sessionId": near, "items": items(tier, 2)}))
        wish = place_claim(shop.tenant_id, {"sessionId": full, "items": items(tier, 2)})
        assert (await shop.do(wish))["alternatives"] == []

        await shop.age(hold["id"])
        again = place_claim(shop.tenant_id, {"sessionId": full, "items": items(tier, 2)})
        beside = [place_claim(shop.tenant_id, {"sessionId": near, "items": items(str(uuid4()))})] if together else []
        refused, *_ = await shop.send(again, *beside)

        assert [one["sessionId"] for one in orjson.loads(refused.body)["alternatives"]] == [near]
        assert [one["remaining"] for one in orjson.loads(refused.body)["alternatives"]] == [2]


class TestWhatCanBeBought:
    """04, Availability: a slot shows what can be bought of it now, and for how many."""

    async def test_tiers_that_are_not_on_sale_are_neither_counted_nor_priced(self, shop, slots):
        tiers = [
            {"name": "Early", "price": "10.00", "quantity": 50, "salesEnd": instant(days=-1)},
            {"name": "Standard", "price": "25.00", "quantity": 4},
            {"name": "Late", "price": "5.00", "quantity": 7, "salesStart": instant(days=1)},
        ]
        made = await shop.do(create_content(shop.tenant_id, tiers))
        session, other = [
            (await shop.do(schedule_session(shop.tenant_id, made["id"], startsAt=instant(days=days))))["id"]
            for days in (30, 31)
        ]
        early, standard, _ = (tier["id"] for tier in made["tiers"])

        first, _ = await slots(made["id"])
        assert (first["remaining"], first["status"], first["price"]["total"]) == (4, "available", "25.00")
        closed, _ = await slots(made["id"], tier_id=UUID(early), unavailable=True)
        assert (closed["remaining"], closed["status"], closed["reason"]) == (0, "closed", "closed")

        await shop.claim({"sessionId": session, "items": items(standard, 4)})
        full, free = await slots(made["id"])
        assert (full["remaining"], full["status"], full["reason"]) == (0, "full", "booked")
        refused = await shop.claim({"sessionId": session, "items": items(standard)})
        (offered,) = refused["alternatives"]
        assert offered["sessionId"] == other == free["sessionId"]
        assert (offered["remaining"], offered["price"]["total"]) == (4, "25.00")

    @pytest.mark.parametrize(
        ("guests", "status"), [(1, "limited"), (2, "limited"), (4, "limited"), (6, "limited"), (7, "full")]
    )
    async def test_a_party_is_counted_in_people_not_in_units(self, shop, slots, guests, status):
        """One family of four and two more, of a session that admits three orders' units."""
        tiers = [
            {"name": "Family", "price": "60.00", "quantity": 1, "admits": 4},
            {"name": "Single", "price": "25.00", "quantity": 10},
        ]
        made = await shop.do(create_content(shop.tenant_id, tiers))
        await shop.do(schedule_session(shop.tenant_id, made["id"], capacity=3))

        (slot,) = await slots(made["id"], guests=guests)
        assert (slot["remaining"], slot["status"]) == (3, status)

    @pytest.mark.parametrize("on_sale", [True, False])
    async def test_what_is_off_sale_is_no_alternative(self, shop, on_sale):
        """A hold may outlive the sale of what it has; who then picks a taken seat is offered nothing that is closed."""
        made = await shop.do(create_content(shop.tenant_id, [{"name": "Hall", "price": "25.00", "quantity": 4}]))
        session, other = [
            (await shop.do(schedule_session(shop.tenant_id, made["id"], startsAt=instant(days=days))))["id"]
            for days in (30, 31)
        ]
        (tier,) = made["tiers"]
        seat = items(tier["id"], seats=["A1"])
        await shop.claim({"sessionId": session, "items": seat})
        hold = await shop.do(place_hold(shop.tenant_id, {"sessionId": session, "items": items(tier["id"])}))
        if not on_sale:
            ended = "UPDATE content_tiers SET sales_end = clock_timestamp() - interval '1 minute' WHERE tenant_id = $1"
            await shop.admin.execute(ended, shop.tenant_id)

        refused = await shop.claim({"sessionId": session, "items": seat}, holdId=hold["id"])

        assert refused["code"] == "SEAT_TAKEN"
        assert [one["sessionId"] for one in refused["alternatives"]] == ([other] if on_sale else [])

    async def test_left_is_what_one_booking_can_have(self, shop):
        room = await shop.resource(capacity=4, units=2)
        at_nine = {"date": str(MONDAY), "startTime": "09:00"}
        for _ in range(2):
            assert (await shop.claim(at_nine, mode="time_slot", resourceId=room, guestCount=3))["_status"] == 202

        refused = await shop.claim(at_nine, mode="time_slot", resourceId=room, guestCount=2)

        assert (refused["code"], refused["left"]) == ("SLOT_UNAVAILABLE", [{"resourceId": room, "remaining": 1}])


class TestPrices:
    """04, Availability 6: each slot has the price that a booking of it has now."""

    RULE: ClassVar = {"name": "Early", "effect": "percent", "value": "-10"}

    async def test_a_session_shows_what_its_rules_make_of_it(self, shop, slots):
        content, session, tiers = await two_tiers(shop, priceRules=[self.RULE])

        (slot,) = await slots(content)
        (family,) = await slots(content, tier_id=UUID(tiers[0]))
        hold = await shop.do(place_hold(shop.tenant_id, {"sessionId": session, "items": items(tiers[1])}))

        assert slot["price"] == hold["price"] == {"total": "22.50", "currency": "EUR"}
        assert family["price"] == {"total": "54.00", "currency": "EUR"}

    async def test_an_order_does_not_make_itself_dearer(self, shop, slots):
        """The mark of a rule of occupancy is crossed for the next, by what is taken already."""
        rule = {"name": "Late", "effect": "fixed", "value": "5", "when": {"occupancyPercent": {"min": 50}}}
        made = await shop.do(
            create_content(shop.tenant_id, [{"name": "Standard", "price": "25.00", "quantity": 10}], priceRules=[rule])
        )
        session = await shop.do(schedule_session(shop.tenant_id, made["id"]))
        payload = {"sessionId": session["id"], "items": items(made["tiers"][0]["id"], 5)}
        (before,) = await slots(made["id"])

        held = await shop.do(place_hold(shop.tenant_id, payload))
        (after,) = await slots(made["id"])
        await shop.claim(payload)
        (placed,) = await shop.events("ClaimPlaced")

        assert (before["price"]["total"], held["price"]["total"]) == ("25.00", "125.00")
        assert (after["price"]["total"], placed["quote"]["total"]) == ("30.00", "130.00")

    async def test_alternatives_show_it_too(self, shop):
        tier = {"name": "Standard", "price": "25.00", "quantity": 1}
        made = await shop.do(create_content(shop.tenant_id, [tier], priceRules=[self.RULE]))
        first, _ = [
            await shop.do(schedule_session(shop.tenant_id, made["id"], startsAt=instant(days=days))) for days in (8, 9)
        ]

        refused = await shop.claim({"sessionId": first["id"], "items": items(made["tiers"][0]["id"], 2)})
        assert refused["code"] == "SOLD_OUT"
        sold = await shop.claim({"sessionId": first["id"], "items": items(made["tiers"][0]["id"])})
        assert sold["_status"] == 202
        refused = await shop.claim({"sessionId": first["id"], "items": items(made["tiers"][0]["id"])})

        assert [one["price"]["total"] for one in refused["alternatives"]] == ["22.50"]

    @pytest.mark.parametrize("place", [place_claim, place_hold])
    async def test_many_times_the_largest_price_is_still_a_price(self, shop, place):
        made = await shop.do(create_content(shop.tenant_id, [{"name": "Yacht", "price": "9999999999.99"}]))
        session = await shop.do(schedule_session(shop.tenant_id, made["id"]))
        payload = {"sessionId": session["id"], "items": items(made["tiers"][0]["id"], 500)}

        answer = await shop.do(place(shop.tenant_id, payload))

        assert answer["_status"] in (201, 202)
        if place is place_claim:
            (placed,) = await shop.events("ClaimPlaced")
            assert placed["quote"]["total"] == "4999999999995.00"


async def test_the_chosen_resource_is_told(shop):
    ana = await shop.resource()
    await shop.claim({"date": str(MONDAY), "startTime": "09:00"}, mode="time_slot", resourceId=ana)

    (placed,) = await shop.events("ClaimPlaced")
    (assignment,) = placed["assignments"]

    assert (assignment["chosen"], assignment["resourceId"]) == (ana, ana)
    assert set(assignment) == {"resourceId", "name", "unit", "strategy", "candidates", "chosen", "reason"}
