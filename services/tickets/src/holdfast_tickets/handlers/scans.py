"""Doors: calls over internal HTTP that travel through the same unit of work as messages from the bus."""

from __future__ import annotations

from collections.abc import Mapping

from holdfast_contracts.message import Message
from holdfast_contracts.tickets import ScanCode
from holdfast_platform.units.work import Decide
from holdfast_tickets.domain.roster import Roster
from holdfast_tickets.ports import PayloadVerifier
from holdfast_tickets.usecases.resolve_scan_code import ResolveScanCodeUseCase
from holdfast_tickets.usecases.scan_ticket import ScanCodeUseCase


def on_scans(verifier: PayloadVerifier) -> Mapping[type[Message], Decide[Roster]]:
    """Return who decides a scan."""
    return {ScanCode: ScanCodeUseCase(ResolveScanCodeUseCase(verifier)).execute}
