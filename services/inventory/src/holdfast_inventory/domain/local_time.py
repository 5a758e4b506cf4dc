"""Wall-clock time of a place and UTC instants.

Instants are whole seconds since 1970-01-01T00:00:00Z. The two meanings of a repeated local time and the missing
ones of a gap follow PEP 495 and RFC 5545 section 3.3.5.
"""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

DAY_SECONDS = 86_400
DAY_MINUTES = 1_440


class NonexistentLocalTimeError(ValueError):
    """The clocks were put forward over this local time: it did not happen on that day."""


class ForeignOffsetError(ValueError):
    """The offset that was named is none that this local time has."""


def edge(day: date, minute: int, name: str) -> int:
    """Instant of a schedule's edge, `minute` minutes of wall clock after the local midnight of `day` (0 to 2880).

    An edge in a gap takes the offset before the gap, a repeated one means its first occurrence.
    """
    ordinal = day.toordinal() + minute // DAY_MINUTES
    midnight, steady = _midnight(name, ordinal)
    if steady:
        return midnight + minute % DAY_MINUTES * 60
    return _exact_edge(name, ordinal, minute % DAY_MINUTES)


@lru_cache(maxsize=65_536)
def _midnight(name: str, ordinal: int) -> tuple[int, bool]:
    """Instant of a local midnight, and whether that day has 24 plain hours."""
    start, following = _exact_edge(name, ordinal, 0), _exact_edge(name, ordinal + 1, 0)
    return start, following - start == DAY_SECONDS


def _exact_edge(name: str, ordinal: int, minute: int) -> int:
    local = datetime.combine(date.fromordinal(ordinal), time(minute // 60, minute % 60), ZoneInfo(name))
    return int(local.timestamp())


def instant(day: date, at: time, name: str, offset: timedelta | None = None) -> int:
    """Instant of a local time that a person named.

    A time that exists twice means its first occurrence unless `offset` says otherwise.
    Raises `NonexistentLocalTimeError` in a gap, `ForeignOffsetError` for an offset that the time does not have.
    """
    first = datetime.combine(day, at, ZoneInfo(name)).replace(fold=0)
    second = first.replace(fold=1)
    before, after = _offset(first), _offset(second)
    if before < after:
        raise NonexistentLocalTimeError(f"{day} {at:%H:%M} does not exist in {name}")
    if offset is None or offset == before:
        return int(first.timestamp())
    if offset != after:
        raise ForeignOffsetError(f"{day} {at:%H:%M} in {name} has not that offset")
    return int(second.timestamp())


def _offset(moment: datetime) -> timedelta:
    return moment.utcoffset() or timedelta()


def local(at: int, name: str) -> datetime:
    """Local time of an instant, with its offset."""
    return datetime.fromtimestamp(at, ZoneInfo(name))


def utc(at: int) -> datetime:
    """An instant as an aware UTC datetime."""
    return datetime.fromtimestamp(at, UTC)


def seconds(moment: datetime) -> int:
    """An aware datetime as an instant."""
    return int(moment.timestamp())


def instant_text(at: int) -> str:
    """An instant as it is sent: `2026-03-29T01:00:00Z`."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def offset_text(moment: datetime) -> str:
    """Offset of an aware datetime as it is sent: `+02:00`."""
    text = moment.isoformat()
    return text[-6:] if text[-6] in "+-" else text[-9:-3]


def parse_offset(text: str) -> timedelta:
    """Offset of the form `+02:00` (or `Z`)."""
    if text == "Z":
        return timedelta()
    sign = -1 if text[0] == "-" else 1
    return sign * timedelta(hours=int(text[1:3]), minutes=int(text[4:6]))
