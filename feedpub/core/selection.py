"""Selection: which members of a feed are in its window, its archives and its digests.

The window holds the newest ones, in the order of publication (F6, D7), and for a time what was
edited. What leaves it stays readable in sealed archives (RFC 5005 §4, X1-X3): the items of a feed are
sealed in the order in which they entered it, up to 50 to a document. The subscription document holds
all that is not sealed yet, so a reader that follows `prev-archive` from it meets every item at least
once. What is sealed is not sealed again for an edit, nor written again unless an item is withdrawn.
After the last sealed document comes the open one, which holds what will be sealed next: so what
leads on from a sealed one never changes.

A digest is one entry for what came in a day, a week or a month, kept as it was (N4). Statistics
count what is in a feed; they are anchored to its newest item, never to the clock (D9).
"""

from __future__ import annotations

from calendar import monthrange
from collections import Counter
from collections.abc import Callable, Collection, Container, Iterable, Sequence
from datetime import date, datetime, time, timedelta, tzinfo
from itertools import groupby, islice, takewhile
from typing import NamedTuple

from feedpub.core.dates import day
from feedpub.core.feeds import Opening
from feedpub.core.model import Entry, FeedFacts
from feedpub.core.policy import DigestRule, Extent
from feedpub.core.stories import Authority

DAY = 86_400

MOST_EDITED = 10
"""How many members have a place in a window only because they were edited."""


class Member(NamedTuple):
    """A published story in a feed, as far as selection needs to know it."""

    entered: int
    published: int
    id: str
    story: int


def window(
    members: Iterable[Member],
    edited: Iterable[Member],
    extent: Extent,
    opening: Opening | None = None,
    arrived: Collection[int] = (),
) -> list[Member]:
    """Return the newest members, then those that were `edited` lately, the last one first (F6).

    `members` come in the order in which they entered, the last one first; only as many are consumed
    as needed: `extent.items`, or those within `extent.days` of the newest, whichever are more.
    In an adopted feed these are only of its `opening`, which is shown whole until a story arrives,
    and the `arrived`, first out since: readers would see any older one as new.
    """
    if opening:
        known = frozenset(opening.items)
        extent = extent if arrived else extent._replace(items=max(extent.items, len(known)))
        members, edited = (
            (m for m in some if m.id in known or m.story in arrived) for some in (members, edited)
        )
    chosen: list[Member] = []
    for member in members:
        is_recent = chosen and member.entered >= chosen[0].entered - extent.days * DAY
        if len(chosen) >= extent.items and not (extent.days and is_recent):
            break
        chosen.append(member)
    present = {member.story for member in chosen}
    further = (member for member in edited if member.story not in present)
    return [*chosen, *islice(further, MOST_EDITED)]


def by_publication(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Return entries in the order of publication, newest first, then by id (D7)."""
    return tuple(sorted(entries, key=lambda e: (-e.published, e.id)))


def least_size(entry: Entry) -> int:
    """Return a size in bytes that no rendering of `entry` is smaller than."""
    return len(entry.content.encode()) + len(entry.excerpt) + len(entry.title) + len(entry.link)


def fitting(count: int, size: int, limit: int) -> int:
    """Return how many of `count` entries to try next when they made `size` bytes of `limit`.

    At least one entry is always kept, however large it is.
    """
    if size <= limit:
        return count
    return max(1, min(count - 1, count * limit // size))


SEALED = 50
"""How many items are sealed at a time, at most."""


def sealable(
    unsealed: Iterable[Member], shown: Container[str], extent: Extent
) -> list[list[Member]]:
    """Return which items must be sealed now, document by document.

    `shown` are the ids of the items that the subscription document holds. A document gets 50, or
    as many as the window of `extent` has if that is fewer, so that what is not sealed yet is in
    the window; a last one is short where the subscription document has no room for it (F6).
    """
    left = sorted(unsealed, key=lambda m: (m.entered, m.published, m.id))
    size = min(SEALED, extent.items)
    full = len(left) // size * size
    found = [left[at : at + size] for at in range(0, full, size)]
    rest = left[full:]
    hidden = [place for place, member in enumerate(rest, start=1) if member.id not in shown]
    return [*found, rest[: hidden[-1]]] if hidden else found


def archive_folder(feed: str, number: int) -> str:
    """Return the folder in out/ of an archive of the feed in the folder `feed`; 0 is the feed."""
    return f"{feed}archive/{number}/" if number else feed


def archives_beside(number: int, last: int) -> dict[str, int]:
    """Return the archives that a document leads to, by relation; 0 is the subscription document.

    `number` is that of the document, `last` that of the last sealed one, which the open one
    follows (RFC 5005 §4, X1).
    """
    before = number - 1 if number else last
    found = {"prev-archive": before} if before else {}
    if number:
        found |= {"next-archive": number + 1} if number <= last else {}
        found["current"] = 0
    return found


def archive_number(path: str) -> int:
    """Return the number of the archive that a document of a feed belongs to; 0 without any."""
    home, number, _ = ("", "", *path.split("/"))[-3:]
    return int(number) if home == "archive" else 0


class Span(NamedTuple):
    """When the first and the last item of an archive entered its feed, in epoch seconds."""

    number: int
    first: int
    last: int


class Volume(NamedTuple):
    """An archive in a list of them: `since` is the month in which it begins."""

    number: int
    since: str
    url: str


class Month(NamedTuple):
    """A month, such as 2024-05, and the archives that end in it, the newest first."""

    name: str
    volumes: tuple[Volume, ...]


def months(
    spans: Iterable[Span], address: Callable[[int], str], timezone: tzinfo
) -> tuple[Month, ...]:
    """Return the archives of a feed by month, the newest first; `address` gives that of each."""

    def month(instant: int) -> str:
        return day(instant, timezone)[: len("2023-11")]

    newest = sorted(spans, key=lambda span: span.number, reverse=True)
    return tuple(
        Month(name, tuple(Volume(s.number, month(s.first), address(s.number)) for s in found))
        for name, found in groupby(newest, key=lambda span: month(span.last))
    )


# digests (N4) ------------------------------------------------------------------------------------


class Digest(NamedTuple):
    """One digest (N4). `start` is the local day on which its period began, `instant` when that ended.

    Of its `items` it has what it shows, with their related links as they were; `gone` are those that
    were in it and are withdrawn, and `source` tells of what it is.
    """

    id: str
    start: str
    instant: int
    title: str
    items: tuple[Entry, ...]
    source: str
    gone: tuple[str, ...] = ()

    @property
    def stories(self) -> set[str]:
        """The ids of all that are or were in it."""
        return {*self.gone, *(item.id for item in self.items)}

    def without(self, ids: Collection[str], keys: Collection[str] = ()) -> Digest:
        """Return it without withdrawn items, by their ids, and without links to them (X4).

        `keys` are the canonical URLs by which links lead to them, also those that were made before.
        """
        out = {*ids, *keys}
        items = tuple(
            e._replace(related=tuple(r for r in e.related if {r.item_id, r.key}.isdisjoint(out)))
            for e in self.items
            if e.id not in ids
        )
        return self._replace(items=items, gone=tuple(sorted({*self.gone, *self.stories & {*ids}})))


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


def new_digest(
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


# statistics (D9) ---------------------------------------------------------------------------------

WEEK = 7 * 86_400
WEEKS = 26
"""How many weeks are counted: those that end with the newest item."""

_RECENT = 8
_PROVIDERS = 5


def statistics(items: int, published: Iterable[int], window: Sequence[Entry]) -> FeedFacts:
    """Return the statistics of a feed.

    `items` are all in it; `published` tells when each of the last 26 weeks was, in any order, and
    `window` is what its documents hold: who provides most of that is a main provider.
    """
    names = Counter(e.provider.name for e in window if e.provider and e.provider.name)
    main = sorted(names, key=lambda name: (-names[name], name))[:_PROVIDERS]
    return FeedFacts(items, last_published(window), _weekly(list(published)), tuple(main))


def last_published(window: Iterable[Entry]) -> int | None:
    """Return when the newest of the entries was published."""
    return max((entry.published for entry in window), default=None)


def _weekly(published: Sequence[int]) -> tuple[int, ...]:
    """Count by week, the oldest first; the last week ends with the newest."""
    last = max(published, default=0)
    counts = Counter((last - instant) // WEEK for instant in published)
    return tuple(counts[ago] for ago in reversed(range(WEEKS))) if published else ()


def weekly_rate(facts: FeedFacts) -> float:
    """Return how many items a week came lately: the mean of eight weeks, to one decimal."""
    recent = facts.weeks[-_RECENT:]
    return round(sum(recent) / len(recent), 1) if recent else 0.0
