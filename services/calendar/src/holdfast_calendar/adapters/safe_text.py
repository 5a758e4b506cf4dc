"""Text of users as a TEXT value that can never become a property (RFC 5545, section 3.3.11)."""

from __future__ import annotations

import unicodedata
from typing import Final

from icalendar import vText

_LINE_ENDS: Final = frozenset("\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029")
"""What some parser takes for the end of a line (Python's `splitlines` does)."""
_NOT_ALLOWED: Final = frozenset({"Cc", "Cs"})


class SafeText(vText):
    """A TEXT value without control characters, escaped as the RFC says.

    The package's own escaping takes a backslash before a capital N for a line end, and would change such a text.
    """

    def to_ical(self) -> bytes:
        """Return the escaped text."""
        escaped = self.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")
        return escaped.encode()


def several_lines(text: str) -> SafeText:
    """Return a text that may have lines."""
    return SafeText("".join(_safe(char) for char in text.replace("\r\n", "\n")))


def one_line(text: str) -> SafeText:
    """Return a text with blanks for its line ends."""
    return SafeText(several_lines(text).replace("\n", " "))


def _safe(char: str) -> str:
    if char in _LINE_ENDS:
        return "\n"
    return "" if unicodedata.category(char) in _NOT_ALLOWED and char != "\t" else char
