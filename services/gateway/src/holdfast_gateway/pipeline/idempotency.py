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
_ETAG: Final = re.compile(r'(W/)?"([\x21\x23-\x7e]*)"', re.ASCII)
_ETAGS: Final = re.compile(rf"[ \t,]*{_ETAG.pattern}(?:[ \t]*,[ \t,]*{_ETAG.pattern})*[ \t,]*", re.ASCII)
_VERSION: Final = re.compile(r"[1-9]\d{0,17}", re.ASCII)
_PREFERENCE: Final = re.compile(r'(?:[^",]|"(?:[^"\\]|\\.)*")+', re.ASCII)
_SECONDS: Final = re.compile(r"\d{1,6}", re.ASCII)

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
    """Return the one version that `If-Match` can mean; None for `*` or no header (RFC 9110, section 13.1.1).

    Weak tags and strange ones match nothing, so of a list those with a version are left (decision 0009).
    """
    given = exchange.header(b"if-match")
    if given is None or given.strip() == "*":
        return None, []
    if not _ETAGS.fullmatch(given):
        return None, [FieldError("If-Match", "INVALID_FORMAT", 'must be tags such as "3", or *')]
    strong = [tag for weak, tag in _ETAG.findall(given) if not weak]
    versions = {int(tag) for tag in strong if _VERSION.fullmatch(tag)}
    if len(versions) > 1:
        return None, [FieldError("If-Match", "NOT_ALLOWED", "must not name more than one version")]
    return (versions.pop() if versions else NEVER), []


@dataclass(frozen=True, slots=True)
class Patience:
    """How long the caller waits: seconds, or not at all (`at_once`), then `seconds` are the bus's to take the command.

    `applied` goes into `Preference-Applied` (RFC 7240).
    """

    seconds: float
    at_once: bool = False
    applied: str | None = None


def read_patience(exchange: Exchange, default: float, most: float) -> Patience:
    """Return what `Prefer` asks for; what it does not understand is ignored, as RFC 7240 (section 2) says."""
    given = exchange.header(b"prefer")
    if given is None:
        return Patience(default)
    preferences = _preferences(given)
    if "respond-async" in preferences:
        return Patience(default, at_once=True, applied="respond-async")
    wait = preferences.get("wait", "")
    if not _SECONDS.fullmatch(wait):
        return Patience(default)
    seconds = min(float(wait), most)
    if seconds == 0:
        return Patience(default, at_once=True, applied="wait=0")
    return Patience(seconds, applied=f"wait={seconds:.0f}")


def _preferences(given: str) -> dict[str, str]:
    """Return each preference with its value, without parameters; the first of two with one name counts."""
    found: dict[str, str] = {}
    for preference in _PREFERENCE.findall(given):
        name, _, value = preference.partition(";")[0].partition("=")
        found.setdefault(name.strip().lower(), value.strip().strip('"'))
    return found


def request_hash(method: str, path: str, canonical_body: bytes) -> str:
    """Return the hash that tells two requests with one key apart: method, path and canonical body."""
    return sha256(b"%b\n%b\n%b" % (method.encode(), path.encode(), canonical_body)).hexdigest()
