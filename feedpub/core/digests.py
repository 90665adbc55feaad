"""Digests: one entry for what came into a feed in a day, a week or a month, kept as it was (N4)."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta, tzinfo
from itertools import takewhile
from typing import NamedTuple

from feedpub.core.beginnings import Authority
from feedpub.core.compose import Digest
from feedpub.core.dates import day
from feedpub.core.model import Entry
from feedpub.core.policy import DigestRule
from feedpub.core.selection import Member, by_publication


class Period(NamedTuple):
    """The last period that ended: the local day on which it began, when it did, when the next does."""

    start: date
    ended: int
    ends: int


def period(rule: DigestRule, zone: tzinfo, now: int) -> Period:
    """Return the last period that has ended by `now`."""
    now = min(now, 253_370_764_800)  # after the year 9998 there are no days to come
    today, wanted = datetime.fromtimestamp(now, zone).date(), rule.on[0]
    days = [today + timedelta(n) for n in range(-70, 35)]
    if rule.every == "week":
        days = [on for on in days if on.weekday() == wanted]
    elif rule.every == "month":  # one that lacks the day ends with its last
        days = [d for d in days if d.day == min(wanted or 1, monthrange(d.year, d.month)[1])]
    past = [on for on in days if boundary(rule, zone, on) <= now]
    ended, ends = (boundary(rule, zone, on) for on in (past[-1], days[len(past)]))
    return Period(past[-2], ended, ends)


def boundary(rule: DigestRule, zone: tzinfo, on: date) -> int:
    """Return the instant of the time of `rule` on a local day.

    Where clocks leave that out it is the next minute that exists, where they have it twice the first.
    """
    local = datetime.combine(on, time(*divmod(rule.on[1], 60)), zone)
    while datetime.fromtimestamp(local.timestamp(), zone) != local:
        local += timedelta(minutes=1)
    return int(local.timestamp())


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
    items = []
    for e in by_publication(entries):
        links = tuple(r._replace(excerpt="", quality=0, image=None) for r in e.related)
        about = e.id, e.title, e.link, e.published, e.published
        items.append(Entry(*about, provider=e.provider, related=links))
    title = f"{feed[1]}: {' – '.join(days)}"
    return Digest(own, f"{start}", period.ended, title, tuple(items), feed[2])
