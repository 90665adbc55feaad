"""Digests: one entry for what came into a feed within a day, a week or a month (N4).

A digest is kept as what its items showed when it was made; only a takedown changes it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta, tzinfo
from itertools import takewhile
from typing import NamedTuple

from feedpub.core import text
from feedpub.core.clauses import Course, DigestRule
from feedpub.core.compose import link_line
from feedpub.core.dates import day
from feedpub.core.model import Entry, Related
from feedpub.core.selection import Member
from feedpub.core.stories import Authority


class Line(NamedTuple):
    """What an item showed: `item` leads to it, with the id of its story; and its related links."""

    item: Related
    related: tuple[Related, ...] = ()


class Digest(NamedTuple):
    """One digest. `start` is the local day on which its period began, `instant` when that ended.

    `gone` are the stories that were in it and are withdrawn.
    """

    id: str
    start: str
    instant: int
    title: str
    lines: tuple[Line, ...]
    gone: tuple[str, ...] = ()

    @property
    def stories(self) -> set[str]:
        """The ids of the stories that it tells, or told, of."""
        return {*self.gone, *(line.item.item_id for line in self.lines)}

    def without(self, ids: Collection[str]) -> Digest:
        """Return it without the withdrawn items of these ids, and without links to them (X4)."""
        lines = (line for line in self.lines if line.item.item_id not in ids)
        left = tuple(Line(i, tuple(r for r in rs if r.item_id not in ids)) for i, rs in lines)
        return self._replace(lines=left, gone=tuple(sorted({*self.gone, *self.stories & {*ids}})))


# when --------------------------------------------------------------------------------------------


class Period(NamedTuple):
    """What a digest is of: the local day on which it began, and the instant at which it ended."""

    start: date
    instant: int


def last_period(rule: DigestRule, zone: tzinfo, now: int) -> Period:
    """Return the last period that has ended by `now`."""
    days = _days(rule, zone, now, -1)
    at = next(at for each in days if (at := boundary(rule, zone, each)) <= now)
    return Period(next(days), at)


def next_boundary(rule: DigestRule, zone: tzinfo, now: int) -> int:
    """Return when the period ends that goes on at `now`."""
    days = _days(rule, zone, now, 1)
    return next(at for each in days if (at := boundary(rule, zone, each)) > now)


def boundary(rule: DigestRule, zone: tzinfo, on: date) -> int:
    """Return the instant of the time of `rule` on a local day.

    Where clocks leave that out it is the next minute that exists, where they have it twice the first.
    """
    local = datetime.combine(on, time(*divmod(rule.minute, 60)))
    while True:
        at = int(local.replace(tzinfo=zone).timestamp())
        if datetime.fromtimestamp(at, zone).replace(tzinfo=None) == local:
            return at
        local += timedelta(minutes=1)


def _days(rule: DigestRule, zone: tzinfo, now: int, step: int) -> Iterator[date]:
    """Yield the days on which periods end, from two days after `now`, or before it, on."""
    today = datetime.fromtimestamp(now, zone).date()
    for count in range(-2, 70):
        each = today + timedelta(step * count)
        is_last = (each + timedelta(1)).day == 1  # of a month, which may lack the day of the rule
        is_monthly = each.day == rule.day or (is_last and each.day < rule.day)
        on = {"day": True, "week": each.weekday() == rule.day, "month": is_monthly}
        if on[rule.every]:
            yield each


def begun(known: Course | None, last: Period, source: str) -> Course:
    """Return the course of digests of `source` after the `last` period, as was `known` before.

    It begins with the period that goes on. Where it had another source it begins anew after its last
    digest, so that nobody is told of what this one had long ago.
    """
    course = known or Course(last.instant, last.instant, last.instant, source)
    since = course.begun if course.source == source else max(course.begun, course.told)
    return course._replace(begun=since, source=source)


# what --------------------------------------------------------------------------------------------


def pending(
    members: Iterable[Member], made: Iterable[Digest], begun: int, until: int
) -> list[Member]:
    """Return the members of a feed that a digest of what had entered by `until` is to hold.

    `members` come with the one that entered last first. What entered after its feed had `begun` and
    is in none of the digests `made` is in this one, whenever it became known.
    """
    known = {own for digest in made for own in digest.stories}
    since = takewhile(lambda member: member.entered > begun, members)
    return [m for m in since if m.entered <= until and m.id not in known]


def digest_of(
    feed: str,
    label: str,
    period: Period,
    entries: Iterable[Entry],
    made: Sequence[Digest],
    authority: Authority,
    zone: tzinfo,
) -> Digest:
    """Return the digest of these entries, in the order of D7; `feed` is the id of its feed."""
    start, taken = period.start, {digest.start for digest in made}
    while start.isoformat() in taken:  # another schedule had a period that began then
        start += timedelta(1)
    days = {start.isoformat(): None, day(period.instant - 1, zone): None}
    own = authority.tag("digest", f"{feed} {start}", {d.id for d in made}.__contains__)
    lines = tuple(
        Line(
            Related(0, "", e.link, e.title, "", e.published, "", e.provider, item_id=e.id),
            tuple(
                r._replace(place=0, key="", excerpt="", quality=0, image=None) for r in e.related
            ),
        )
        for e in sorted(entries, key=lambda e: (-e.published, e.id))
    )
    return Digest(own, str(start), period.instant, f"{label}: {' – '.join(days)}", lines)


def entry_of(digest: Digest, link: str, zone: tzinfo) -> Entry:
    """Return a digest as formats show it; `link` is where to read it, `zone` that of days (D11)."""
    content = "".join(link_line(line.item, zone, line.related) for line in digest.lines)
    return Entry(
        id=digest.id,
        title=digest.title,
        link=link,
        published=digest.instant,
        updated=digest.instant,
        excerpt=" · ".join(line.item.title for line in digest.lines[:5]),
        content=text.clean(f'<div dir="auto">{content and f"<ul>{content}</ul>"}</div>'),
    )
