"""Entries: what a story shows, composed from its file, or from what was kept of it (X5, X6)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import NamedTuple

from feedpub.core.compose import Composed, Kept, compose, own_tag, refreshed
from feedpub.core.feeds import Feed, Name, label_of
from feedpub.core.model import Entry, Item, Related, Tag, Term
from feedpub.core.stories import Copy, Story, keys_of, united_topics, winner
from feedpub.publish.ports import Stage
from feedpub.publish.read import ItemCache, Reader
from feedpub.publish.run import Run


class _Source(NamedTuple):
    """What a story is shown from: its item, or what was kept of it, and the united topics."""

    origin: Item | Kept
    terms: tuple[Term, ...]

    @property
    def links(self) -> tuple[Related, ...]:
        """All its related links."""
        return self.origin.related if isinstance(self.origin, Item) else self.origin.links


class EntryComposer:
    """Composes the entries of stories; `items` are those that were read on the way."""

    def __init__(self, run: Run, feeds: Mapping[int, Feed], items: ItemCache) -> None:
        self._catalogue = run.catalogue
        self._settings = run.settings
        self._reader = Reader.of(run)
        self._items = items
        self._feeds = {feed.name: feed for feed in feeds.values()}
        self._tag = cache(self._tag_of)

    def compose(self, numbers: Sequence[int], *, keep: bool = True) -> dict[int, Entry]:
        """Return the entries of stories by their numbers, those that there can be now.

        Where a file cannot be used, what was kept of it stands in, brought up to date. The
        catalogue is given them to `keep` until they are outdated.
        """
        catalogue = self._catalogue
        stories, copies = catalogue.stories.get(numbers), self._copies(numbers)
        outdated = catalogue.entries.outdated(numbers)
        sources = {n: self._source(stories[n], copies[n], outdated.get(n)) for n in numbers}
        find = self._finder(source for source in sources.values() if source)
        made: dict[int, Composed] = {}
        entries: dict[int, Entry] = {}
        for number, source in sources.items():
            found = source and self._composed(stories[number], source, find)
            if isinstance(found, Composed):
                made[number], entries[number] = found, found.kept.entry
            elif found is not None:
                entries[number] = found
        if keep:
            catalogue.entries.put((n, c.kept) for n, c in made.items())
            paths = [stories[n].path for n in made]
            problems = [p for c in made.values() for p in c.problems]
            catalogue.files.replace_problems(Stage.COMPOSING, paths, problems)
        return entries

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
        origin = item or kept
        if origin is None or (item and item.withheld):
            return None
        return _Source(origin, self._settings.policy.current(united_topics(copies, best)))

    def _finder(self, sources: Iterable[_Source]) -> Callable[[str], Story | None]:
        """Return what finds the story that a link of `sources` leads to: one that is out, if any."""
        keys = {link.key for source in sources for link in source.links}
        targets = self._catalogue.stories.with_keys(keys).values() if keys else ()
        known: dict[str, Story] = {}
        for story in sorted(targets, key=lambda s: (s.state, s.id)):
            for key in keys_of(story):
                known.setdefault(key, story)
        return known.get

    def _composed(
        self, story: Story, source: _Source, find: Callable[[str], Story | None]
    ) -> Composed | Entry:
        given = (story, source.terms, self._tag, find, self._settings.style)
        if isinstance(source.origin, Item):
            return compose(source.origin, *given)
        return refreshed(source.origin, *given)

    def _tag_of(self, kind: str, term: Term) -> Tag:
        feed = self._feeds.get(Name(kind, term.key))
        return Tag(feed.slug, label_of(feed, self._settings.policy)) if feed else own_tag(term)
