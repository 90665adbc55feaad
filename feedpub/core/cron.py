"""Crontab lines, read as cron means them: 0 and 7 are Sunday, and two kinds of days are either-or.

The source of the rules is crontab(5) of Vixie cron, which people know.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from feedpub.core.dates import MONTHS

WEEKDAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
"""The days of the week, by their number."""

_SHORTHANDS = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
_PART = re.compile(r"(?:\*|(?P<low>\w+)(?:-(?P<high>\w+))?)(?:/(?P<step>[0-9]{1,4}))?", re.ASCII)
_DAYS_IN = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


class Cron(NamedTuple):
    """The minutes at which something is done: in each field the numbers that match, ascending.

    `weekdays` counts from Sunday, 0. With `either`, a day matches by `days` or by `weekdays`
    (both were restricted); else it has to match both.
    """

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: tuple[int, ...]
    months: tuple[int, ...]
    weekdays: tuple[int, ...]
    either: bool


class _Field(NamedTuple):
    name: str
    least: int
    most: int
    names: list[str]


_FIELDS = (
    _Field("minute", 0, 59, []),
    _Field("hour", 0, 23, []),
    _Field("day of the month", 1, 31, []),
    _Field("month", 1, 12, [month.lower() for month in MONTHS]),
    _Field("day of the week", 0, 7, WEEKDAYS),
)


def parse(line: str) -> Cron:
    """Read a crontab line of five fields, or a shorthand such as `@daily`.

    Raises `ValueError` with words for the operator; never for anything else.
    """
    texts = _SHORTHANDS.get(line.strip().lower(), line).split()
    if len(texts) != len(_FIELDS):
        raise ValueError(
            "is not a crontab line; write minute, hour, day, month and weekday, such as"
            ' "*/10 * * * *", or @hourly'
        )
    minutes, hours, days, months, weekdays = (
        _numbers(text, field) for text, field in zip(texts, _FIELDS, strict=True)
    )
    weekdays = tuple(sorted({day % 7 for day in weekdays}))
    either = not (texts[2].startswith("*") or texts[4].startswith("*"))
    if not either and not any(min(days) <= _DAYS_IN[month - 1] for month in months):
        raise ValueError("names a day that none of its months has")
    return Cron(minutes, hours, days, months, weekdays, either)


def _numbers(text: str, field: _Field) -> tuple[int, ...]:
    ranges = (_range(part, field) for part in text.split(","))
    return tuple(sorted(set().union(*ranges)))


def _range(part: str, field: _Field) -> range:
    match = _PART.fullmatch(part)
    if match is None:
        raise ValueError(f"has no valid {field.name}; write numbers, *, lists, ranges or */steps")
    step = int(match["step"] or 1)
    if step < 1:
        raise ValueError(f"has a step of 0 in its {field.name}")
    if match["low"] is None:
        return range(field.least, field.most + 1, step)
    low = _number(match["low"], field)
    if match["high"] is not None:
        high = _number(match["high"], field)
    else:
        high = field.most if match["step"] else low
    if field.name == _FIELDS[4].name and high < low:
        high += 7  # fri-mon, 5-0: over the end of the week
    if high < low:
        raise ValueError(f"has a {field.name} range that runs backwards")
    return range(low, high + 1, step)


def _number(text: str, field: _Field) -> int:
    name = text.lower()
    if name in field.names:
        return field.names.index(name) + field.least
    if not (text.isdigit() and len(text) < 5 and field.least <= int(text) <= field.most):
        raise ValueError(f"has a {field.name} that is not from {field.least} to {field.most}")
    return int(text)
