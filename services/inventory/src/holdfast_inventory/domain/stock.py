"""The stock: everything that the commands of one batch contend for, locked and loaded, and what becomes of it.

A later command of the batch sees what an earlier one took. Nothing here awaits; the repository has loaded it and
writes the changes afterwards, grouped.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar
from uuid import UUID

from holdfast_contracts.problems import ProblemCode, not_found
from holdfast_inventory.domain.calendar import Calendar
from holdfast_inventory.domain.claim import Claim, ClaimStatus
from holdfast_inventory.domain.content import Content
from holdfast_inventory.domain.hold import Hold, HoldKey, expired
from holdfast_inventory.domain.session import Session
from holdfast_inventory.domain.wish import SessionWish

Facts = Mapping[str, object]
"""Fields of something that was added to the catalog, by the names of its public body."""

Owned = TypeVar("Owned", Content, Session)

StartOf = tuple[UUID, int]
"""A content and the start of one of its sessions."""


@dataclass(slots=True)
class Loaded:
    """What a repository has read for a batch, by id."""

    now: int
    contents: dict[UUID, Content] = field(default_factory=dict)
    sessions: dict[UUID, Session] = field(default_factory=dict)
    calendars: dict[UUID, Calendar] = field(default_factory=dict)
    holds: dict[UUID, Hold] = field(default_factory=dict)
    claims: dict[UUID, Claim] = field(default_factory=dict)
    ended_holds: dict[tuple[UUID, UUID], ClaimStatus] = field(default_factory=dict)
    """(tenant, hold) of those that were asked for and are gone, and how: their last claim remembers."""
    others: dict[UUID, list[Session]] = field(default_factory=dict)
    """Sessions around one that may be sold out, of the same content: a snapshot, for advice only."""


class Stock:
    """Domain objects of one batch by id, and the changes that its commands make."""

    def __init__(self, loaded: Loaded) -> None:
        self.now = loaded.now
        self.contents, self.sessions, self.calendars = loaded.contents, loaded.sessions, loaded.calendars
        self.holds, self.claims, self.others = loaded.holds, loaded.claims, loaded.others
        self._ended_holds = loaded.ended_holds
        self._starts: dict[StartOf, UUID] = {(s.content_id, s.starts_at): s.id for s in self.sessions.values()}
        self._keys = {hold.key: hold.id for hold in self.holds.values()}
        self._expired_of = _expired_by_contended(self.holds.values(), self.now)
        self.loaded_holds = frozenset(self.holds)
        self.loaded_claims = frozenset(self.claims)
        self.gone: dict[UUID, Hold] = {}
        self._followed: set[UUID] = set()
        """Expired holds in whose place a booking or a new hold has come: nothing comes in it twice."""
        self._lapsed: dict[HoldKey, UUID] = {}
        self.changed_holds: set[UUID] = set()
        self.placed: dict[UUID, Claim] = {}
        self.ended: dict[UUID, Claim] = {}
        self.new_resources: list[Facts] = []
        self.new_contents: list[Facts] = []
        self.new_sessions: list[Facts] = []
        self.refused: Counter[ProblemCode] = Counter()
        """How many wishes were refused, by the code that they were told."""
        self.memo: dict[object, object] = {}
        """Answers and documents that are the same for many commands of the batch."""

    # -- looking up: another tenant's id is unknown (I12) ---------------------------------------------------------

    def content(self, tenant_id: UUID, content_id: UUID) -> Content:
        """A content of the tenant. Raises 404."""
        return _own(self.contents.get(content_id), tenant_id, "content")

    def session(self, tenant_id: UUID, session_id: UUID) -> Session:
        """A session of the tenant. Raises 404."""
        return _own(self.sessions.get(session_id), tenant_id, "session")

    def session_at(self, tenant_id: UUID, content_id: UUID, starts_at: int) -> Session:
        """The session of a content that starts at an instant. Raises 404."""
        found = self._starts.get((content_id, starts_at))
        return _own(self.sessions.get(found) if found else None, tenant_id, "session")

    def calendar(self, tenant_id: UUID, resource_id: UUID) -> Calendar:
        """Calendar of a resource of the tenant. Raises 404."""
        calendar = self.calendars.get(resource_id)
        if calendar is None or calendar.resource.tenant_id != tenant_id:
            raise not_found("resource")
        return calendar

    def hold(self, tenant_id: UUID, hold_id: UUID) -> Hold:
        """A hold of the tenant, also an expired one that was just cleared. Raises HOLD_EXPIRED, 404 if never known."""
        hold = self.holds.get(hold_id)
        if hold is not None and hold.key.tenant_id == tenant_id:
            return hold
        lapsed = self.gone.get(hold_id)
        if lapsed is not None and lapsed.key.tenant_id == tenant_id:
            if lapsed.claim.status is ClaimStatus.EXPIRED and lapsed.id not in self._followed:
                return lapsed
            raise expired()
        if (tenant_id, hold_id) in self._ended_holds:
            raise expired()
        raise not_found("hold")

    def was_released(self, tenant_id: UUID, hold_id: UUID) -> bool:
        """Whether a hold was given back, and so is not there any more."""
        dropped = self.gone.get(hold_id)
        if dropped is not None and dropped.key.tenant_id == tenant_id:
            return dropped.claim.status is ClaimStatus.RELEASED
        return self._ended_holds.get((tenant_id, hold_id)) is ClaimStatus.RELEASED

    def hold_of(self, key: HoldKey) -> Hold | None:
        """What the visitor already holds of the same."""
        found = self._keys.get(key)
        return self.holds.get(found) if found else None

    def claim(self, tenant_id: UUID, claim_id: UUID) -> Claim | None:
        """A claim of the tenant that is, or was, loaded."""
        claim = self.claims.get(claim_id)
        return claim if claim is not None and claim.tenant_id == tenant_id else None

    def as_it_stands(self, session: Session) -> Session:
        """A session near a wished one, as the batch knows it, without what expired holds still count (I8)."""
        known = self.sessions.get(session.id, session)
        lapsed = (hold.claim.wish for hold in self._expired_of.get(session.id, ()) if hold.id in self.holds)
        items = [item for wish in lapsed if isinstance(wish, SessionWish) for item in wish.items]
        return known.without(items) if items else known

    # -- changing -------------------------------------------------------------------------------------------------

    def clear_expired(self, contended: UUID) -> Sequence[Hold]:
        """End the expired holds of a session or resource: a stalled sweeper never blocks a sale (I8)."""
        lapsed = [hold for hold in self._expired_of.pop(contended, ()) if hold.id in self.holds]
        for hold in lapsed:
            self.drop(hold, ClaimStatus.EXPIRED)
        return lapsed

    def place(self, claim: Claim) -> None:
        """Note a claim whose capacity was taken."""
        self.claims[claim.id] = self.placed[claim.id] = claim

    def end(self, claim: Claim, status: ClaimStatus) -> None:
        """End a live claim once, and give back what it took."""
        self.suspend(claim)
        self.end_suspended(claim, status)

    def suspend(self, claim: Claim) -> None:
        """Give back what a claim took, until it is resumed or ended: so a new wish of its holder can be tried."""
        if isinstance(claim.wish, SessionWish):
            self.sessions[claim.wish.session_id].give_back(claim.wish.items)
        elif claim.wish.resource_id in self.calendars:  # a resource that was taken away has none
            self.calendars[claim.wish.resource_id].vacate(claim.id)

    def resume(self, claim: Claim) -> None:
        """Take again what was suspended; nothing has come between."""
        if isinstance(claim.wish, SessionWish):
            self.sessions[claim.wish.session_id].take(claim.wish.items)
        elif claim.place is not None:
            self.calendars[claim.wish.resource_id].put(claim.place)

    def end_suspended(self, claim: Claim, status: ClaimStatus) -> None:
        """End a claim whose capacity was given back already."""
        claim.status = status
        if claim.id in self.loaded_claims:
            self.ended[claim.id] = claim

    def drop(self, hold: Hold, status: ClaimStatus) -> None:
        """End a hold and its claim."""
        self.end(hold.claim, status)
        del self.holds[hold.id]
        self._keys.pop(hold.key, None)
        self.gone[hold.id] = hold
        if status is ClaimStatus.EXPIRED:
            self._lapsed[hold.key] = hold.id

    def follow(self, lapsed: Hold) -> None:
        """Note that a booking took in the place of an expired hold what was still free."""
        self._followed.add(lapsed.id)

    def put(self, hold: Hold) -> None:
        """Note a hold that is new or has changed; an expired one of the same key is followed by it."""
        if hold.key in self._lapsed:
            self._followed.add(self._lapsed[hold.key])
        self.holds[hold.id] = hold
        self._keys[hold.key] = hold.id
        self.changed_holds.add(hold.id)


def _expired_by_contended(holds: Iterable[Hold], now: int) -> dict[UUID, list[Hold]]:
    found: defaultdict[UUID, list[Hold]] = defaultdict(list)
    for hold in holds:
        if not hold.live(now):
            found[hold.claim.contended].append(hold)
    return found


def _own(thing: Owned | None, tenant_id: UUID, what: str) -> Owned:
    if thing is None or thing.tenant_id != tenant_id:
        raise not_found(what)
    return thing
