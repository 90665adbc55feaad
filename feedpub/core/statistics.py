"""Statistics of feeds, anchored to what is in them and never to the clock (D9)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from feedpub.core.model import Entry, FeedFacts

WEEK = 7 * 86_400
WEEKS = 26
"""How many weeks are counted: those that end with the newest item."""

_RECENT = 8
_PROVIDERS = 5


def facts(items: int, published: Iterable[int], window: Sequence[Entry]) -> FeedFacts:
    """Return the statistics of a feed.

    `items` are all in it; `published` tells when each of the last 26 weeks was, in any order, and
    `window` is what its documents hold: who provides most of that is a main provider.
    """
    return FeedFacts(items, last_published(window), _weekly(list(published)), _providers(window))


def refreshed(known: FeedFacts, window: Sequence[Entry]) -> FeedFacts | None:
    """Return the statistics of a feed that has the same items, of the same dates, as it had.

    None when it must be counted again, as its last week does not end where it did.
    """
    same = known.newest == last_published(window)
    return known._replace(providers=_providers(window)) if same else None


def last_published(window: Iterable[Entry]) -> int | None:
    """Return when the newest of the entries was published."""
    return max((entry.published for entry in window), default=None)


def _providers(window: Iterable[Entry]) -> tuple[str, ...]:
    names = Counter(e.provider.name for e in window if e.provider and e.provider.name)
    return tuple(sorted(names, key=lambda name: (-names[name], name))[:_PROVIDERS])


def _weekly(published: Sequence[int]) -> tuple[int, ...]:
    """Count by week, the oldest first; the last week ends with the newest."""
    counts = [0] * WEEKS
    last = max(published, default=0)
    for instant in published:
        week = (last - instant) // WEEK
        if week < WEEKS:
            counts[WEEKS - 1 - week] += 1
    return tuple(counts) if published else ()


def weekly_rate(facts: FeedFacts) -> float:
    """Return how many items a week came lately: the mean of eight weeks, to one decimal."""
    recent = facts.weeks[-_RECENT:]
    return round(sum(recent) / len(recent), 1) if recent else 0.0
