"""The hierarchy of the feeds that go on, for what lists them all: OPML, the catalogue page (F7)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

from feedpub.core.endings import goes_on
from feedpub.core.feeds import ALL, KINDS, Feed, Name, Policy, label_of

_ORDER = (ALL, *KINDS)


class Branch(NamedTuple):
    """A feed, and those right below it."""

    feed: Feed
    children: tuple[Branch, ...] = ()


def tree(feeds: Collection[Feed], policy: Policy) -> tuple[Branch, ...]:
    """Return the feeds that go on, each once, as the config has them below each other.

    That of everything is first; the others follow by kind, in the order of `KINDS`, then by
    label. A topic whose parent has no feed is below the nearest topic above that has one, if any.
    `feeds` are all that the ledger has, in any order.
    """
    live = {feed.name: feed for feed in feeds if goes_on(feed, policy)}
    below: dict[Name | None, list[Feed]] = {}
    for feed in sorted(live.values(), key=lambda f: _rank(f, policy)):
        below.setdefault(_parent(feed, live, policy), []).append(feed)
    return _branches(None, below)


def _rank(feed: Feed, policy: Policy) -> tuple[int, str, str]:
    return _ORDER.index(feed.kind), label_of(feed, policy).casefold(), feed.key


def _parent(feed: Feed, live: Mapping[Name, Feed], policy: Policy) -> Name | None:
    if feed.kind != "topic":
        return None
    names = (Name("topic", key) for key in policy.lineage.above(feed.key))
    return next((name for name in names if name in live), None)


def _branches(name: Name | None, below: Mapping[Name | None, list[Feed]]) -> tuple[Branch, ...]:
    return tuple(Branch(feed, _branches(feed.name, below)) for feed in below.get(name, ()))
