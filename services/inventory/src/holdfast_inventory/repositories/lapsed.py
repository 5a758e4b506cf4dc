"""What expired holds still count until they are swept: taken off what is read for advice (I8)."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Final
from uuid import UUID

from holdfast_inventory.domain.session import Session
from holdfast_platform.database.pool import Connection

# LATERAL asks the index of a session's holds once for each session, whatever is known of the tables.
_LAPSED: Final = """
SELECT f.session_id, f.tier_id, sum(f.quantity)::int AS quantity
FROM unnest($1::uuid[], $2::uuid[]) AS w(tenant_id, id), LATERAL (
  SELECT t.session_id, t.tier_id, t.quantity FROM inventory_holds h
    JOIN claim_tiers t ON t.tenant_id = h.tenant_id AND t.claim_id = h.claim_id
  WHERE h.tenant_id = w.tenant_id AND h.occurrence_id = w.id AND h.expires_at <= clock_timestamp() OFFSET 0) f
GROUP BY f.session_id, f.tier_id
"""


async def take_off_lapsed(connection: Connection, sessions: Iterable[Session]) -> None:
    """Give back, in what was read only, what the expired holds of these sessions have, in one statement."""
    named: defaultdict[UUID, list[Session]] = defaultdict(list)
    for session in sessions:
        named[session.id].append(session)
    if not named:
        return
    tenants = [found[0].tenant_id for found in named.values()]
    for row in await connection.fetch(_LAPSED, tenants, list(named)):
        for session in named[row["session_id"]]:
            session.tiers[row["tier_id"]].taken -= row["quantity"]
            session.whole.taken -= row["quantity"]
