"""What a door can read: ticket and booking codes, booking numbers and signed QR payloads [spec/05, Codes and QR]."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from holdfast_contracts.ids import CROCKFORD

CODE_LENGTH = 12
NUMBER_LENGTH = 8
NUMBER_PREFIX = "BK"
PAYLOAD_PREFIX = "T1:"

_FORGIVEN = str.maketrans({"O": "0", "I": "1", "L": "1"})
_ALPHABET = frozenset(CROCKFORD)
_SEPARATORS = frozenset("-_.·")
_DASHES = range(0x2010, 0x2016)


class CodeKind(StrEnum):
    """What a scanned text turned out to be."""

    PAYLOAD = "payload"
    CODE = "code"
    NUMBER = "number"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class ScannedCode:
    """A scanned or typed text in its canonical form. `CODE` may be a ticket's or a booking's: only the rows know."""

    kind: CodeKind
    text: str


@lru_cache(maxsize=2048)
def read_code(raw: str) -> ScannedCode:
    """Read what people type and scanners send; case, O/0, I/1/L, blanks and dashes are forgiven, nothing raises.

    Remembered for a moment, since a batch asks for the same code when it locks, when it loads and when it decides.
    """
    compact = _compact(raw)
    if compact.startswith(PAYLOAD_PREFIX):
        return ScannedCode(CodeKind.PAYLOAD, compact)
    if compact.startswith(NUMBER_PREFIX) and len(compact) == len(NUMBER_PREFIX) + NUMBER_LENGTH:
        digits = compact.removeprefix(NUMBER_PREFIX).translate(_FORGIVEN)
        if _ALPHABET.issuperset(digits):
            return ScannedCode(CodeKind.NUMBER, f"{NUMBER_PREFIX}-{digits}")
    digits = compact.translate(_FORGIVEN)
    if len(digits) == CODE_LENGTH and _ALPHABET.issuperset(digits):
        return ScannedCode(CodeKind.CODE, digits)
    return ScannedCode(CodeKind.UNREADABLE, raw.strip())


def spoken(code: str) -> str:
    """Return a code in groups of four, as it is printed and read aloud."""
    return " ".join(code[start : start + 4] for start in range(0, len(code), 4))


def _compact(raw: str) -> str:
    """Drop blanks and every sort of dash; upper case by ASCII only, so that no foreign letter becomes a digit."""
    kept = (c for c in raw if not c.isspace() and c not in _SEPARATORS and ord(c) not in _DASHES)
    return "".join(c.upper() if c.isascii() else c for c in kept)
