"""Selection: which members of a feed are in its subscription document, in which order (F6, D7)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from feedpub.core.feeds import Extent
from feedpub.core.model import Entry

DAY = 86_400


class Member(NamedTuple):
    """A published story in a feed, as far as selection needs to know it."""

    entered: int
    published: int
    id: str
    story: int


def newest(members: Iterable[Member], extent: Extent) -> list[Member]:
    """Return the members of the window, the one that entered last first (F6).

    `members` come with falling `entered`; only as many are consumed as needed. The window is the
    larger of `extent.items` and of those that entered within `extent.days` of the newest.
    """
    chosen: list[Member] = []
    cutoff = 0
    for member in members:
        if not chosen:
            cutoff = member.entered - extent.days * DAY
        full = len(chosen) >= extent.items and (member.entered < cutoff or not extent.days)
        if full and member.entered < chosen[extent.items - 1].entered:
            break
        chosen.append(member)
    chosen.sort(key=lambda m: (-m.entered, -m.published, m.id))
    within = sum(m.entered >= cutoff for m in chosen) if extent.days else 0
    return chosen[: max(extent.items, within)]


def listed(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Return entries in the order of publication, newest first, then by id (D7)."""
    return tuple(sorted(entries, key=lambda e: (-e.published, e.id)))


def floor_of(entry: Entry) -> int:
    """Return a size in bytes that no rendering of `entry` is below, cheap to know."""
    return len(entry.content.encode()) + len(entry.excerpt) + len(entry.title) + len(entry.link)


def fitting(count: int, size: int, limit: int) -> int:
    """Return how many of `count` entries to try next when they made `size` bytes of `limit`.

    At least one entry is always kept, however large it is.
    """
    if size <= limit:
        return count
    return max(1, min(count - 1, count * limit // size))
