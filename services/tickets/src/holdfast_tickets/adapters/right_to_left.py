"""Right-to-left scripts for a canvas that knows only left to right.

`shaped` joins Arabic letters by their presentation forms (Unicode, section 9.2); `visual` puts one line into the order
of the eye. The latter is the part of the bidirectional algorithm (UAX #9) that a line without explicit marks needs:
those are removed before (see `printable`).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from functools import cache
from typing import Final

_RIGHT: Final = frozenset({"R", "AL"})
_NUMBER: Final = frozenset({"EN", "AN"})
_ARABIC_FORMS: Final = (range(0xFB50, 0xFE00), range(0xFE70, 0xFEFD))
_MIRRORED: Final = str.maketrans("()[]{}<>«»‹›", ")(][}{><»«›‹")
_LAM: Final = "\u0644"

Forms = dict[str, dict[str, str]]


def has_right_to_left(text: str) -> bool:
    """Whether anything in a text runs from right to left."""
    return any(unicodedata.bidirectional(c) in _RIGHT for c in text)


def shaped(text: str) -> str:
    """Return a text with its Arabic letters in the form that their neighbours ask for, in logical order."""
    if not has_right_to_left(text):
        return text
    letters = _with_ligatures(text)
    return "".join(_form(letters, place) for place in range(len(letters)))


def visual(line: str) -> str:
    """Return one line in the order in which it is drawn, from the left."""
    if not has_right_to_left(line):
        return line
    clusters = _clusters(line)
    levels = _levels([unicodedata.bidirectional(cluster[0]) for cluster in clusters])
    drawn = [
        cluster.translate(_MIRRORED) if level % 2 else cluster for cluster, level in zip(clusters, levels, strict=True)
    ]
    for level in range(max(levels), 0, -1):
        _reverse_runs(drawn, levels, level)
    return "".join(drawn)


def _clusters(line: str) -> list[str]:
    """Keep marks with the letter that carries them."""
    clusters: list[str] = []
    for c in line:
        if clusters and unicodedata.bidirectional(c) == "NSM":
            clusters[-1] += c
        else:
            clusters.append(c)
    return clusters


def _levels(kinds: list[str]) -> list[int]:
    """Return the embedding level of each cluster: even runs left to right, odd right to left (UAX #9, I1 and I2)."""
    base = next((kind in _RIGHT for kind in kinds if kind in _RIGHT or kind == "L"), False)
    levels: list[int | None] = []
    right = base
    for kind in kinds:
        if kind in _RIGHT or kind == "L":
            right = kind in _RIGHT
            levels.append(1 if right else 2 * base)
        else:
            levels.append((2 if right else 2 * base) if kind in _NUMBER else None)
    return _neutrals_resolved(levels, int(base))


def _neutrals_resolved(levels: list[int | None], base: int) -> list[int]:
    """Give blanks and signs the direction of both their neighbours, or else that of the line (N1 and N2)."""
    resolved: list[int] = []
    for place, level in enumerate(levels):
        if level is not None:
            resolved.append(level)
            continue
        before = next((known for known in reversed(levels[:place]) if known is not None), base)
        after = next((known for known in levels[place + 1 :] if known is not None), base)
        # Numbers within right-to-left text count as right to left here.
        right, left = before >= 1 and after >= 1 and not before == after == 2 * base, before == after == 2 * base
        resolved.append(1 if right else 2 * base if left else base)
    return resolved


def _reverse_runs(drawn: list[str], levels: list[int], level: int) -> None:
    """Reverse each run of at least this level (L2)."""
    start = None
    for place in range(len(levels) + 1):
        inside = place < len(levels) and levels[place] >= level
        if inside and start is None:
            start = place
        elif not inside and start is not None:
            drawn[start:place] = reversed(drawn[start:place])
            start = None


@cache
def _forms() -> Forms:
    """Return, for each letter (or pair that becomes one), its isolated, initial, medial and final form."""
    forms: Forms = {}
    for code in (code for block in _ARABIC_FORMS for code in block):
        kind, _, rest = unicodedata.decomposition(chr(code)).partition(" ")
        letters = "".join(chr(int(part, 16)) for part in rest.split())
        if kind in {"<isolated>", "<initial>", "<medial>", "<final>"} and _is_letter(letters):
            forms.setdefault(letters, {})[kind] = chr(code)
    return forms


def _is_letter(letters: str) -> bool:
    return len(letters) == 1 or (len(letters) == 2 and letters[0] == _LAM and "\u0622" <= letters[1] <= "\u0627")


def _with_ligatures(text: str) -> list[str]:
    """Split a text into letters; lam and alef become one."""
    letters: list[str] = []
    for c in text:
        if letters and letters[-1] == _LAM and _LAM + c in _forms():
            letters[-1] += c
        else:
            letters.append(c)
    return letters


def _form(letters: list[str], place: int) -> str:
    forms = _forms().get(letters[place])
    if forms is None:
        return letters[place]
    joins_before = "<final>" in forms and _joins_after(_neighbour(letters[:place][::-1]))
    joins_after = _joins_after(letters[place]) and "<final>" in _forms().get(_neighbour(letters[place + 1 :]), {})
    kind = {
        (False, False): "<isolated>",
        (False, True): "<initial>",
        (True, True): "<medial>",
        (True, False): "<final>",
    }[joins_before, joins_after]
    return forms.get(kind, letters[place])


def _neighbour(letters: Iterable[str]) -> str:
    """Return the next letter, past marks, which join nothing and part nothing."""
    return next((letter for letter in letters if unicodedata.bidirectional(letter[0]) != "NSM"), "")


def _joins_after(letter: str) -> bool:
    return "<initial>" in _forms().get(letter, {})
