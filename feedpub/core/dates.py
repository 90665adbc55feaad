"""Dates as authors write them, read as instants: whole seconds since 1970, UTC (D1, D2, D6)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import NamedTuple

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
"""The months in short, as RFC 822 has them."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = timedelta(seconds=1)
_EARLIEST = 86_400  # the whole of 1970-01-01 is an unset clock in one zone or another (D6)
_LATEST = (datetime.max.replace(tzinfo=UTC) - _EPOCH) // _SECOND
_LONGEST = 100  # characters; more is no date

_ZONE = r"(?P<zone>Z|(?:UTC|GMT)?[+-]\d{1,2}(?::?\d\d)?|UTC?|GMT|[ECMP][SD]T)"
_CLOCK = (
    r"(?:at\s+)?(?P<hour>\d\d?):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,]\d+)?)?"
    rf"(?:\s*(?P<half>[ap])\.?m\b\.?)?\s*{_ZONE}?"
)
_MONTH = (
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_WEEKDAY = r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6},?\s+)?"
_DATE = r"(?P<day>\d\d?)(?:st|nd|rd|th)?"
_FLAGS = re.ASCII | re.IGNORECASE

_SHAPES = tuple(
    re.compile(shape, _FLAGS)
    for shape in (
        # RFC 3339, ISO 8601 and what YAML and Ruby print: 2023-11-08[T ]4:00:00[.5][ ][+0000]
        rf"(?P<year>\d{{4}})([-/.])(?P<month>\d\d?)\2(?P<day>\d\d?)(?:(?:T|,?\s+){_CLOCK})?",
        # ISO 8601 basic format: 20231108[T202300Z]
        r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)"
        rf"(?:T?(?P<hour>\d\d)(?P<minute>\d\d)(?:(?P<second>\d\d)(?:[.,]\d+)?)?{_ZONE}?)?",
        # RFC 822 and RFC 5322: [Wed, ]8 Nov 2023[ 20:23[:00][ +0000]]
        rf"{_WEEKDAY}{_DATE}\s+{_MONTH},?\s+(?P<year>\d{{4}})(?:,?\s+{_CLOCK})?",
        # Nov 8, 2023, Jul 08 2022 and what JavaScript prints
        rf"{_WEEKDAY}{_MONTH}\s+{_DATE},?\s+(?P<year>\d{{4}})(?:,?\s+{_CLOCK})?",
    )
)
_COMMENT = re.compile(r"\s*\([^()]*\)\s*").sub  # of RFC 5322, as JavaScript has it after the offset
_AMERICAN = {
    "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7,
}  # fmt: skip


class Instant(NamedTuple):
    """A point in time: `seconds` since 1970 in UTC; `assumed` when the text named no offset.

    `offset` is that of the clock it is written by, in seconds east of UTC.
    """

    seconds: int
    assumed: bool
    offset: int


def parse_instant(text: str, timezone: tzinfo) -> Instant | None:
    """Return the instant that `text` means; without an offset it is local to `timezone` (D1).

    Takes RFC 3339, ISO 8601 (also the basic format), RFC 5322, what JavaScript prints, English month
    names, AM and PM, and a date alone, which is its midnight; parts of a second are cut off (D2).
    None for what is not a date, does not exist, is ambiguous (`08/11`), or is not after 1970-01-01,
    where a clock that was never set stands (D6).
    """
    text = text.strip()
    text = _COMMENT(" ", text).strip() if len(text) <= _LONGEST else ""
    found = next((match for shape in _SHAPES if (match := shape.fullmatch(text))), None)
    try:
        return _read(found.groupdict(), timezone) if found else None
    except ValueError:
        return None


def rfc3339(seconds: int) -> str:
    """Return `seconds` as RFC 3339 in UTC with `Z` (D2): `2023-11-08T20:23:00Z`.

    Raises `ValueError` or `OverflowError` outside the years 1 to 9999.
    """
    return datetime.fromtimestamp(seconds, UTC).isoformat()[:19] + "Z"


def day(seconds: int, zone: tzinfo) -> str:
    """Return the day of `seconds` in `zone`: `2023-11-08` (D11)."""
    try:
        local = datetime.fromtimestamp(seconds, zone)
    except OverflowError:  # the last hours of the year 9999
        local = datetime.fromtimestamp(seconds, UTC)
    return local.date().isoformat()


def _read(parts: dict[str, str | None], timezone: tzinfo) -> Instant:
    """Return the instant that the parts of a date mean; raise `ValueError` where there is none."""
    year, day, hour, minute, second = (
        int(parts.get(name) or 0) for name in ("year", "day", "hour", "minute", "second")
    )
    named = parts["month"] or ""
    month = int(named) if named.isdecimal() else MONTHS.index(named[:3].capitalize()) + 1
    if half := parts.get("half"):
        if not 1 <= hour <= 12:
            raise ValueError("no such hour before or after noon")
        hour = hour % 12 + (12 if half in "pP" else 0)
    leap = second == 60 and minute == 59  # a leap second is the first of the next minute
    zone = parts.get("zone")
    clock = _zone(zone) if zone else timezone
    local = datetime(year, month, day, hour, minute, second - leap, tzinfo=clock)
    seconds = (local - _EPOCH) // _SECOND + leap
    if not _EARLIEST <= seconds <= _LATEST:
        raise ValueError("a date before 1970-01-02 or after the year 9999")
    return Instant(seconds, not zone, (local.utcoffset() or timedelta()) // _SECOND)


@lru_cache(64)
def _zone(written: str) -> tzinfo:
    if len(written) > 3:
        written = written.upper().removeprefix("UTC").removeprefix("GMT")
    if written[0] not in "+-":
        return timezone(timedelta(hours=_AMERICAN.get(written.upper(), 0)))
    digits = written[1:].replace(":", "")
    hours, minutes = (digits[:-2], digits[-2:]) if len(digits) > 2 else (digits, "0")
    if int(minutes) > 59:
        raise ValueError("no such offset")
    east = timedelta(hours=int(hours), minutes=int(minutes))
    return timezone(-east if written[0] == "-" else east)
