"""What both baselines share: one request read, decided by the domain's own rules, and shown as the API shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson

from holdfast_booking.domain.booking import Booking, Change
from holdfast_booking.domain.facts import Customer, Facts, Place
from holdfast_booking.domain.history import Author
from holdfast_booking.domain.policy import Terms
from holdfast_booking.services.showing import CREATED, BookingShowing, state_bytes
from holdfast_booking.services.telling import event_of
from holdfast_contracts.enums import BookingMode
from holdfast_contracts.ids import command_id, derived_id, draw_booking_number, draw_ticket_code
from holdfast_contracts.message import Message, TenantFacts
from holdfast_contracts.problems import ProblemCode, Refusal, not_found, problem_bytes
from holdfast_contracts.public.bookings import CreateBookingDto
from holdfast_contracts.public.contents import ContentSnapshot
from holdfast_contracts.public.policies import DEFAULT_POLICIES
from holdfast_contracts.public.schedules import SessionSchedule
from holdfast_gateway.domain.caller import Caller
from holdfast_gateway.pipeline.idempotency import request_hash
from holdfast_inventory.domain.content import Content
from holdfast_inventory.domain.local_time import seconds, utc
from holdfast_inventory.domain.policy import snapshot
from holdfast_inventory.domain.sale import sell
from holdfast_inventory.domain.session import Session
from holdfast_inventory.domain.wish import Item, SessionWish
from holdfast_inventory.repositories.rows import content_of
from holdfast_inventory.services.claim_payload import tier_snapshot
from holdfast_inventory.services.dynamic_pricing import DynamicPricingService, quote_of
from holdfast_platform.links import LinkSigner
from holdfast_platform.outbox.store import OutboxRow, event_row
from holdfast_platform.units.messages import Answer, Incoming

PATH = "/bookings"
_DEFAULTS = DEFAULT_POLICIES.model_dump(mode="json", by_alias=True, exclude_none=True)
_pricing = DynamicPricingService()


@dataclass(frozen=True, slots=True)
class Order:
    """One valid `POST /bookings`."""

    id: UUID
    caller: Caller
    body: CreateBookingDto
    schedule: SessionSchedule
    hash: str

    @property
    def session_id(self) -> UUID:
        """The dated session that is wanted."""
        if self.schedule.session_id is None:
            raise not_found("session")
        return self.schedule.session_id


def read_order(caller: Caller, key: str, raw: bytes) -> Order:
    """Return the order of a request. Raises pydantic.ValidationError and Refusal."""
    body = CreateBookingDto.model_validate_json(raw, by_name=False, by_alias=True)
    if body.booking_mode is not BookingMode.SESSION or not isinstance(body.schedule_payload, SessionSchedule):
        raise Refusal(ProblemCode.NOT_IMPLEMENTED, "The baseline sells sessions only.")
    identity = command_id(caller.tenant_id, caller.subject, key)
    return Order(identity, caller, body, body.schedule_payload, request_hash("POST", PATH, raw))


@dataclass(frozen=True, slots=True)
class Article:
    """A content with the documents that each booking of it keeps; made once for each version of it."""

    content: Content
    policy: Mapping[str, Any]
    terms: Terms
    snapshot: Mapping[str, Any]

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Article:
        """Make it of a row of `contents` with its tiers."""
        content = content_of(row)
        shown = ContentSnapshot(
            id=content.id,
            title=content.title,
            venue=content.venue,
            timezone=content.timezone,
            tiers=[tier_snapshot(tier) for tier in content.tiers.values()],
        )
        policy = snapshot(content.policies, {}, _DEFAULTS)
        return cls(content, policy, Terms.read(policy), shown.model_dump(mode="json", by_alias=True))


@dataclass(frozen=True, slots=True)
class Sold:
    """What a sale leads to: the booking's beginning, its event as an outbox row, and the answer."""

    change: Change
    outbox: OutboxRow
    answer: Answer


class Till:
    """Sells: checks, prices, begins the booking. Knows the tenant, as the gateway does."""

    def __init__(self, tenant: TenantFacts, link_key: str) -> None:
        self._tenant = tenant
        self._tenant_document = tenant.model_dump(mode="json", by_alias=True)
        self._showing = BookingShowing(LinkSigner(link_key, "http://127.0.0.1:8000"))

    def wish(self, order: Order) -> SessionWish:
        """What the order asks for."""
        items = [Item(item.tier_id, item.quantity, tuple(item.seat_labels or ())) for item in order.schedule.items]
        return SessionWish(order.session_id, tuple(items))

    def sell(self, order: Order, article: Article, session: Session, now: datetime) -> Sold:
        """Take the wish from the session in memory and begin the booking. Raises Refusal."""
        staff, wish, moment = order.caller.staff, self.wish(order), seconds(now)
        article.content.check_published()
        sell(article.content, session, wish, moment, lambda: (), staff=staff)
        return self.record(order, article, session, now, own=wish.quantity)

    def record(self, order: Order, article: Article, session: Session, now: datetime, *, own: int = 0) -> Sold:
        """Begin the booking of a sale; `own` of what the session has taken are the order's."""
        author = Author(order.caller.actor.type, order.caller.subject, staff=order.caller.staff)
        change = Booking.begin(
            (derived_id(order.id, "booking"), order.caller.tenant_id),
            (draw_booking_number(), draw_ticket_code()),
            self._facts(order, article, session, now, own),
            payable=False,
            by=author,
            now=now,
        )
        state = state_bytes(change.booking)
        cause = Incoming(order.id, order.caller.tenant_id, Message())
        row = event_row("direct", event_of(cause, change, state), cause, now)
        return Sold(change, row, self._showing.answer(change.booking, now, CREATED, state))

    def _facts(self, order: Order, article: Article, session: Session, now: datetime, own: int) -> Facts:
        body, actor, content = order.body, order.caller.actor, article.content
        wish = self.wish(order)
        price = _pricing.of_items(content, session, wish.items, seconds(now), str(actor.origin), own=own)
        return Facts(
            type=content.kind,
            mode=body.booking_mode,
            place=_place(order, content, session),
            customer=Customer(
                body.customer_id, body.customer_name, body.customer_email, body.customer_phone, body.customer_note
            ),
            actor_type=actor.type,
            origin=actor.origin,
            subject=actor.subject,
            order_id=body.order_id,
            series_id=None,
            guest_count=sum(item.quantity * content.tiers[item.tier_id].admits for item in wish.items),
            guests=[guest.model_dump(mode="json", by_alias=True) for guest in body.guests],
            internal_note=body.internal_note,
            price=quote_of(price, seconds(now)).model_dump(mode="json", by_alias=True),
            policy=article.policy,
            terms=article.terms,
            data=body.data,
            content=article.snapshot,
            tenant=self._tenant_document,
        )


def _place(order: Order, content: Content, session: Session) -> Place:
    return Place(
        content_id=content.id,
        resource_id=None,
        resource_data={"assignments": []},
        schedule_payload=orjson.loads(order.schedule.__pydantic_serializer__.to_json(
            order.schedule, by_alias=True, exclude_none=True)),
        starts_at=utc(session.starts_at),
        ends_at=utc(session.ends_at),
        duration_minutes=(session.ends_at - session.starts_at) // 60,
        timezone=session.timezone,
        claim_id=derived_id(order.id, "claim"),
        claim_key=str(session.id),
    )  # fmt: skip


def refused(refusal: Refusal) -> Answer:
    """The answer of a refusal."""
    return Answer(refusal.status, problem_bytes(refusal, PATH))


def key_reused() -> Answer:
    """The answer to a key that stands for another request."""
    return refused(Refusal(ProblemCode.IDEMPOTENCY_KEY_REUSED, "This key was used for another request."))


def clock() -> datetime:
    """This process's clock, where no statement tells the database's."""
    return datetime.now(UTC)
