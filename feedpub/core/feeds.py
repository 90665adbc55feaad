"""Feeds: which exist, what an item is a member of, their addresses, ids and heads (T, I5, D8)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple
from urllib.parse import quote

from feedpub.core import topics
from feedpub.core.lineage import ORPHANS, Lineage
from feedpub.core.model import FeedHead, Site, Term
from feedpub.core.stories import Copy, digest

ALL = "all"
"""The kind of the feed of everything; its key is empty."""


class Kind(NamedTuple):
    """A kind of feeds, each of which holds the items of one name.

    `folder` is the one in out/ that theirs are in, `heading` what lists call them, and `terms`
    gives the names that an item has, from the copy of its file.
    """

    name: str
    folder: str
    heading: str
    terms: Callable[[Copy], Collection[Term]]


def _terms(*texts: str) -> tuple[Term, ...]:
    return tuple(Term(topics.key(text), topics.label(text)) for text in texts if topics.key(text))


KINDS = {
    row.name: row
    for row in (
        Kind("topic", "topics", "Topics", lambda copy: copy.topics),
        Kind("category", "categories", "Categories", lambda c: (c.category,) if c.category else ()),
        Kind("provider", "providers", "Providers", lambda copy: _terms(copy.provider)),
        Kind("author", "authors", "Authors", lambda copy: _terms(*copy.authors)),
        Kind("type", "types", "Types", lambda copy: _terms(copy.type)),
        Kind("language", "languages", "Languages", lambda copy: _terms(copy.language)),
    )
}
"""The kinds that a site can ask for (`feeds.by`), in the order of lists.

The feed of everything is of none of them: it has no folder, and stands alone.
"""


class Extent(NamedTuple):
    """How much the subscription document of a feed holds (F6)."""

    items: int = 50
    days: int = 14
    bytes: int = 1_000_000


DEFAULT_EXTENT = Extent()


class Definition(NamedTuple):
    """What the config says about one topic; empty means the default."""

    label: str = ""
    slug: str = ""
    title: str = ""
    description: str = ""
    image: str = ""
    language: str = ""
    extent: Extent | None = None
    minimum_quality: int | None = None


NOTHING = Definition()
"""What the config says about most topics."""


class Policy(NamedTuple):
    """Which feeds there are. `only`, `except_` and `retired` hold topic keys; `defined` is by key.

    `aliases` gives, for the key of each old name of a topic, the key of that topic (T6).
    The feed of a topic is not out before it has had `minimum` items. `lineage` says whose feeds hold
    the items of which topics as well, be these retired or excepted.
    """

    by: tuple[str, ...] = ("topic",)
    only: frozenset[str] = frozenset()
    except_: frozenset[str] = frozenset()
    defined: Mapping[str, Definition] = MappingProxyType({})
    extent: Extent = DEFAULT_EXTENT
    aliases: Mapping[str, str] = MappingProxyType({})
    retired: frozenset[str] = frozenset()
    minimum: int = 1
    lineage: Lineage = ORPHANS

    def admits(self, kind: str, key: str) -> bool:
        """Say whether a feed of that kind and key is wanted by the config, a retired one too."""
        if kind == ALL:
            return True
        if kind not in self.by:
            return False
        chosen = not self.only or key in self.only or key in self.retired
        return kind != "topic" or (chosen and key not in self.except_)

    def current(self, terms: Collection[Term]) -> tuple[Term, ...]:
        """Return topics under their names of today, each once, without the retired ones (T6)."""
        if not (self.aliases or self.retired):
            return tuple(terms)
        found: dict[str, Term] = {}
        for term in terms:
            key = self.aliases.get(term.key, term.key)
            if key not in self.retired:
                found.setdefault(key, term if key == term.key else self._named(key))
        return tuple(found.values())

    def broader(self, terms: Collection[Term]) -> list[Term]:
        """Return the topics whose feeds hold what is in those below them, if one of these is."""
        if not self.lineage.including:
            return []
        keys = [self.aliases.get(term.key, term.key) for term in terms]
        return [self._named(key) for key in self.lineage.holders(keys) if key not in self.retired]

    def _named(self, key: str) -> Term:
        return Term(key, self.definition("topic", key).label or key)

    def definition(self, kind: str, key: str) -> Definition:
        """Return what the config says about a feed."""
        return self.defined.get(key, NOTHING) if kind == "topic" else NOTHING

    def extent_of(self, kind: str, key: str) -> Extent:
        """Return how much the subscription document of a feed holds."""
        return self.definition(kind, key).extent or self.extent


class Name(NamedTuple):
    """What identifies a feed: its kind and its key (T1)."""

    kind: str
    key: str


@dataclass(frozen=True, slots=True)
class Feed:
    """One feed as the ledger keeps it.

    `created` is when it first was (D8, an empty feed's date), `meta` a hash of its own metadata,
    `changed` when that last changed, `withdrawn` when an item was last taken out of it;
    `wanted` is the slug that another feed already had (T3), else ''.
    `ended` is when it was first seen renamed, merged or retired, None while it goes on; `heir` is
    the key of the topic that it became part of, '' when it was retired (T6). One without a slug has
    left its address to its heir. `name`, its kind and its key, identifies it.
    """

    kind: str
    key: str
    id: str
    slug: str
    label: str
    created: int
    meta: str = ""
    changed: int | None = None
    withdrawn: int | None = None
    wanted: str = ""
    ended: int | None = None
    heir: str = ""
    # Made once, as each rescan asks all feeds for it many times.
    name: Name = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Make the name."""
        object.__setattr__(self, "name", Name(self.kind, self.key))

    @property
    def was_out(self) -> bool:
        """Whether it was ever out: a topic that never had enough items was not."""
        return self.meta != ""

    @property
    def has_address(self) -> bool:
        """Whether it has not left its address to its heir."""
        return self.kind == ALL or self.slug != ""

    @property
    def folder(self) -> str:
        """The folder in out/, with a final `/`, or '' for the feed of everything."""
        return f"{KINDS[self.kind].folder}/{self.slug}/" if self.kind != ALL else ""


EVERYTHING = Name(ALL, "")


def memberships(copy: Copy, terms: Collection[Term], policy: Policy) -> dict[Name, str]:
    """Return the feeds that a published story belongs to, with the label it uses for each.

    `copy` is the winning copy, `terms` the united topics of the story (I4).
    """
    found = {EVERYTHING: ""}
    for kind in policy.by:
        for term in _topics(terms, policy) if kind == "topic" else KINDS[kind].terms(copy):
            floor = policy.definition(kind, term.key).minimum_quality
            if policy.admits(kind, term.key) and (floor is None or copy.quality >= floor):
                found.setdefault(Name(kind, term.key), term.label)
    return found


def _topics(terms: Collection[Term], policy: Policy) -> Collection[Term]:
    """Return the topics that a story with these is in the feeds of, its own ones first."""
    return (*policy.current(terms), *policy.broader(terms))


def address(site: Site, path: str) -> str:
    """Return the public URL of a path in out/ (percent-encoded, T2)."""
    return site.url + _quoted(path)


_quoted = lru_cache(8192)(quote)  # each rescan asks for all feeds, and nothing else does


def label_of(feed: Feed, policy: Policy) -> str:
    """Return the name to show for a feed: the config's, else the first spelling seen (T1)."""
    return policy.definition(feed.kind, feed.key).label or feed.label


def head(
    feed: Feed, policy: Policy, site: Site, files: Mapping[str, str], updated: int
) -> FeedHead:
    """Return the head of `feed`. `files` maps each format to its file name in the folder."""
    definition, label = policy.definition(feed.kind, feed.key), label_of(feed, policy)
    page = address(site, feed.folder)
    if feed.kind == ALL:
        title, description = site.title, site.description or f"Everything from {site.title}"
    else:
        title = definition.title or f"{label} · {site.title}"
        description = definition.description or f"{label}: what {site.title} published"
    return FeedHead(
        kind=feed.kind,
        id=feed.id,
        title=title,
        description=description,
        language=definition.language or site.language,
        updated=updated,
        page=page,
        alternate=(site.home or page) if feed.kind == ALL else page,
        addresses={name: address(site, feed.folder + file) for name, file in files.items()},
        image=definition.image,
    )


def meta(head: FeedHead) -> str:
    """Hash what a head says about its feed, dates apart: a change of it moves `updated` (D8)."""
    own = (head.title, head.description, head.language, head.image, head.alternate)
    return digest("\0".join(own))


def updated(feed: Feed, newest_entry: int | None) -> int:
    """Return the `updated` of a feed whose newest entry was updated then (D8); never the clock."""
    instants = [t for t in (newest_entry, feed.withdrawn, feed.changed) if t is not None]
    return max(instants, default=feed.created)
