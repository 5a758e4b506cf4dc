"""A scan: one attempt at a door as it is kept, accepted or refused."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from holdfast_contracts.enums import ScanDirection, ScanResult


@dataclass(frozen=True, slots=True)
class Scan:
    """One row of the scan log. `wish` is what was asked, `answer` what was said; a repeated nonce is told the same."""

    id: UUID
    tenant_id: UUID
    direction: ScanDirection
    result: ScanResult
    admitted: bool
    dry_run: bool
    subject: str
    wish: str
    scanned_at: datetime
    recorded_at: datetime
    booking_id: UUID | None = None
    ticket_id: UUID | None = None
    passed: tuple[UUID, ...] = ()
    session_id: UUID | None = None
    device_id: str | None = None
    gate: str | None = None
    nonce: str | None = None
    overridden: ScanResult | None = None
    answer: bytes | None = None


NonceKey = tuple[UUID, str, str]
"""Tenant, device (empty where it has no name) and nonce: unique."""


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """What a scan with a nonce asked and was told."""

    wish: str
    answer: bytes
