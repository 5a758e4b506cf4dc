"""One module for each invariant, each check with its own SQL."""

from __future__ import annotations

from typing import Final

from holdfast_cli.reconcile.findings import Check
from holdfast_cli.reconcile.invariants import (
    acknowledged,
    counted,
    delivery,
    exclusive,
    ghosts,
    histories,
    holds,
    tenants,
    tickets,
)

CHECKS: Final[tuple[Check, ...]] = (
    *exclusive.CHECKS,
    *counted.CHECKS,
    *acknowledged.CHECKS,
    *ghosts.CHECKS,
    *tickets.CHECKS,
    *holds.CHECKS,
    *delivery.CHECKS,
    *histories.CHECKS,
    *tenants.CHECKS,
)
"""Every check. I9 comes with the synchronisation of calendars."""
