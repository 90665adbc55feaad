"""Digests: one entry for what came into a feed in a day, a week or a month, kept as it was (N4)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta, tzinfo
from itertools import takewhile
from typing import NamedTuple

from feedpub.core import text
from feedpub.core.beginnings import Authority
from feedpub.core.clauses import Course, DigestRule
from feedpub.core.compose import link_line
from feedpub.core.dates import day
from feedpub.core.model import Entry, Related
from feedpub.core.selection import Member
from feedpub.core.urls import canonical


class Digest(NamedTuple):
    """One digest. `start` is the local day on which its period began, `instant` when that ended.

    A line is a link to an item, which has the id of its story, and its related links as they were;
    `gone` are the stories that were in it and are withdrawn.
    """

    id: str
    start: str
    instant: int
    title: str
    lines: tuple[tuple[Related, ...], ...]
    gone: tuple[str, ...] = ()

    @property
    def stories(self) -> set[str]:
        """The ids of all that are or were in it."""
        return {*self.gone, *(item.item_id for item, *_ in self.lines)}

    def without(self, ids: Collection[str], keys: Collection[str] = ()) -> Digest:
        """Return it without withdrawn items, by their ids, and without links to them (X4).

        `keys` are the canonical URLs by which links lead to them, also those that were made before.
        """
        lines = tuple(
            (item, *(r for r in links if not (r.item_id in ids or canonical(r.url) in keys)))
            for item, *links in self.lines
            if item.item_id not in ids
        )
        return self._replace(lines=lines, gone=tuple(sorted({*self.gone, *self.stories & {*ids}})))


class Period(NamedTuple):
    """The last period that ended: the local day on which it began, when it did, when the next does."""

    start: date
    ended: int
    ends: int


def period(rule: DigestRule, zone: tzinfo, now: int) -> Period:
    """Return the last period that has ended by `now`."""
    now = min(now, 253_370_764_800)  # after the year 9998 there are no days to come
    before, after = _days(rule, zone, now, -1), _days(rule, zone, now, 1)
    ended = next(at for on in before if (at := boundary(rule, zone, on)) <= now)
    ends = next(at for on in after if (at := boundary(rule, zone, on)) > now)
    return Period(next(before), ended, ends)


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
    for on in (today + timedelta(step * count) for count in range(-2, 70)):
        is_last = (on + timedelta(1)).day == 1  # of a month, which may lack the day of the rule
        is_monthly = on.day == rule.day or (is_last and on.day < rule.day)
        if {"day": True, "week": on.weekday() == rule.day, "month": is_monthly}[rule.every]:
            yield on


def begun(known: Course | None, ended: int, source: str) -> Course:
    """Return the course of digests of `source` after a period that `ended`, as was `known` before.

    Where it had another source it begins anew after its last digest, so that nobody is told of what
    this one had long ago.
    """
    course = known or Course(ended, ended, ended, source)
    since = course.begun if course.source == source else max(course.begun, course.told)
    return course._replace(begun=since, source=source)


def pending(
    members: Iterable[Member], made: Iterable[Digest], course: Course, until: int
) -> list[Member]:
    """Return the members of a feed that a digest of what had entered by `until` is to hold.

    They come with the one that entered last first. What is in none of the digests `made` is in this
    one, whenever it became known.
    """
    known = {own for digest in made for own in digest.stories}
    since = takewhile(lambda member: member.entered > course.begun, members)
    return [m for m in since if m.entered <= until and m.id not in known]


def composed(
    feed: tuple[str, str],
    period: Period,
    entries: Iterable[Entry],
    made: Sequence[Digest],
    authority: Authority,
    zone: tzinfo,
) -> Digest:
    """Return the digest of these entries, in the order of D7; `feed` is id and label of its feed."""
    start, taken = period.start, {digest.start for digest in made}
    while start.isoformat() in taken:  # another schedule had a period that began then
        start += timedelta(1)
    own = authority.tag("digest", f"{feed[0]} {start}", {d.id for d in made}.__contains__)
    days = {start.isoformat(): None, day(period.ended - 1, zone): None}
    lines = []
    for e in sorted(entries, key=lambda e: (-e.published, e.id)):
        item = Related(0, "", e.link, e.title, "", e.published, "", e.provider, item_id=e.id)
        links = (r._replace(place=0, key="", excerpt="", quality=0, image=None) for r in e.related)
        lines.append((item, *links))
    return Digest(own, f"{start}", period.ended, f"{feed[1]}: {' – '.join(days)}", tuple(lines))


def entry_of(digest: Digest, link: str, zone: tzinfo) -> Entry:
    """Return a digest as formats show it; `link` is where to read it, `zone` that of days (D11)."""
    lines = "".join(link_line(item, zone, related) for item, *related in digest.lines)
    excerpt = " · ".join(item.title for item, *_ in digest.lines[:5])
    content = text.clean(f'<div dir="auto">{lines and f"<ul>{lines}</ul>"}</div>')
    at = digest.instant
    return Entry(digest.id, digest.title, link, at, at, excerpt, content)
