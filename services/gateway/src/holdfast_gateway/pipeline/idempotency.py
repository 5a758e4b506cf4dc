"""Keys, preconditions and preferences of a write, read from its headers [spec/02 "How a write answers", spec/10]."""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from holdfast_contracts.ids import new_id
from holdfast_contracts.problems import FieldError
from holdfast_gateway.pipeline.exchange import Exchange

_KEY: Final = re.compile(r"[\x20-\x7e]{1,255}", re.ASCII)
_ETAG: Final = re.compile(r'(?:W/)?"([\x21\x23-\x7e]*)"', re.ASCII)
_VERSION: Final = re.compile(r"[1-9]\d{0,17}", re.ASCII)
_WAIT: Final = re.compile(r"wait\s*=\s*\"?(\d{1,6})\"?", re.ASCII | re.IGNORECASE)

NEVER: Final = -1
"""The version of an ETag that none of ours can have: it never matches, so the owner answers 412."""


def read_key(exchange: Exchange) -> tuple[str, list[FieldError]]:
    """Return the request's key; without one a new one is made, and the answer tells it."""
    given = exchange.header(b"idempotency-key")
    if given is None:
        return str(new_id()), []
    if not _KEY.fullmatch(given):
        return "", [FieldError("Idempotency-Key", "INVALID_FORMAT", "must be 1 to 255 printable ASCII characters")]
    return given, []


def read_if_match(exchange: Exchange) -> tuple[int | None, list[FieldError]]:
    """Return the version that `If-Match` names; None for `*` or no header. Weak and strong tags mean the same."""
    given = exchange.header(b"if-match")
    if given is None or given.strip() == "*":
        return None, []
    tag = _ETAG.fullmatch(given.strip())
    if tag is None:
        return None, [FieldError("If-Match", "INVALID_FORMAT", 'must be one ETag such as "3", or *')]
    return (int(tag[1]) if _VERSION.fullmatch(tag[1]) else NEVER), []


@dataclass(frozen=True, slots=True)
class Patience:
    """How long the caller waits: seconds, or not at all. `applied` goes into `Preference-Applied` (RFC 7240)."""

    seconds: float
    at_once: bool = False
    applied: str | None = None


def read_patience(exchange: Exchange, default: float, most: float) -> Patience:
    """Return what `Prefer` asks for; what it does not understand is ignored, as RFC 7240 (section 2) says."""
    given = exchange.header(b"prefer")
    if given is None:
        return Patience(default)
    if "respond-async" in (word.strip().lower() for word in given.replace(";", ",").split(",")):
        return Patience(default, at_once=True, applied="respond-async")
    wait = _WAIT.search(given)
    if wait is None:
        return Patience(default)
    seconds = min(float(wait[1]), most)
    return Patience(seconds, at_once=seconds == 0, applied=f"wait={seconds:.0f}")


def request_hash(method: str, path: str, canonical_body: bytes) -> str:
    """Return the hash that tells two requests with one key apart: method, path and canonical body."""
    return sha256(b"%b\n%b\n%b" % (method.encode(), path.encode(), canonical_body)).hexdigest()
