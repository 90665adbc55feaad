"""Feeds: what the ledger keeps of them, their addresses, heads (D8) and tree (F7), and their hubs."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from types import MappingProxyType
from typing import NamedTuple, TypeVar
from urllib.parse import quote, urlsplit

from feedpub.core import topics
from feedpub.core.model import FeedHead, FeedWindow, Site, Term
from feedpub.core.policy import ALL, EVERYTHING, NAMED, Name, Policy
from feedpub.core.stories import Copy, digest

T = TypeVar("T")


class Kind(NamedTuple):
    """A kind of feed: each feed of that kind holds the items that have one name.

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
        Kind(NAMED, "feeds", "Feeds", lambda _: ()),
        Kind("topic", "topics", "Topics", lambda copy: copy.topics),
        Kind("category", "categories", "Categories", lambda c: (c.category,) if c.category else ()),
        Kind("provider", "providers", "Providers", lambda copy: _terms(copy.provider)),
        Kind("author", "authors", "Authors", lambda copy: _terms(*copy.authors)),
        Kind("type", "types", "Types", lambda copy: _terms(copy.type)),
        Kind("language", "languages", "Languages", lambda copy: _terms(copy.language)),
    )
}
"""The kinds of feeds in the order of lists.

The feed of everything is none of these kinds; it has no folder.
"""

BY = tuple(kind for kind in KINDS if kind != NAMED)
"""The kinds that items ask for, if a site wants them (`feeds.by`)."""


class Place(NamedTuple):
    """An address of a feed in one format: its path in out/, and since when it is given up, 0 if not.

    `home` is the path that it would have in the folder of the feed, where it has another one: page
    and archives are there.
    """

    format: str
    path: str
    ended: int = 0
    home: str = ""


class Opening(NamedTuple):
    """What the readers of an adopted feed have seen: the `items` of its old documents, by story id.

    Of what there was by then, first out at the instant `since` or before, it never shows more (F6).
    """

    since: int
    items: tuple[str, ...]


class Feed(NamedTuple):
    """One feed as the ledger keeps it.

    `created` is when it first was (D8, an empty feed's date), `meta` a hash of its own metadata,
    `changed` when that last changed, `withdrawn` when an item was last taken out of it;
    `wanted` is the slug that another feed already had (T3), else ''.
    `ended` is when it was first seen renamed, merged or retired, None while it goes on; `heir` is
    the key of the topic that it became part of, '' when it was retired (T6). One without a slug has
    left its address to its heir. `places` are all addresses that it has or had, none where these are
    the default ones of its folder (T6). One that was `adopted` goes on with what its readers know.
    `rule` is a hash of the rule of a named one, by which all stories were asked (N2). Its digests are
    of what entered after `begun`, and the last period that was looked at ended at `looked` (N4).
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
    places: tuple[Place, ...] = ()
    adopted: Opening | None = None
    rule: str = ""
    begun: int = 0
    looked: int = 0

    @property
    def name(self) -> Name:
        """What identifies it."""
        return Name(self.kind, self.key)

    @property
    def was_out(self) -> bool:
        """Whether it was ever out: a topic that never had enough items was not."""
        return self.meta != ""

    @property
    def has_address(self) -> bool:
        """Whether it has not left its address to its heir."""
        return self.kind == ALL or self.slug != ""


FOLDERS = {ALL: "", **{kind.name: kind.folder for kind in KINDS.values()}}
"""The folder of each kind in out/ where the config says nothing of it."""


class Layout(NamedTuple):
    """Where the documents of feeds are in out/.

    `files` maps each format to its file name, `folders` kinds to folders in place of the usual ones,
    and `addresses` feeds to the paths of single documents, by format, that are not in their folders.
    Without `pages` of ours the site's own are taken to be where the first document of a feed is.
    """

    files: Mapping[str, str] = MappingProxyType({})
    folders: Mapping[str, str] = MappingProxyType({})
    addresses: Mapping[Name, Mapping[str, str]] = MappingProxyType({})
    pages: bool = True

    def folder(self, feed: Feed) -> str:
        """Return the folder of a feed, with a final `/`; '' is out/ itself."""
        parts = self.folders.get(feed.kind, FOLDERS[feed.kind]), feed.slug
        return "".join(f"{part}/" for part in parts if part)

    def homes(self, feed: Feed) -> dict[str, str]:
        """Return the paths that the documents of a feed have in its folder, by format."""
        folder = self.folder(feed)
        return {name: folder + file for name, file in self.files.items()}

    def documents(self, feed: Feed) -> dict[str, str]:
        """Return the paths of the subscription documents of a feed, by format."""
        own = self.addresses.get(feed.name, {})
        return {name: own.get(name, home) for name, home in self.homes(feed).items()}


def feed_named(label: str, policy: Policy) -> Name:
    """Return the feed that people call `everything`, `KIND/NAME`, or just by its name.

    That is the named feed of that name, if there is one, else the topic. A topic has its name of
    today (T6).
    """
    kind, slash, name = label.partition("/")
    if kind not in KINDS or not slash:
        name, kind = label, NAMED if topics.key(label) in policy.named else "topic"
    key = topics.key(name)
    if label == "everything":
        return EVERYTHING
    return Name(kind, policy.aliases.get(key, key) if kind == "topic" else key)


def address(site: Site, path: str) -> str:
    """Return the public URL of a path in out/ (percent-encoded, T2)."""
    return site.url + quote(path)


def label_of(feed: Feed, policy: Policy) -> str:
    """Return the name to show for a feed: the config's, else the first spelling seen (T1)."""
    return policy.definition(feed.kind, feed.key).label or feed.label


def head(feed: Feed, policy: Policy, site: Site, layout: Layout, updated: int) -> FeedHead:
    """Return the head of `feed`, of whose documents `layout` says where they are."""
    definition, label = policy.definition(feed.kind, feed.key), label_of(feed, policy)
    documents, place = layout.documents(feed), layout.folder(feed)
    if not layout.pages:
        place = "".join(next(iter(documents.values()), place).rpartition("/")[:2])
    page, own = address(site, place), label if feed.kind == "language" else ""
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
        language=definition.language or own or site.language,
        updated=updated,
        page=page,
        alternate=(site.home or page) if feed.kind == ALL else page,
        addresses={n: address(site, path) for n, path in documents.items()},
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


def is_live(feed: Feed, policy: Policy) -> bool:
    """Say whether a feed is published: it has been out, has not ended, and the config wants it."""
    return feed.was_out and feed.ended is None and policy.admits(feed.kind, feed.key)


def tree(
    feeds: Collection[Feed], policy: Policy, show: Callable[[Feed, tuple[T, ...]], T]
) -> tuple[T, ...]:
    """Return the feeds that go on, each once, as `show` has them with those right below them.

    That of everything is first; the others follow by kind, in the order of `KINDS`, then by
    label. A topic whose parent has no feed is below the nearest topic above that has one, if any.
    `feeds` are all that the ledger has, in any order.
    """
    live = {feed.name: feed for feed in feeds if is_live(feed, policy)}
    kinds = (ALL, *KINDS)

    def parent(feed: Feed) -> Name | None:
        above = policy.above(feed.key) if feed.kind == "topic" else ()
        return next((name for key in above if (name := Name("topic", key)) in live), None)

    def shown(above: Name | None) -> tuple[T, ...]:
        return tuple(show(feed, shown(feed.name)) for feed in below.get(above, ()))

    below: dict[Name | None, list[Feed]] = {}
    for feed in sorted(
        live.values(),
        key=lambda f: (kinds.index(f.kind), label_of(f, policy).casefold(), f.key),
    ):
        below.setdefault(parent(feed), []).append(feed)
    return shown(None)


# hubs (WebSub): when documents name one (W1), and of what it is to be told (W2) ------------------

# There are readers that ask a feed which names a hub only once a day: one is named while it answers.
REST, PATIENCE = 86_400, 3 * 86_400
"""Seconds between two changes of whether a hub is named, and that one which is may not answer."""


class Hub(NamedTuple):
    """A hub as the ledger keeps it, with what it was `told` of feeds by name, a hash each.

    `changed` is when it was last named or dropped, 0 if never; `failing` since when it did not
    answer with success, 0 while it does.
    """

    url: str
    is_named: bool = False
    changed: int = 0
    failing: int = 0
    told: dict[str, str] = {}  # noqa: RUF012 - nothing changes it

    @property
    def host(self) -> str:
        """What messages call it: the rest of its address may be a secret."""
        return urlsplit(self.url).netloc

    def answered(self, error: str, now: int, *, is_safe: bool) -> Hub:
        """Return it after an answer, a success where `error` is ''; it is named where that `is_safe`."""
        # Of an instant to come, as a clock ran ahead, nothing is known.
        failing = min(self.failing or now, now) if error else 0
        is_named = is_safe and (not error or (self.is_named and now - failing < PATIENCE))
        if is_named != self.is_named and not 0 <= now - self.changed < REST:
            return self._replace(is_named=is_named, changed=now, failing=failing)
        return self._replace(failing=failing)


def named_hubs(urls: Iterable[str], known: Mapping[str, Hub]) -> tuple[str, ...]:
    """Return which of the hubs of the config documents name."""
    return tuple(url for url in urls if url in known and known[url].is_named)


def news_of(window: FeedWindow, *, scores: bool) -> str:
    """Return a hash of what a window shows; which hubs, and scores that nobody sees, are no news."""
    if not scores:
        shown = (entry._replace(quality=0, heat=0) for entry in window.entries)
        window = window._replace(entries=tuple(shown))
    return digest(repr(window._replace(hubs=())), 6)
