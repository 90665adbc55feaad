"""Select: which entries the documents of a feed show, in which order (F6, D7, X1-X4).

Entries are what a story shows, composed from its file, or from what was kept of it (X5, X6).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence, Set
from functools import cache
from typing import NamedTuple

from feedpub.catalogue.content_tables import Stage
from feedpub.core import topics
from feedpub.core.compose import compose, digest_entry, final_window, unlinked
from feedpub.core.feed_lifecycle import digested
from feedpub.core.feeds import Feed, address, label_of, named_hubs, updated
from feedpub.core.model import Chain, Entry, FeedWindow, Kept, Tag, Term
from feedpub.core.policy import Name
from feedpub.core.selection import (
    Digest,
    Month,
    archives_beside,
    by_publication,
    least_size,
    months,
    sealable,
    window,
)
from feedpub.core.stories import Copy, Story, by_link, united_topics, winner
from feedpub.publish.read import ItemCache, Reader
from feedpub.publish.settings import Run

BATCH = 64
"""How many entries are composed at a time."""

MOST_WITHDRAWN = 1000
"""How many withdrawals a feed announces: some 100 KB. The rest is only gone."""


# entries ---------------------------------------------------------------------------------


class _Source(NamedTuple):
    """What a story is shown from: its item (`is_read`) or what was kept of it; its topics, united."""

    kept: Kept
    terms: tuple[Term, ...]
    is_read: bool


class EntryComposer:
    """Composes the entries of stories; `items` are those that were read on the way."""

    def __init__(self, run: Run, items: ItemCache) -> None:
        self._catalogue, self._settings = run.catalogue, run.settings
        self._reader, self._items = Reader.of(run), items
        self.feeds = run.catalogue.feeds.all()
        self.named = {feed.name: feed for feed in self.feeds.values()}
        self._tag = cache(self._tag_of)

    def entries(self, numbers: Sequence[int]) -> dict[int, Entry]:
        """Return the entries of stories by their numbers, those that there can be now.

        The catalogue keeps those that were composed now, also of what only archives show: when its
        file breaks, there is nothing else to show it from (X6).
        """
        known, outdated = self._catalogue.entries.get(numbers)
        missing = [number for number in numbers if number not in known]
        return known | self._composed(missing, outdated) if missing else known

    def _composed(self, numbers: Sequence[int], outdated: dict[int, Kept]) -> dict[int, Entry]:
        """Compose entries. Where a file cannot be used, what was kept of it stands in."""
        catalogue, style = self._catalogue, self._settings.style
        stories, copies = catalogue.stories.get(numbers), self._copies(numbers)
        found = {n: self._source(stories[n], copies[n], outdated.get(n)) for n in numbers}
        sources = {number: source for number, source in found.items() if source}
        keys = {key for source in sources.values() for key in source.kept.targets}
        known = by_link(catalogue.stories.with_keys(keys).values() if keys else ())
        made = {
            n: compose(source.kept, stories[n], source.terms, self._tag, known, style)
            for n, source in sources.items()
        }
        read = [number for number, source in sources.items() if source.is_read]
        catalogue.entries.put((n, made[n][0]) for n in read)
        problems = [p for n in read for p in made[n][1]]
        paths = [stories[n].path for n in read]
        catalogue.files.replace_problems(Stage.COMPOSING, paths, problems)
        return {number: kept.entry for number, (kept, _) in made.items()}

    def _copies(self, numbers: Sequence[int]) -> dict[int, list[Copy]]:
        copies: dict[int, list[Copy]] = {number: [] for number in numbers}
        for file in self._catalogue.files.of_stories(numbers):
            if file.copy is not None and file.story is not None:
                copies[file.story].append(file.copy)
        return copies

    def _source(self, story: Story, copies: list[Copy], kept: Kept | None) -> _Source | None:
        """Return what the story is shown from, or None when it must not be shown, or cannot be."""
        best = winner(copies, story.path)
        if best is None:
            return None
        item = self._items.get(best.path) or self._reader.item(best.path)
        if item is not None:
            kept = None if item.withheld else unlinked(item, self._tag, self._settings.style)
        if kept is None:
            return None
        terms = self._settings.policy.current(united_topics(copies, best))
        return _Source(kept, terms, is_read=item is not None)

    def _tag_of(self, kind: str, term: Term) -> Tag:
        feed = self.named.get(Name(kind, term.key))
        if feed is None:
            return Tag(topics.slug(term.key), term.label)
        return Tag(feed.slug, label_of(feed, self._settings.policy))


# windows ---------------------------------------------------------------------------------


class Selected(NamedTuple):
    """What a document of a feed shows: its subscription document, or the archive of that number.

    `entries` are what a shorter window can be made of, what must stay longest first; `whole`
    says that an archive lacks none of its items. A feed of them has `digests` (N4).
    """

    number: int
    feed: Feed
    window: FeedWindow
    entries: Sequence[Entry] = ()
    archive: int = 0
    whole: bool = True
    digests: Sequence[Digest] | None = None


class Selector:
    """Selects for the feeds of one run, and seals what their subscription documents need not hold."""

    def __init__(self, run: Run, items: ItemCache) -> None:
        self._catalogue, self._settings = run.catalogue, run.settings
        self._archives = run.catalogue.archives
        self._composer = EntryComposer(run, items)
        self.feeds = self._composer.feeds
        self._last = self._archives.last()
        self._hubs = named_hubs(run.settings.hubs, run.catalogue.hubs())
        self._absent: set[str] = set()
        """The ids of items that should be in a window and cannot be shown now."""

    def subscription(self, number: int, feed: Feed) -> Selected:
        """Return what the subscription document of a feed shows, if it is not too large."""
        has_digests = feed.ended is None and digested(feed.name, self._settings.policy)
        digests = self._catalogue.feeds.digests(number) if has_digests else None
        entries = self._entries(number, feed, digests)
        return Selected(number, feed, self._window(number, feed, entries), entries, digests=digests)

    def shortened(self, selected: Selected, count: int) -> Selected:
        """Return the same with only so many of its entries."""
        number, feed, entries = selected.number, selected.feed, selected.entries
        return selected._replace(window=self._window(number, feed, entries[:count]))

    def _entries(self, number: int, feed: Feed, digests: Sequence[Digest] | None) -> list[Entry]:
        """Return the entries of the window, the one that entered last first, edited ones last.

        The list ends where no document could hold more (F6: at most so many bytes). A digest leads to
        its own page, if there are pages.
        """
        extent = self._settings.policy.extent_of(*feed.name)
        if digests is not None:
            pages, zone = self._settings.layout.pages, self._settings.site.timezone
            home = self._settings.head(feed, 0).page
            newest = ((home + f"{one.start}/" * pages, one) for one in digests[: extent.items])
            return [digest_entry(digest, link, zone, whole=not pages) for link, digest in newest]
        feeds = self._catalogue.feeds
        opening = feed.adopted
        arrived = feeds.arrived(number, opening.since) if opening else ()
        members = window(feeds.members(number), feeds.edited(number), extent, opening, arrived)
        found: list[Entry] = []
        size = 0
        # In batches: a feed of large bodies must not be composed far beyond its limit.
        for at in range(0, len(members), BATCH):
            batch = members[at : at + BATCH]
            known = self._composer.entries([member.story for member in batch])
            for member in batch:
                entry = known.get(member.story)
                if entry is None:
                    self._absent.add(member.id)
                    continue
                size += least_size(entry)
                if found and size > extent.bytes:
                    return found
                found.append(entry)
        return found

    def _window(self, number: int, feed: Feed, entries: Sequence[Entry]) -> FeedWindow:
        settings = self._settings
        if feed.ended is not None:
            given = settings.policy, settings.site, settings.layout
            return final_window(feed, self._composer.named, *given)._replace(hubs=self._hubs)
        top = settings.head(feed, updated(feed, max((e.updated for e in entries), default=None)))
        # An item that cannot be shown just now is not sealed for that: it keeps its place.
        chain = self._seal(number, feed, {entry.id for entry in entries} | self._absent)
        is_of_items = digested(feed.name, settings.policy) is None
        withdrawn = self._catalogue.withdrawals.of(number, MOST_WITHDRAWN) if is_of_items else ()
        return FeedWindow(top, by_publication(entries), withdrawn, chain, self._hubs)

    def _seal(self, number: int, feed: Feed, shown: Collection[str]) -> Chain:
        """Seal what must be, now that the subscription document holds the items `shown`.

        Return where that document stands in the chain.
        """
        if not self._settings.is_archived(feed):
            return Chain()
        extent = self._settings.policy.extent_of(*feed.name)
        for members in sealable(self._archives.unsealed(number), shown, extent):
            self._last[number] = self._last.get(number, 0) + 1
            self._archives.seal(number, self._last[number], members)
        return self._chain(feed, 0, self._last.get(number, 0))

    def archives(self, number: int, feed: Feed, damaged: Set[str]) -> list[int]:
        """Return the archives to be written: dirty ones, damaged ones (by path), and the open one."""
        last = self._last.get(number, 0)
        if not last or not self._settings.is_archived(feed):
            return []
        sealed = range(1, last + 1) if damaged else ()
        hit = (n for n in sealed if not damaged.isdisjoint(self._settings.files_of(feed, n)))
        return sorted({*self._archives.dirty(number), last + 1, *hit})

    def archive(self, number: int, feed: Feed, archive: int) -> Selected:
        """Return what an archive shows. It may lack items whose files are unusable now."""
        chain = self._chain(feed, archive, self._last[number])
        held = self._archives
        members = held.members(number, archive) if chain.sealed else held.unsealed(number)
        numbers = [member.story for member in members]
        known = self._composer.entries(numbers)
        entries = [known[number] for number in numbers if number in known]
        # Dated by what it holds, not by what became of its feed since.
        instant = max((entry.updated for entry in entries), default=feed.created)
        top = self._settings.head(feed, instant)._replace(addresses=self._addresses(feed, archive))
        window = FeedWindow(top, by_publication(entries), chain=chain)
        whole = len(entries) == len(members)
        return Selected(number, feed, window, archive=archive, whole=whole)

    def note_written(self, selected: Selected) -> None:
        """Remember what an archive that was written links to; a whole one is as it should be."""
        number, archive, window = selected.number, selected.archive, selected.window
        if window.chain.sealed:
            links = {link.key for entry in window.entries for link in entry.related}
            links.update(key for entry in window.entries for key in entry.sources)
            self._archives.put_links(number, archive, links)
        if selected.whole:
            self._archives.clean(number, archive)

    def months(self, number: int, feed: Feed) -> tuple[Month, ...]:
        """Return the archives of a feed by month, for its page."""
        if number not in self._last or not self._settings.is_archived(feed):
            return ()

        def url(archive: int) -> str:
            first = next(iter(self._settings.paths_of(feed, archive).values()))
            return address(self._settings.site, first)

        return months(self._archives.spans(number), url, self._settings.site.timezone)

    def _chain(self, feed: Feed, archive: int, last: int) -> Chain:
        found = {rel: self._addresses(feed, n) for rel, n in archives_beside(archive, last).items()}
        return Chain(found, sealed=0 < archive <= last)

    def _addresses(self, feed: Feed, archive: int) -> dict[str, str]:
        settings, paths = self._settings, self._settings.paths_of(feed, archive)
        return {name: address(settings.site, paths[name]) for name in settings.layout.files}
