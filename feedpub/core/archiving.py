"""Archives: what leaves a subscription document stays readable in sealed ones (RFC 5005 §4, X1-X3).

The items of a feed are sealed in the order in which they entered it, so many to a document. The
subscription document holds all that is not sealed yet, so that who walks from it through
`prev-archive` meets every item; one that was edited enters again, and is met at least once. What is
sealed is not written again unless an item is withdrawn. After the last sealed document comes the
open one, which holds what will be sealed next: so what leads on from a sealed one never changes.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable
from datetime import datetime, tzinfo
from itertools import groupby
from typing import NamedTuple

from feedpub.core.feeds import Extent
from feedpub.core.selection import Member

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


def folder(feed: str, number: int) -> str:
    """Return the folder in out/ of an archive of the feed in the folder `feed`; 0 is the feed."""
    return f"{feed}archive/{number}/" if number else feed


def beside(number: int, last: int) -> dict[str, int]:
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


def number_of(feed: str, path: str) -> int:
    """Return the number of the archive of which a document of a feed is; 0 for what is of none."""
    first, *rest = path.removeprefix(feed).split("/")
    return int(rest[0]) if first == "archive" and rest else 0


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
        return f"{datetime.fromtimestamp(instant, timezone):%Y-%m}"

    newest = sorted(spans, key=lambda span: span.number, reverse=True)
    return tuple(
        Month(name, tuple(Volume(s.number, month(s.first), address(s.number)) for s in found))
        for name, found in groupby(newest, key=lambda span: month(span.last))
    )
