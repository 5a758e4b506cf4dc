"""Resources, contents and sessions: written by commands, read by queries."""

from uuid import UUID, uuid4

import pytest
from inventory_samples import STAFF, create_content, create_resource, instant, items, schedule_session

from holdfast_contracts.problems import Refusal
from holdfast_inventory.repositories.catalog import CatalogRepository, ContentFilter, ResourceFilter, Slice
from holdfast_inventory.usecases.catalog_queries import (
    GetContentByIdUseCase,
    GetResourceByIdUseCase,
    ListContentsUseCase,
    ListResourcesUseCase,
    ListSessionsUseCase,
    sessions_between,
)
from holdfast_platform.testing.units import counted_statements

pytestmark = pytest.mark.integration
FIRST = Slice(1, 20)


@pytest.fixture
def catalog(requests):
    return CatalogRepository(requests)


def shown(body: object) -> dict[str, object]:
    return body.model_dump(mode="json", by_alias=True)  # type: ignore[attr-defined]


def answered(made: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in made.items() if not name.startswith("_")}


async def test_a_resource_reads_as_it_was_answered(shop, catalog):
    made = await shop.do(
        create_resource(
            shop.tenant_id,
            skills=["colour"],
            schedule={
                "weekly": {"mon": [{"start": "09:00", "end": "24:00"}]},
                "exceptions": [
                    {"date": "2027-03-15", "closed": True, "label": "Holiday"},
                    {"from": "2027-04-01", "to": "2027-04-03", "windows": [{"start": "22:00", "end": "02:00"}]},
                ],
                "validFrom": "2027-01-01",
            },
            metadata={"custom": {"languages": "en, pt"}},
            pricePerHour="12.50",
        )
    )
    assert (made["_status"], made["_etag"], made["currency"], made["price"]) == (201, "1", "EUR", "40.00")
    found = await GetResourceByIdUseCase(catalog).execute(shop.tenant_id, UUID(made["id"]))
    assert shown(found) == answered(made)
    (event,) = await shop.events("ResourceCreated")
    assert event["resource"] == answered(made)


async def test_a_content_reads_as_it_was_answered(shop, catalog):
    made = await shop.do(
        create_content(
            shop.tenant_id,
            tiers=[{"name": "Standard", "price": "25.00", "quantity": 100}, {"name": "Free", "kind": "free"}],
            priceRules=[{"name": "Early", "effect": "percent", "value": "-10", "when": {"daysBefore": {"min": 30}}}],
            policies={
                "cancellation": {
                    "freeUntilHours": 2,
                    "tiers": [{"hoursBefore": 0, "feeType": "percent", "value": "50"}],
                }
            },
            restrictions={"stopSell": ["2027-12-24"]},
            venue="Pier 7",
        )
    )
    assert made["_status"] == 201
    assert [tier["price"] for tier in made["tiers"]] == ["25.00", "0.00"]
    found = await GetContentByIdUseCase(catalog).execute(shop.tenant_id, UUID(made["id"]))
    assert shown(found) == answered(made)


async def test_a_session_takes_quantities_and_its_end_from_the_content(shop, catalog):
    content = await shop.content(
        tiers=[
            {"name": "Standard", "price": "25.00", "quantity": 100},
            {"name": "Family", "price": "60.00", "quantity": 20},
        ]
    )
    standard = content["tiers"][0]["id"]
    made = await shop.do(
        schedule_session(
            shop.tenant_id, content["id"], startsAt="2027-06-12T18:00:00Z", capacity=110,
            tiers=[{"tierId": standard, "quantity": 90}],
        )
    )  # fmt: skip
    assert (made["endsAt"], made["localStart"], made["offset"]) == (
        "2027-06-12T20:00:00Z", "2027-06-12T20:00:00+02:00", "+02:00",
    )  # fmt: skip
    assert (made["remaining"], [tier["quantity"] for tier in made["tiers"]]) == (110, [90, 20])
    listed = await ListSessionsUseCase(catalog).execute(
        shop.tenant_id, UUID(content["id"]), sessions_between(None, None, "UTC"), FIRST
    )
    assert [shown(session) for session in listed.data] == [answered(made)]


@pytest.mark.parametrize(
    ("more", "path"),
    [
        ({"tiers": [{"tierId": str(uuid4()), "quantity": 1}]}, "tiers[0].tierId"),
        ({}, "endsAt"),
    ],
)
async def test_a_session_that_cannot_be(shop, more, path):
    content = await shop.content(durationMinutes=None)
    refused = await shop.do(schedule_session(shop.tenant_id, content["id"], **more))
    assert (refused["_status"], refused["errors"][0]["path"]) == (422, path)


@pytest.mark.parametrize(
    ("more", "path"),
    [
        ({"mode": "time_slot"}, "tiers"),
        ({"tiers": [{"name": "A", "price": "1.005"}]}, "tiers[0].price"),
        ({"tiers": [{"name": "A"}]}, "tiers[0].price"),
        ({"tiers": [{"name": "A", "price": "1", "currency": "EUR"}, {"name": "B", "price": "1", "currency": "USD"}]},
         "tiers[1].currency"),
    ],
)  # fmt: skip
async def test_a_content_that_cannot_be(shop, more, path):
    refused = await shop.do(create_content(shop.tenant_id, **more))
    assert (refused["_status"], refused["errors"][0]["path"]) == (422, path)


async def test_lists_are_filtered_paged_and_of_one_tenant(shop, other_shop, catalog):
    for number in range(3):
        await shop.resource(name=f"Ana {number}", sortOrder=number, skills=["colour"] if number else [])
    await shop.resource(name="Van_1", type="vehicle", status="inactive")
    await other_shop.resource(name="Ana of the others")
    listing = ListResourcesUseCase(catalog)

    async def names(part: Slice = FIRST, **only: object) -> list[str]:
        found = await listing.execute(shop.tenant_id, ResourceFilter(**only), part)
        return [found.total, *(each.name for each in found.data)]

    assert await names() == [4, "Ana 0", "Van_1", "Ana 1", "Ana 2"]
    assert await names(Slice(2, 3)) == [4, "Ana 2"]
    assert await names(Slice(9, 3)) == [4]
    assert await names(types=["vehicle", "room"]) == [1, "Van_1"]
    assert await names(statuses=["inactive"]) == [1, "Van_1"]
    assert await names(skill="colour") == [2, "Ana 1", "Ana 2"]
    assert await names(search="n_1") == [1, "Van_1"]
    assert await names(search="%") == [0]


async def test_contents_are_listed_with_their_tiers(shop, catalog):
    await shop.content(title="One")
    await shop.content(title="Two", status="draft")
    found = await ListContentsUseCase(catalog).execute(shop.tenant_id, ContentFilter(statuses=["draft"]), FIRST)
    assert [(content.title, len(content.tiers)) for content in found.data] == [("Two", 1)]
    with counted_statements() as seen:
        await ListContentsUseCase(catalog).execute(shop.tenant_id, ContentFilter(), FIRST)
    assert len(seen) == 3  # BEGIN with the tenant, the list, COMMIT


async def test_unknown_things_and_those_of_others_are_not_found(shop, other_shop, catalog):
    resource = await other_shop.resource()
    content = await other_shop.content()
    with pytest.raises(Refusal, match="NOT_FOUND"):
        await GetResourceByIdUseCase(catalog).execute(shop.tenant_id, UUID(resource))
    with pytest.raises(Refusal, match="NOT_FOUND"):
        await GetContentByIdUseCase(catalog).execute(shop.tenant_id, UUID(content["id"]))
    only = sessions_between(None, None, "UTC")
    with pytest.raises(Refusal, match="NOT_FOUND"):
        await ListSessionsUseCase(catalog).execute(shop.tenant_id, UUID(content["id"]), only, FIRST)
    assert (await shop.do(schedule_session(shop.tenant_id, content["id"])))["_status"] == 404


async def test_what_is_sold_shows_at_once(shop, catalog):
    session, tier = await shop.evening(startsAt=instant(days=20))
    await shop.claim({"sessionId": session, "items": items(tier, 4)}, actor=STAFF)
    content_id = await shop.admin.fetchval("SELECT content_id FROM sessions WHERE id = $1", UUID(session))
    only = sessions_between(None, None, "UTC")
    (found,) = (await ListSessionsUseCase(catalog).execute(shop.tenant_id, content_id, only, FIRST)).data
    assert (found.remaining, found.tiers[0].remaining) == (6, 6)
