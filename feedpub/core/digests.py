"""Digests: one entry for what came into a feed in a day, a week or a month, kept as it was (N4)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, time, timedelta, tzinfo
from html import escape
from itertools import accumulate, takewhile
from typing import NamedTuple

from feedpub.core import text
from feedpub.core.beginnings import Authority
from feedpub.core.clauses import DigestRule
from feedpub.core.compose import link_line
from feedpub.core.dates import day
from feedpub.core.model import Entry, Related
from feedpub.core.selection import Member, by_publication
from feedpub.core.urls import canonical


class Digest(NamedTuple):
    """One digest. `start` is the local day on which its period began, `instant` when that ended.

    A line is a link to an item, which has the id of its story, and its related links as they were;
    `gone` are the stories that were in it and are withdrawn, and `source` tells of what it is.
    """

    id: str
    start: str
    instant: int
    title: str
    lines: tuple[tuple[Related, ...], ...]
    source: str
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
    today = datetime.fromtimestamp(now, zone).date()
    days = [on for n in range(-70, 35) if _is_end(on := today + timedelta(n), rule)]
    past = [on for on in days if boundary(rule, zone, on) <= now]
    ended, ends = (boundary(rule, zone, on) for on in (past[-1], days[len(past)]))
    return Period(past[-2], ended, ends)


def boundary(rule: DigestRule, zone: tzinfo, on: date) -> int:
    """Return the instant of the time of `rule` on a local day.

    Where clocks leave that out it is the next minute that exists, where they have it twice the first.
    """
    local = datetime.combine(on, time(*divmod(rule.minute, 60)), zone)
    while datetime.fromtimestamp(local.timestamp(), zone) != local:
        local += timedelta(minutes=1)
    return int(local.timestamp())


def _is_end(on: date, rule: DigestRule) -> bool:
    """Say whether a period ends on a day; a month that lacks the day of the rule does on its last."""
    is_last = (on + timedelta(1)).day == 1
    is_monthly = on.day == rule.day or (is_last and on.day < rule.day)
    return {"day": True, "week": on.weekday() == rule.day, "month": is_monthly}[rule.every]


def pending(
    members: Iterable[Member], made: Sequence[Digest], begun: int, source: str, until: int
) -> list[Member]:
    """Return the members of a feed that a digest of what had entered by `until` is to hold.

    They come with the one that entered last first. What is in none of the digests `made` is in this
    one, whenever it became known; but of what another source had before its last one, nobody is told.
    """
    known = {own for digest in made for own in digest.stories}
    since = max([begun, *(digest.instant for digest in made if digest.source != source)])
    recent = takewhile(lambda member: member.entered > since, members)
    return [m for m in recent if m.entered <= until and m.id not in known]


def composed(
    feed: tuple[str, str, str],
    period: Period,
    entries: Iterable[Entry],
    made: Sequence[Digest],
    authority: Authority,
    zone: tzinfo,
) -> Digest:
    """Return the digest of these entries; `feed` is id and label of its feed, and its source."""
    start, taken = period.start, {digest.start for digest in made}
    while f"{start}" in taken:  # another schedule had a period that began then
        start += timedelta(1)
    own = authority.tag("digest", f"{feed[0]} {start}", {d.id for d in made}.__contains__)
    days = {f"{start}": None, day(period.ended - 1, zone): None}
    lines = []
    for e in by_publication(entries):
        item = Related(0, "", e.link, e.title, "", e.published, "", e.provider, item_id=e.id)
        links = (r._replace(place=0, key="", excerpt="", quality=0, image=None) for r in e.related)
        lines.append((item, *links))
    title = f"{feed[1]}: {' – '.join(days)}"
    return Digest(own, f"{start}", period.ended, title, tuple(lines), feed[2])


_MOST = 300_000
"""Characters of its list that a feed shows of a digest, which shall not hold all that a feed may."""


def entry_of(digest: Digest, link: str, zone: tzinfo, *, whole: bool = True) -> Entry:
    """Return a digest as formats show it; `link` is where to read it, `zone` that of days (D11).

    If it is not the `whole`, a long one ends with how many items more its page has.
    """
    made = [link_line(item, zone, related) for item, *related in digest.lines]
    ends = accumulate(map(len, made))
    shown = [line for line, end in zip(made, ends, strict=True) if whole or end <= _MOST]
    left = len(made) - len(shown)
    more = f'<p><a href="{escape(link)}">{left} more</a></p>' if left else ""
    excerpt = " · ".join(item.title for item, *_ in digest.lines[:5])
    lines = f"<ul>{''.join(shown)}</ul>" if shown else ""
    content = text.clean(f'<div dir="auto">{lines}{more}</div>')
    at = digest.instant
    return Entry(digest.id, digest.title, link, at, at, excerpt, content)
